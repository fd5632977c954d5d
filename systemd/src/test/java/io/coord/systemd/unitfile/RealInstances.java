package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ExitRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/** Instances in the user manager of {@code script/with-systemd}, through systemctl. */
record RealInstances(Path unitDir, Path folder, InstanceFilesOnDisk files) {
  private static final String PREFIX = "brain-experiment";

  /** Only ends a test that hangs: a busy machine is no failure. */
  private static final int HANG_SECONDS = 180;

  static RealInstances in(Path folder) throws Exception {
    String runtimeDir = System.getenv("XDG_RUNTIME_DIR");
    Assumptions.assumeTrue(
        runtimeDir != null && systemctl("show", "--property=Version").code() == 0,
        "no user manager answers: run this with script/with-systemd");
    Path unitDir = Path.of(runtimeDir, "systemd", "user");
    Path lib = folder.resolve("lib");
    new UnitFileInstaller(
            unitDir,
            new UnitFilePaths(
                Path.of("/usr/bin/coord"),
                lib,
                folder.resolve("config"),
                folder.resolve("state"),
                folder.resolve("run"),
                unitDir,
                folder.resolve("runner"),
                new UnitFilePaths.Nvpmodel(folder.resolve("nvpmodel"), folder.resolve("said"))),
            false)
        .install();
    systemctl("daemon-reload");
    return new RealInstances(
        unitDir,
        folder,
        new InstanceFilesOnDisk(
            PREFIX, unitDir, folder.resolve("run"), folder.resolve("state"), lib));
  }

  static UnitTestPrograms.Ended systemctl(String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("systemctl", "--user"));
    command.addAll(List.of(arguments));
    return UnitTestPrograms.run(Map.of("LC_ALL", "C.UTF-8"), command);
  }

  static String unit(String instance) {
    return PREFIX + "@" + instance + ".service";
  }

  Path dropIns(String instance) {
    return unitDir.resolve(unit(instance) + ".d");
  }

  /** Writes, starts, waits until it is down for good, and expects success. */
  void runToEnd(InstanceSpecs specs) throws Exception {
    files.prepare(specs.spec());
    startAndWait(specs.spec().instance());
  }

  void startAndWait(String instance) throws Exception {
    UnitTestPrograms.Ended ended = startUntilDown(instance);
    assertThat(ended.code()).as(ended.output()).isZero();
  }

  /** Starts, and waits until its first run is over. */
  UnitTestPrograms.Ended startUntilDown(String instance) throws Exception {
    systemctl("reset-failed", unit(instance));
    return systemctl("start", "--wait", unit(instance));
  }

  /** Starts, and waits until it is out of restarts, which systemd tells another unit. */
  void startUntilFailed(String instance) throws Exception {
    Path failed = folder.resolve("failed");
    Files.createDirectories(failed);
    Files.deleteIfExists(failed.resolve(instance));
    Files.writeString(
        unitDir.resolve("coord-test-failed@.service"),
        "[Service]\nType=oneshot\nExecStart=/bin/sh -c ': >" + failed + "/%i'\n");
    Files.writeString(
        dropIns(instance).resolve("60-test.conf"),
        "[Unit]\nOnFailure=coord-test-failed@%i.service\n");
    systemctl("daemon-reload");
    systemctl("reset-failed", unit(instance));
    systemctl("start", unit(instance));
    await(failed, instance + " is failed", () -> Files.exists(failed.resolve(instance)));
    Files.delete(dropIns(instance).resolve("60-test.conf"));
    Files.delete(unitDir.resolve("coord-test-failed@.service"));
  }

  String show(String instance, String property) throws Exception {
    return systemctl("show", "--value", "--property=" + property, unit(instance))
        .output()
        .replaceFirst("\n$", "");
  }

  /** Waits for exit records to be written, not for time to pass. */
  List<ExitRecord> awaitRecords(String instance, int count) throws Exception {
    await(
        folder.resolve("state/exits"),
        count + " exit records of " + instance,
        () -> files.exitRecords(instance, 0).size() >= count);
    return files.exitRecords(instance, 0);
  }

  /** Waits until it is told, by a program of the experiment or by systemd, in a file. */
  void awaitLines(Path file, int count) throws Exception {
    await(
        folder(file),
        count + " lines in " + file,
        () -> {
          try {
            return Files.exists(file) && Files.readAllLines(file).size() >= count;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static Path folder(Path file) {
    return Objects.requireNonNull(file.getParent(), "a file in a folder");
  }

  private static void await(Path where, String what, BooleanSupplier condition)
      throws IOException, InterruptedException {
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      where.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      while (!condition.getAsBoolean()) {
        WatchKey key = watch.poll(HANG_SECONDS, TimeUnit.SECONDS);
        if (key == null) {
          throw new AssertionError("waited " + HANG_SECONDS + " s in vain: " + what);
        }
        key.pollEvents();
        key.reset();
      }
    }
  }

  void close() throws Exception {
    for (String instance : files.prepared()) {
      systemctl("stop", unit(instance));
      systemctl("reset-failed", unit(instance));
      files.discard(instance);
    }
    Files.deleteIfExists(unitDir.resolve(PREFIX + "@.service"));
    Files.deleteIfExists(unitDir.resolve("brain.slice"));
    Files.deleteIfExists(unitDir.resolve("coord-gpu-clock@.service"));
    Files.deleteIfExists(unitDir.resolve("coord-nvpmodel@.service"));
    systemctl("daemon-reload");
  }
}
