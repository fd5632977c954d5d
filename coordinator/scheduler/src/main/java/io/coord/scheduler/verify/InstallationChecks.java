package io.coord.scheduler.verify;

import io.coord.persistence.Storage;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.thermal.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the coordinator stands on: rights, sensors, database, disk, clock, socket, journal. */
final class InstallationChecks {

  /** Room for a long history, its backup, and output of experiments that nobody rotates yet. */
  private static final long ROOM_BYTES = 1L << 30;

  /** With less, an enqueue may be refused at any moment. */
  private static final long MIN_BYTES = 64L << 20;

  /** Before coord was written. */
  private static final Instant TOO_EARLY = Instant.parse("2025-01-01T00:00:00Z");

  private static final Instant TOO_LATE = Instant.parse("2100-01-01T00:00:00Z");

  private InstallationChecks() {}

  static List<Fact> of(Installation installation) {
    Installation.Store store = installation.store();
    return List.of(
        rights(installation),
        sensors(installation),
        durability(store.storage()),
        whole(store),
        disk(store.disk()),
        clock(installation),
        socket(installation.socket()),
        journal(installation.journal()));
  }

  private static Fact rights(Installation installation) {
    String name = "bus-rights";
    String wanted = "may control units";
    Optional<String> problem = installation.rights();
    return problem.isEmpty()
        ? Fact.good(name, wanted, wanted)
        : Fact.fault(
            name,
            problem.get(),
            wanted,
            installation.user()
                ? "look with 'systemctl --user status' whether your service manager is there"
                : "run the coordinator as root: 'coord --user daemon' is for everybody else");
  }

  /** Which zones, and why one cannot be read, is for {@code coord doctor}. */
  private static Fact sensors(Installation installation) {
    String name = "sensors";
    String wanted = "zones can be read";
    if (installation.heat().blind()) {
      return Fact.fault(
          name,
          installation.heat().reason(),
          wanted,
          "'coord doctor' tells which zone cannot be read, and why");
    }
    return Fact.good(
        name,
        installation
            .heat()
            .hottest()
            .map(zone -> "zones can be read; the hottest is " + zone.type())
            .orElse("this machine has no zones; nothing is stopped by heat"),
        wanted);
  }

  private static Fact durability(Reading<Storage> storage) {
    String name = "database-durability";
    String wanted = "wal, full";
    if (storage.value().isEmpty()) {
      return Fact.fault(
          name, storage.fault(), wanted, "look into the log; 'coord backup' while it still can");
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
            "a power cut can lose what was acknowledged: have the state on a local file system");
  }

  private static Fact whole(Installation.Store store) {
    String name = "database-check";
    String wanted = "whole";
    if (store.damage().isPresent()) {
      return Fact.fault(
          name,
          store.damage().get(),
          wanted,
          "copy the file, then start the coordinator anew: it sets the damaged file aside");
    }
    return store.storage().value().filter(Storage::checked).isPresent()
        ? Fact.good(name, "read to its end, no damage", wanted)
        : Fact.odd(name, "not read to its end yet", wanted, "ask again in some seconds");
  }

  private static Fact disk(Reading<Installation.Disk> reading) {
    String name = "disk";
    String wanted = "at least " + ByteSize.format(ROOM_BYTES) + " free, on a disk";
    if (reading.value().isEmpty()) {
      return Fact.fault(name, reading.fault(), wanted, "look whether the state's folder is there");
    }
    Installation.Disk disk = reading.value().get();
    String free = ByteSize.format(disk.freeBytes());
    String measured = "%s free on %s, '%s'".formatted(free, disk.type(), disk.folder());
    if (disk.type().equals("tmpfs") || disk.type().equals("ramfs")) {
      return Fact.fault(
          name,
          measured,
          wanted,
          "what is in memory is gone after a boot, the queue too: move it with COORD_STATE_DIR");
    }
    if (disk.freeBytes() >= ROOM_BYTES) {
      return Fact.good(name, measured, wanted);
    }
    String remedy = "make room: output of experiments is in '" + disk.folder() + "/output'";
    return disk.freeBytes() < MIN_BYTES
        ? Fact.fault(name, measured, wanted, remedy)
        : Fact.odd(name, measured, wanted, remedy);
  }

  private static Fact clock(Installation installation) {
    String name = "clock";
    String wanted = "a present day, synchronized";
    Instant now = installation.now();
    String measured =
        "%s, %s; up for %s"
            .formatted(
                Instant.ofEpochSecond(now.getEpochSecond()),
                installation.clockSynchronized() ? "synchronized" : "not known to be synchronized",
                Durations.brief(Duration.ofSeconds(installation.uptime().toSeconds())));
    if (now.isBefore(TOO_EARLY) || !now.isBefore(TOO_LATE)) {
      return Fact.fault(
          name,
          measured,
          wanted,
          "set the clock (timedatectl): schedules and --not-before go by it; waits and limits do"
              + " not");
    }
    return installation.clockSynchronized()
        ? Fact.good(name, measured, wanted)
        : Fact.odd(
            name,
            measured,
            wanted,
            "let systemd-timesyncd keep it right; if another program does, all is well");
  }

  private static Fact socket(Reading<Installation.SocketFile> reading) {
    String name = "socket";
    if (reading.value().isEmpty()) {
      return Fact.fault(
          name, reading.fault(), "a socket", "start the coordinator anew: it makes the socket");
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
            "start the coordinator anew; who may ask it is decided by mode and owner");
  }

  private static Fact journal(Reading<Installation.Journal> reading) {
    String name = "journal";
    String wanted = "can be read, outlives a boot";
    if (reading.value().isEmpty()) {
      return Fact.odd(
          name,
          reading.fault(),
          wanted,
          "look with 'systemctl status systemd-journald'; the output of experiments has files of"
              + " its own");
    }
    Installation.Journal journal = reading.value().get();
    return journal.persistent()
        ? Fact.good(name, "'" + journal.folder() + "'", wanted)
        : Fact.odd(
            name,
            "'" + journal.folder() + "', in memory",
            wanted,
            "to keep it over a boot: mkdir /var/log/journal, then restart systemd-journald");
  }
}
