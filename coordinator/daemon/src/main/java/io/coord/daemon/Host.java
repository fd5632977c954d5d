package io.coord.daemon;

import io.coord.thermal.Cores;
import io.coord.thermal.sysfs.CpuFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Facts of the machine, from procfs and sysfs. */
final class Host {
  private final Path proc;
  private final Path sysfs;

  Host(Path proc, Path sysfs) {
    this.proc = proc;
    this.sysfs = sysfs;
  }

  /** Names the present boot; changes with each. */
  String bootId() {
    return read(proc.resolve("sys/kernel/random/boot_id")).strip();
  }

  /** The memory of the machine in bytes. */
  long memTotalBytes() {
    Optional<String> total =
        read(proc.resolve("meminfo")).lines().filter(l -> l.startsWith("MemTotal:")).findFirst();
    if (total.isPresent()) {
      return Long.parseLong(total.get().replaceAll("\\D", "")) * 1024;
    }
    throw new UncheckedIOException(
        new IOException("cannot find MemTotal in '" + proc.resolve("meminfo") + "'"));
  }

  /** The cores of the machine, whether or not they are online. */
  Cores cores() {
    // A sysfs that was made up for its sensors has none: then those that this process may use.
    return new CpuFiles(sysfs)
        .present()
        .value()
        .orElseGet(() -> Cores.parse("0-" + (Runtime.getRuntime().availableProcessors() - 1)));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '" + file + "': " + e, e);
    }
  }
}
