package io.coord.coordinator.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Facts of the machine, from procfs. */
final class Host {
  private final Path proc;

  Host(Path proc) {
    this.proc = proc;
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

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '" + file + "': " + e, e);
    }
  }
}
