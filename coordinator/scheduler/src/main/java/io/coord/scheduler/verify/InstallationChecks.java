package io.coord.scheduler.verify;

import io.coord.persistence.Storage;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.thermal.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the coordinator needs: rights, sensors, database, disk, clock, socket, journal. */
final class InstallationChecks {

  /** For a long history, its backup, and output that is not rotated yet. */
  private static final long WANTED_BYTES = 1L << 30;

  /** With less, an enqueue may be refused at any moment. */
  private static final long MIN_BYTES = 64L << 20;

  /** Before coord was written. */
  private static final Instant TOO_EARLY = Instant.parse("2025-01-01T00:00:00Z");

  private static final Instant TOO_LATE = Instant.parse("2100-01-01T00:00:00Z");

  private InstallationChecks() {}

  static List<Fact> of(Installation installation) {
    Installation.Store store = installation.files().store();
    return List.of(
        rights(installation),
        sensors(installation),
        durability(store.storage()),
        integrity(store),
        disk(store.disk()),
        clock(installation),
        socket(installation.access().socket()),
        journal(installation.files().journal()));
  }

  private static Fact rights(Installation installation) {
    String name = "bus-rights";
    String wanted = "may control units";
    Optional<String> problem = installation.access().rightsProblem();
    return problem.isEmpty()
        ? Fact.good(name, wanted, wanted)
        : Fact.fault(
            name,
            problem.get(),
            wanted,
            installation.user()
                ? "check your service manager with 'systemctl --user status'"
                : "run the coordinator as root, or your own one with 'coord --user daemon'");
  }

  /** {@code coord doctor} has the details. */
  private static Fact sensors(Installation installation) {
    String name = "sensors";
    String wanted = "zones can be read";
    if (installation.heat().blind()) {
      return Fact.fault(
          name,
          installation.heat().reason(),
          wanted,
          "'coord doctor' shows which zone cannot be read, and why");
    }
    return Fact.good(
        name,
        installation
            .heat()
            .hottest()
            .map(zone -> "zones can be read; the hottest is " + zone.type())
            .orElse("this machine has no thermal zones; experiments are never stopped by heat"),
        wanted);
  }

  private static Fact durability(Reading<Storage> storage) {
    String name = "database-durability";
    String wanted = "wal, full";
    if (storage.value().isEmpty()) {
      return Fact.fault(name, storage.fault(), wanted, "see the log, and run 'coord backup' now");
    }
    Storage held = storage.value().get();
    String measured =
        "%s, %s, schema %d".formatted(held.journalMode(), held.synchronous(), held.schema());
    boolean durable =
        held.journalMode().equals("wal")
            && (held.synchronous().equals("full") || held.synchronous().equals("extra"));
    return durable
        ? Fact.good(name, measured, wanted)
        : Fact.fault(
            name,
            measured,
            wanted,
            "a power cut can lose acknowledged experiments: put the state on a local file system");
  }

  private static Fact integrity(Installation.Store store) {
    String name = "database-check";
    String wanted = "no damage";
    if (store.damage().isPresent()) {
      return Fact.fault(
          name,
          store.damage().get(),
          wanted,
          "copy the file, then restart the coordinator, which renames the damaged file");
    }
    return store.storage().value().filter(Storage::checked).isPresent()
        ? Fact.good(name, "checked completely, no damage", wanted)
        : Fact.odd(name, "check not finished", wanted, "repeat in some seconds");
  }

  private static Fact disk(Reading<Installation.Disk> reading) {
    String name = "disk";
    String wanted = "at least " + ByteSize.format(WANTED_BYTES) + " free, on a disk";
    if (reading.value().isEmpty()) {
      return Fact.fault(name, reading.fault(), wanted, "check that the state directory exists");
    }
    Installation.Disk disk = reading.value().get();
    String free = ByteSize.format(disk.freeBytes());
    String measured = "%s free on %s, '%s'".formatted(free, disk.type(), disk.folder());
    if (disk.type().equals("tmpfs") || disk.type().equals("ramfs")) {
      return Fact.fault(
          name,
          measured,
          wanted,
          "a reboot deletes the queue: set COORD_STATE_DIR to a directory on a disk");
    }
    if (disk.freeBytes() >= WANTED_BYTES) {
      return Fact.good(name, measured, wanted);
    }
    String remedy =
        "free some space; the output of experiments is in '" + disk.folder() + "/output'";
    return disk.freeBytes() < MIN_BYTES
        ? Fact.fault(name, measured, wanted, remedy)
        : Fact.odd(name, measured, wanted, remedy);
  }

  private static Fact clock(Installation installation) {
    String name = "clock";
    String wanted = "correct, synchronized";
    Instant now = installation.clock().wall();
    String measured =
        "%s, %s; up for %s"
            .formatted(
                Instant.ofEpochSecond(now.getEpochSecond()),
                installation.clock().synchronised() ? "synchronized" : "not synchronized",
                Durations.brief(Duration.ofSeconds(installation.clock().uptime().toSeconds())));
    if (now.isBefore(TOO_EARLY) || !now.isBefore(TOO_LATE)) {
      return Fact.fault(
          name,
          measured,
          wanted,
          "set the clock with 'timedatectl': schedules and --not-before depend on it");
    }
    return installation.clock().synchronised()
        ? Fact.good(name, measured, wanted)
        : Fact.odd(
            name,
            measured,
            wanted,
            "enable systemd-timesyncd, unless another program sets the clock");
  }

  private static Fact socket(Reading<Installation.SocketFile> reading) {
    String name = "socket";
    if (reading.value().isEmpty()) {
      return Fact.fault(
          name, reading.fault(), "a socket", "restart the coordinator: it creates the socket");
    }
    Installation.SocketFile socket = reading.value().get();
    String wanted = socket.wantedMode() + " " + socket.wantedOwner();
    String measured = socket.mode() + " " + socket.owner() + ", '" + socket.path() + "'";
    return socket.mode().equals(socket.wantedMode()) && socket.owner().equals(socket.wantedOwner())
        ? Fact.good(name, measured, wanted)
        : Fact.fault(
            name,
            measured,
            wanted,
            "restart the coordinator; mode and owner decide who may connect");
  }

  private static Fact journal(Reading<Installation.Journal> reading) {
    String name = "journal";
    String wanted = "readable, persistent";
    if (reading.value().isEmpty()) {
      return Fact.odd(
          name,
          reading.fault(),
          wanted,
          "see 'systemctl status systemd-journald'; the output of experiments is in its own files");
    }
    Installation.Journal journal = reading.value().get();
    return journal.persistent()
        ? Fact.good(name, "'" + journal.folder() + "'", wanted)
        : Fact.odd(
            name,
            "'" + journal.folder() + "', in memory",
            wanted,
            "to make it persistent, create /var/log/journal and restart systemd-journald");
  }
}
