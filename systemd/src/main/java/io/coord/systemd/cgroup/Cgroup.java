package io.coord.systemd.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The control group of a unit, read from the kernel's files; version 1 and 2. */
public final class Cgroup {
  /** Where the kernel's cgroups are. */
  public static final Path ROOT = Path.of("/sys/fs/cgroup");

  /** More than any machine has: version 1 shows "no limit" as the largest number. */
  private static final long UNLIMITED_BYTES = 1L << 50;

  private final Path root;

  /** As it is below each hierarchy, without the slash at its beginning. */
  private final String path;

  /**
   * @param controlGroup as systemd names it
   */
  public Cgroup(String controlGroup) {
    this(ROOT, controlGroup);
  }

  /**
   * @param root in place of {@link #ROOT}
   * @param controlGroup as systemd names it
   */
  public Cgroup(Path root, String controlGroup) {
    this.root = root;
    this.path = controlGroup.replaceFirst("^/+", "");
  }

  public static boolean isVersion2() {
    return isVersion2(ROOT);
  }

  /** Whether the cgroups below this folder are of version 2, all of them. */
  public static boolean isVersion2(Path root) {
    return Files.exists(root.resolve("cgroup.controllers"));
  }

  /**
   * A limit that the kernel enforces for this cgroup.
   *
   * @param file where it was read
   * @param value in bytes, percent of a core, or tasks; empty if there is none
   */
  public record Limit(String file, Optional<Double> value) {}

  /** Empty if the kernel has no such limit for this cgroup. */
  public Optional<Limit> memory() {
    return isVersion2(root) ? number("", "memory.max") : number("memory", "memory.limit_in_bytes");
  }

  /** Empty if the kernel has no such limit for this cgroup, as always with version 1. */
  public Optional<Limit> swap() {
    return isVersion2(root) ? number("", "memory.swap.max") : Optional.empty();
  }

  public Optional<Limit> tasks() {
    return isVersion2(root) ? number("", "pids.max") : number("pids", "pids.max");
  }

  /** In percent of one core. */
  public Optional<Limit> processor() {
    if (isVersion2(root)) {
      return read("", "cpu.max")
          .map(
              text -> {
                String[] quotaAndPeriod = text.split(" ", -1);
                return new Limit(
                    "cpu.max",
                    percent(quotaAndPeriod[0], quotaAndPeriod[quotaAndPeriod.length - 1]));
              });
    }
    for (String hierarchy : List.of("cpu", "cpu,cpuacct")) {
      Optional<String> quota = read(hierarchy, "cpu.cfs_quota_us");
      Optional<String> period = read(hierarchy, "cpu.cfs_period_us");
      if (quota.isPresent() && period.isPresent()) {
        return Optional.of(new Limit("cpu.cfs_quota_us", percent(quota.get(), period.get())));
      }
    }
    return Optional.empty();
  }

  /**
   * The CPU time that its processes have used, of all cores together; empty if it does not exist,
   * or if the kernel does not count it. A cgroup that is made again begins with 0.
   */
  public Optional<Duration> cpuTime() {
    if (isVersion2(root)) {
      return read("", "cpu.stat").flatMap(Cgroup::usage);
    }
    // A hierarchy that its processes are not in counts nothing.
    Stream<Duration> separate =
        Stream.of("cpuacct", "cpu,cpuacct")
            .flatMap(hierarchy -> read(hierarchy, "cpuacct.usage").stream())
            .flatMap(text -> whole(text).stream())
            .map(Duration::ofNanos);
    Stream<Duration> unified = read("unified", "cpu.stat").flatMap(Cgroup::usage).stream();
    return Stream.concat(separate, unified).max(Comparator.naturalOrder());
  }

  private static Optional<Duration> usage(String stat) {
    String name = "usage_usec ";
    return stat.lines()
        .filter(line -> line.startsWith(name))
        .flatMap(line -> whole(line.substring(name.length())).stream())
        .findFirst()
        .map(micros -> Duration.of(micros, ChronoUnit.MICROS));
  }

  private static Optional<Long> whole(String text) {
    try {
      return Optional.of(Long.valueOf(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * The cores that its processes may use, in the kernel's notation; empty if they are not limited,
   * and always with version 1, where systemd does not use cpusets.
   */
  public Optional<String> cores() {
    return isVersion2(root) ? read("", "cpuset.cpus.effective") : Optional.empty();
  }

  /** The controllers available to its children; empty with version 1. */
  public Optional<String> controllers() {
    return isVersion2(root) ? read("", "cgroup.controllers") : Optional.empty();
  }

  private static Optional<Double> percent(String quota, String period) {
    return quota.equals("max") || quota.startsWith("-")
        ? Optional.empty()
        : Optional.of(100.0 * Long.parseLong(quota) / Long.parseLong(period));
  }

  private Optional<Limit> number(String hierarchy, String file) {
    return read(hierarchy, file)
        .map(
            text -> {
              boolean none = text.equals("max") || Double.parseDouble(text) > UNLIMITED_BYTES;
              return new Limit(file, none ? Optional.empty() : Optional.of(Double.valueOf(text)));
            });
  }

  /** Its processes; empty also if it does not exist. */
  public List<String> processes() {
    // systemd tracks processes in one hierarchy: the unified one if it exists.
    for (String hierarchy : isVersion2(root) ? List.of("") : List.of("unified", "systemd")) {
      List<String> processes =
          read(hierarchy, "cgroup.procs").map(String::lines).stream()
              .flatMap(Stream::sorted)
              .filter(line -> !line.isBlank())
              .toList();
      if (!processes.isEmpty()) {
        return processes;
      }
    }
    return List.of();
  }

  private Optional<String> read(String hierarchy, String file) {
    try {
      return Optional.of(
          Files.readString(root.resolve(hierarchy).resolve(path).resolve(file)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
