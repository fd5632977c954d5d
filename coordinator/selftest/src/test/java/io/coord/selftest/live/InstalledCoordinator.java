package io.coord.selftest.live;

import io.coord.systemd.unitfile.PackagedUnitFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The coordinator as a service: the units of the package in a private user manager, with drop-ins
 * for what is at other places there.
 */
final class InstalledCoordinator {
  static final String SERVICE = "brain-experiment-coordinator.service";
  static final String SOCKET = "brain-experiment-coordinator.socket";
  static final String COMPANION = "brain-experiment-coordinator-stop.service";
  static final String TARGET = "brain-experiment.target";

  /**
   * Below the folder of the coordinator's own, as a package's is; nobody else's in a private /run.
   */
  private static final Path UNITS = Path.of("/run/systemd/user");

  private final LiveCoordinator coord;
  private final Path log;
  private final List<Path> files = new ArrayList<>();

  /** Installs the units; nothing is started. */
  InstalledCoordinator(LiveCoordinator coord, Path folder, String... directives) throws Exception {
    this.coord = coord;
    this.log = folder.resolve("service.log");
    Path script = folder.resolve("package/usr/lib/coord/scripts/note-coordinator-stop");
    String noteStop =
        "/bin/sh " + script + " --user %n " + coord.socket().resolveSibling("stopped");
    for (Path file : PackagedUnitFiles.writeBelow(folder.resolve("package"))) {
      // What is for the machine's manager only is in folders of drop-ins.
      if (file.resolveSibling(".").normalize().endsWith("system")) {
        Path unit = UNITS.resolve(String.valueOf(file.getFileName()));
        Files.createDirectories(UNITS);
        Files.copy(file, unit, StandardCopyOption.REPLACE_EXISTING);
        files.add(unit);
      }
    }
    dropIn(SOCKET, List.of("[Socket]", "ListenStream=", "ListenStream=" + coord.socket()));
    List<String> service = new ArrayList<>(List.of("[Service]", "ExecStart="));
    service.addAll(List.of("ExecStartPre=", "ExecStopPost="));
    service.add("ExecStartPre=/bin/rm -f " + coord.socket().resolveSibling("stopped"));
    service.add("ExecStopPost=-" + noteStop);
    service.add("ExecStart=\"" + String.join("\" \"", coord.command()) + "\"");
    for (Map.Entry<String, String> root : coord.roots().entrySet()) {
      service.add("Environment=\"" + root.getKey() + "=" + root.getValue() + "\"");
    }
    // As PID 1 makes its own.
    Files.createDirectories(LiveCoordinator.units());
    service.add("ReadWritePaths=");
    service.add("ReadWritePaths=" + LiveCoordinator.units() + " " + folder);
    service.add("StandardOutput=append:" + log);
    service.add("StandardError=inherit");
    service.add("CPUQuota=");
    // These hide what a container has hidden already, and then the kernel refuses.
    service.addAll(List.of("ProtectKernelLogs=no", "ProtectKernelTunables=no"));
    service.addAll(List.of(directives));
    dropIn(SERVICE, service);
    dropIn(
        "brain-experiment@.service",
        List.of(
            "[Unit]",
            "AssertPathExists=",
            "AssertPathExists=" + LiveCoordinator.units() + "/%n.d/50-coord.conf"));
    dropIn(COMPANION, List.of("[Service]", "ExecStop=", "ExecStop=-" + noteStop));
    systemctl("daemon-reload");
  }

  private void dropIn(String unit, List<String> lines) throws IOException {
    Path file = UNITS.resolve(unit + ".d/90-test.conf");
    Files.createDirectories(file.resolveSibling("."));
    Files.write(file, lines);
    files.add(file);
  }

  /** Changes a directive of the service while it runs. */
  void set(String directive) throws Exception {
    Path file = UNITS.resolve(SERVICE + ".d/95-changed.conf");
    Files.write(file, List.of("[Service]", directive));
    // Before what removes the folder.
    files.add(0, file);
    systemctl("daemon-reload");
  }

  /** A command of systemctl, which must succeed; its output. */
  String systemctl(String... words) throws Exception {
    LivePrograms.Ended ended = LivePrograms.systemctl(words);
    if (ended.code() != 0) {
      throw new AssertionError(
          String.join(" ", words) + ": " + ended.output() + "\n" + log() + status());
    }
    return ended.output();
  }

  private static String status() throws Exception {
    return LivePrograms.systemctl("status", "--no-pager", SERVICE, SOCKET, TARGET).output();
  }

  String show(String unit, String property) throws Exception {
    return systemctl("show", "--value", "--property=" + property, unit);
  }

  /** Waits until a property of the service is as wanted. */
  void await(String property, Predicate<String> wanted) throws Exception {
    try {
      coord.await(property + " of the service", () -> wanted.test(show(SERVICE, property)));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + log() + status(), e);
    }
  }

  String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** Takes everything away again. */
  void remove() throws Exception {
    for (String unit : List.of(TARGET, SOCKET, SERVICE, COMPANION)) {
      LivePrograms.systemctl("stop", unit);
      LivePrograms.systemctl("reset-failed", unit);
    }
    coord.endAll();
    for (Path file : files) {
      Files.deleteIfExists(file);
      if (file.endsWith("90-test.conf")) {
        Files.delete(file.resolveSibling(".").normalize());
      }
    }
    systemctl("daemon-reload");
  }
}
