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
 * @param now the wall clock
 * @param uptime since the boot, by CLOCK_MONOTONIC
 * @param clockSynchronized whether something keeps the clock right
 * @param units each that there should be, in a fixed order
 * @param self the coordinator's own process
 * @param slice what all experiments have together
 * @param controllers what the kernel can bound there
 * @param experiments those that run
 * @param rights why the coordinator may not control units; empty if it may
 * @param heat as seen last
 * @param store the queue's database and the disk that it is on
 * @param socket what people and scripts ask at
 * @param journal where systemd's journal is
 */
public record Installation(
    boolean user,
    Instant now,
    Duration uptime,
    boolean clockSynchronized,
    List<Unit> units,
    Self self,
    Slice slice,
    Controllers controllers,
    List<Experiment> experiments,
    Optional<String> rights,
    Heat heat,
    Store store,
    Reading<SocketFile> socket,
    Reading<Journal> journal) {

  public Installation {
    units = List.copyOf(units);
    experiments = List.copyOf(experiments);
  }

  /** A unit, and how it is installed. */
  public record Unit(String name, Reading<UnitFacts> facts) {}

  /**
   * What the kernel bounds a cgroup by.
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

    /** Nothing was measured, for a reason. */
    public static Bounds missing(String why) {
      return new Bounds(
          Reading.missing(why), Reading.missing(why), Reading.missing(why), Reading.missing(why));
    }
  }

  /**
   * The coordinator's own process.
   *
   * @param unit the unit that it runs in; blank if that is not known
   * @param oomScoreAdjust how willingly the kernel kills it
   */
  public record Self(String unit, Bounds bounds, Reading<Integer> oomScoreAdjust) {}

  /**
   * What all experiments have together.
   *
   * @param memoryBytes what they are to have
   * @param cores what they are to have; empty for all
   * @param status what systemd knows
   * @param bounds what the kernel knows; missing while nothing has run in it
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

  /** An experiment that runs, and what the kernel bounds it by. */
  public record Experiment(Inspection.Bounded asked, Bounds bounds) {}

  /**
   * The database and its disk.
   *
   * @param damage what is wrong with what is stored, as far as anybody has met it
   * @param disk where the state is
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
   * @param persistent whether it outlives a boot
   */
  public record Journal(String folder, boolean persistent) {}
}
