package io.coord.scheduler.testing;

import io.coord.persistence.Storage;
import io.coord.scheduler.verify.Inspection;
import io.coord.scheduler.verify.Installation;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.UnitFacts;
import io.coord.thermal.Cores;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Reading;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/** An installation in which everything is as it should be, until a test changes a part of it. */
public final class SampleInstallation implements Inspection {
  public static final long GIB = 1L << 30;

  public boolean user;
  public Instant now = Instant.parse("2026-11-20T12:00:00Z");
  public boolean clockSynchronized = true;
  public final Map<String, UnitFacts> units = new TreeMap<>();
  public String service = "brain-experiment-coordinator.service";
  public Installation.Bounds self = bounds(512L << 20, 100);
  public Reading<Integer> oomScore = Reading.of(-900);
  public long totalBytes = 8 * GIB;
  public Cores cores = Cores.of();
  public Reading<SliceStatus> slice = slice(8 * GIB, "/brain.slice");
  public Installation.Bounds sliceBounds = bounds(8 * GIB, 400);
  public boolean version2 = true;
  public List<String> controllers = List.of("cpu", "cpuset", "io", "memory", "pids");
  public final List<Installation.Experiment> running = new ArrayList<>();
  public Optional<String> rights = Optional.empty();
  public Heat heat =
      new Heat(
          HeatState.NORMAL,
          now,
          Optional.empty(),
          "cool",
          false,
          true,
          Optional.of(
              new ZoneReading(
                  "thermal_zone0", "cpu-thermal", Optional.of(new MilliCelsius(45_000)), "")));
  public Reading<Storage> storage = Reading.of(new Storage("wal", "full", 2, true));
  public Optional<String> damage = Optional.empty();
  public Reading<Installation.Disk> disk =
      Reading.of(new Installation.Disk("/var/lib/coord", "ext4", 20 * GIB));
  public Reading<Installation.SocketFile> socket = socket("rw-rw-rw-", "root");
  public Reading<Installation.Journal> journal =
      Reading.of(new Installation.Journal("/var/log/journal", true));

  public SampleInstallation() {
    unit("brain-experiment@.service", "disabled", "exec");
    unit("brain.slice", "static", "");
    unit("brain-experiment-coordinator.service", "enabled", "notify");
    unit("brain-experiment-coordinator.socket", "enabled", "");
    unit("brain-experiment.target", "enabled", "");
  }

  private void unit(String name, String enabled, String type) {
    String folder = "/usr/lib/systemd/system/";
    boolean service = type.equals("notify");
    units.put(
        name,
        new UnitFacts(
            name,
            "loaded",
            folder + name,
            type.equals("exec") ? List.of(folder + name + ".d/10-machine.conf") : List.of(),
            false,
            enabled,
            type,
            service
                ? new UnitFacts.WatchdogStatus(
                    Optional.of(Duration.ofMinutes(1)), Optional.of(Duration.ofSeconds(90)))
                : UnitFacts.WatchdogStatus.NONE));
  }

  public static Installation.Bounds bounds(long memoryBytes, long cpuPercent) {
    return new Installation.Bounds(
        Reading.of(OptionalLong.of(memoryBytes)),
        Reading.of(OptionalLong.of(cpuPercent)),
        Reading.of(OptionalLong.of(512)),
        Reading.of(Cores.parse("0-3")));
  }

  public static Reading<SliceStatus> slice(long memoryBytes, String group, Integer... cores) {
    return Reading.of(
        new SliceStatus(
            "brain.slice",
            OptionalInt.empty(),
            memoryBytes == 0 ? OptionalLong.empty() : OptionalLong.of(memoryBytes),
            new TreeSet<>(List.of(cores)),
            false,
            group));
  }

  public static Reading<Installation.SocketFile> socket(String mode, String owner) {
    return Reading.of(
        new Installation.SocketFile("/run/coord/coord.sock", mode, "rw-rw-rw-", owner, "root"));
  }

  /** An experiment that runs with these limits, of 2 GiB and 80 %. */
  public void runs(String id, long memoryBytes, long cpuPercent) {
    running.add(
        new Installation.Experiment(
            new Bounded(id, 2 * GIB, OptionalInt.of(80)), bounds(memoryBytes, cpuPercent)));
  }

  public Installation now() {
    return new Installation(
        user,
        new Installation.ClockReading(now, Duration.ofSeconds(100), clockSynchronized),
        units.values().stream()
            .map(unit -> new Installation.Unit(unit.unit(), Reading.of(unit)))
            .toList(),
        new Installation.Self(service, self, oomScore),
        new Installation.KernelLimits(
            new Installation.Slice(totalBytes, cores, slice, sliceBounds),
            new Installation.Controllers(version2, controllers),
            running),
        new Installation.Access(rights, socket),
        heat,
        new Installation.DataFiles(new Installation.Store(storage, damage, disk), journal));
  }

  /** What the test has set, whatever is asked about. */
  @Override
  public Installation measure(List<Bounded> experiments, Heat ignored) {
    experiments.forEach(
        asked ->
            running.add(
                new Installation.Experiment(
                    asked, bounds(asked.memoryBytes(), asked.cpuPercent().orElse(1)))));
    return now();
  }
}
