package io.coord.scheduler.verify;

import io.coord.persistence.Storage;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.UnitFacts;
import io.coord.thermal.Cores;
import io.coord.thermal.Heat;
import io.coord.thermal.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was measured of an installation at one moment.
 *
 * @param user whether this is one user's own coordinator, on that user's service manager
 * @param clock the clocks of the machine
 * @param units each unit that there should be, in a fixed order
 * @param self the coordinator's own process
 * @param limits what the kernel limits experiments to
 * @param access what the coordinator and its users may do
 * @param heat the thermal state that was read last
 * @param files where data are kept
 */
public record Installation(
    boolean user,
    ClockReading clock,
    List<Unit> units,
    Self self,
    KernelLimits limits,
    Access access,
    Heat heat,
    DataFiles files) {

  public Installation {
    units = List.copyOf(units);
  }

  /**
   * The clocks of the machine.
   *
   * @param wall the wall clock
   * @param uptime since the boot, by CLOCK_MONOTONIC
   * @param synchronised whether a service keeps the wall clock right
   */
  public record ClockReading(Instant wall, Duration uptime, boolean synchronised) {}

  /**
   * What the kernel limits experiments to.
   *
   * @param slice all experiments together
   * @param controllers the means of the kernel
   * @param experiments each running experiment
   */
  public record KernelLimits(Slice slice, Controllers controllers, List<Experiment> experiments) {
    public KernelLimits {
      experiments = List.copyOf(experiments);
    }
  }

  /**
   * What the coordinator and its users may do.
   *
   * @param rightsProblem why the coordinator may not control units; empty if it may
   * @param socket the file that users connect to
   */
  public record Access(Optional<String> rightsProblem, Reading<SocketFile> socket) {}

  /**
   * Where data are kept.
   *
   * @param store the database and its disk
   * @param journal where systemd's journal is
   */
  public record DataFiles(Store store, Reading<Journal> journal) {}

  /** A unit, and how it is installed. */
  public record Unit(String name, Reading<UnitFacts> facts) {}

  /**
   * The kernel's limits of a cgroup.
   *
   * @param memoryBytes empty if there is no limit
   * @param cpuPercent of one core; empty if there is no limit
   * @param tasks empty if there is no limit
   * @param cores that it may use
   */
  public record Bounds(
      Reading<OptionalLong> memoryBytes,
      Reading<OptionalLong> cpuPercent,
      Reading<OptionalLong> tasks,
      Reading<Cores> cores) {

    /** Nothing could be measured, with the reason. */
    public static Bounds missing(String why) {
      return new Bounds(
          Reading.missing(why), Reading.missing(why), Reading.missing(why), Reading.missing(why));
    }
  }

  /**
   * The coordinator's own process.
   *
   * @param unit the unit that it runs in; blank if that is not known
   * @param oomScoreAdjust how likely the kernel kills it
   */
  public record Self(String unit, Bounds bounds, Reading<Integer> oomScoreAdjust) {}

  /**
   * The slice of all experiments.
   *
   * @param memoryBytes the memory that is set
   * @param cores the cores that are set; empty for all
   * @param status as systemd has it
   * @param bounds as the kernel has it; missing while nothing has run in it
   */
  public record Slice(long memoryBytes, Cores cores, Reading<SliceStatus> status, Bounds bounds) {}

  /**
   * The kernel's controllers.
   *
   * @param version2 whether the cgroups are those of version 2
   * @param present their names, in order
   */
  public record Controllers(boolean version2, List<String> present) {
    public Controllers {
      present = List.copyOf(present);
    }
  }

  /** A running experiment, and the kernel's limits of it. */
  public record Experiment(Inspection.Bounded asked, Bounds bounds) {}

  /**
   * The database and its disk.
   *
   * @param damage the damage that was found in the database; empty if none was
   * @param disk the file system of the state directory
   */
  public record Store(Reading<Storage> storage, Optional<String> damage, Reading<Disk> disk) {}

  /**
   * A file system.
   *
   * @param folder in it
   * @param type for example {@code ext4}
   */
  public record Disk(String folder, String type, long freeBytes) {}

  /**
   * The socket's file.
   *
   * @param mode for example {@code rw-rw-rw-}
   * @param wantedMode what it should be
   */
  public record SocketFile(
      String path, String mode, String wantedMode, String owner, String wantedOwner) {}

  /**
   * The journal.
   *
   * @param persistent whether it outlives a reboot
   */
  public record Journal(String folder, boolean persistent) {}
}
