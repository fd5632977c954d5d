package io.coord.selftest.chaos;

import io.coord.selftest.harness.HarnessException;
import io.coord.selftest.harness.Workspace;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Creates the files that a power cut or a killed daemon may leave; used while no daemon runs. */
final class CrashResidue {
  private final Workspace workspace;
  private final Path units;

  /**
   * @param units where the service manager reads unit files
   */
  CrashResidue(Workspace workspace, Path units) {
    this.workspace = workspace;
    this.units = units;
  }

  /** A half-written drop-in. */
  void dropIn(String id) {
    write(
        units.resolve("brain-experiment@" + id + ".service.d/50-coord.conf"), "[Service]\nExecSta");
  }

  /** Half-written files of an experiment that does not exist yet. */
  void halfWritten(String id) {
    Path instances = workspace.runtime().resolve("instances");
    write(instances.resolve(id + ".env"), "HALF=\"writ");
    write(instances.resolve("." + id + ".base.unfinished"), "#cont");
    write(workspace.state().resolve("exits").resolve(id + ".log"), "0123\t45");
  }

  /** A socket that nobody listens on. */
  void staleSocket() {
    try {
      Files.deleteIfExists(workspace.socket());
      Files.createDirectories(workspace.runtime());
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(workspace.socket()));
      }
    } catch (IOException e) {
      throw new HarnessException("cannot leave a socket at '" + workspace.socket() + "'", e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Path folder = file.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new HarnessException("cannot write '" + file + "'", e);
    }
  }
}
