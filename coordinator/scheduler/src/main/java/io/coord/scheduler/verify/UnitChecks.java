package io.coord.scheduler.verify;

import io.coord.runner.Durations;
import io.coord.systemd.UnitFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Unit files, and what systemd watches of the coordinator. */
final class UnitChecks {
  static final String COORDINATOR = "brain-experiment-coordinator.service";

  /** What every experiment needs; without the others it works, but not by itself after a boot. */
  private static final List<String> NEEDED = List.of("brain-experiment@.service", "brain.slice");

  private static final String TEMPLATE = "brain-experiment@.service";
  private static final List<String> OF_PACKAGES =
      List.of("/usr/lib/systemd/system/", "/lib/systemd/system/");
  private static final String MACHINE_DROP_IN = "/10-machine.conf";
  static final String INSTALL =
      "install coord's package and let systemd run it: systemctl enable --now " + COORDINATOR;

  private UnitChecks() {}

  static List<Fact> of(Installation installation) {
    List<Fact> facts = new ArrayList<>();
    for (Installation.Unit unit : installation.units()) {
      facts.add(file(installation, unit));
    }
    facts.add(watchdog(installation));
    return facts;
  }

  static boolean isService(Installation installation) {
    return installation.self().unit().equals(COORDINATOR);
  }

  private static Fact file(Installation installation, Installation.Unit unit) {
    String name = "unit " + unit.name();
    boolean needed = NEEDED.contains(unit.name());
    String wanted = needed ? "loaded" : "loaded, enabled";
    if (unit.facts().value().isEmpty()) {
      return Fact.fault(
          name, unit.facts().fault(), wanted, "look with 'systemctl status " + unit.name() + "'");
    }
    UnitFacts facts = unit.facts().value().get();
    String measured = measured(facts);
    if (!facts.isLoaded()) {
      boolean fatal = needed || isService(installation);
      if (!fatal) {
        return Fact.odd(name, measured, wanted, INSTALL);
      }
      return Fact.fault(
          name,
          measured,
          wanted,
          switch (facts.load()) {
            case "masked" -> "unmask it: systemctl unmask " + unit.name();
            case "not-found" -> "install coord's package again, or start the coordinator anew";
            default -> "look what is wrong with it: systemd-analyze verify " + unit.name();
          });
    }
    if (!needed && !facts.enabled().equals("enabled")) {
      return Fact.odd(
          name, measured, wanted, "it does not come with a boot: systemctl enable " + unit.name());
    }
    if (facts.needsReload()) {
      return Fact.odd(
          name, measured + "; its files have changed since", wanted, "systemctl daemon-reload");
    }
    return installed(installation, unit.name(), facts, measured, wanted)
        .orElseGet(() -> Fact.good(name, measured, wanted));
  }

  /** What only matters where a package has brought the files. */
  private static Optional<Fact> installed(
      Installation installation, String unit, UnitFacts facts, String measured, String wanted) {
    if (!isService(installation)) {
      return Optional.empty();
    }
    String name = "unit " + unit;
    if (OF_PACKAGES.stream().noneMatch(facts.file()::startsWith)) {
      return Optional.of(
          Fact.odd(
              name,
              measured,
              wanted + ", from the package",
              "'"
                  + facts.file()
                  + "' takes the place of the package's file; remove it unless it is wanted, then"
                  + " systemctl daemon-reload"));
    }
    if (unit.equals(TEMPLATE)
        && facts.dropIns().stream().noneMatch(file -> file.endsWith(MACHINE_DROP_IN))) {
      return Optional.of(
          Fact.fault(
              name,
              measured,
              wanted + ", with 10-machine.conf",
              "install coord's package again: without that file, what is started by hand runs as"
                  + " root"));
    }
    return Optional.empty();
  }

  private static String measured(UnitFacts facts) {
    String dropIns =
        switch (facts.dropIns().size()) {
          case 0 -> "";
          case 1 -> ", 1 drop-in";
          default -> ", " + facts.dropIns().size() + " drop-ins";
        };
    return facts.load()
        + (facts.enabled().isEmpty() ? "" : ", " + facts.enabled())
        + (facts.file().isEmpty() ? "" : ", " + facts.file())
        + dropIns;
  }

  private static Fact watchdog(Installation installation) {
    String name = "watchdog";
    String wanted = "ready is told, and fed in time";
    Optional<UnitFacts> coordinator =
        installation.units().stream()
            .filter(unit -> unit.name().equals(COORDINATOR))
            .findFirst()
            .flatMap(unit -> unit.facts().value());
    if (!isService(installation) || coordinator.isEmpty()) {
      return Fact.odd(name, "nobody watches: not run as " + COORDINATOR, wanted, INSTALL);
    }
    UnitFacts facts = coordinator.get();
    if (!facts.type().equals("notify") || facts.watchdog().timeout().isEmpty()) {
      return Fact.fault(
          name,
          "Type=%s, %s"
              .formatted(
                  facts.type(),
                  facts.watchdog().timeout().map(UnitChecks::text).orElse("no watchdog")),
          wanted,
          "systemctl cat " + COORDINATOR + " shows which drop-in takes it away");
    }
    Duration limit = facts.watchdog().timeout().get();
    Duration silent =
        installation.uptime().minus(facts.watchdog().lastPingUptime().orElse(Duration.ZERO));
    String measured =
        facts.watchdog().lastPingUptime().isEmpty()
            ? "never fed, of " + text(limit)
            : "ready was told; fed %s ago, of %s".formatted(text(silent), text(limit));
    return facts.watchdog().lastPingUptime().isEmpty() || silent.compareTo(limit) > 0
        ? Fact.fault(
            name,
            measured,
            wanted,
            "systemd will start the coordinator anew; look into its log: journalctl -u "
                + COORDINATOR)
        : Fact.good(name, measured, wanted);
  }

  private static String text(Duration time) {
    return Durations.brief(Duration.ofSeconds(Math.max(0, time.toSeconds())));
  }
}
