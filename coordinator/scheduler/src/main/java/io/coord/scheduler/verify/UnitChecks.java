package io.coord.scheduler.verify;

import io.coord.runner.Durations;
import io.coord.systemd.UnitFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Unit files, and the watchdog of the coordinator. */
final class UnitChecks {
  static final String COORDINATOR = "brain-experiment-coordinator.service";

  /** What every experiment needs; the other units start the coordinator at boot. */
  private static final List<String> NEEDED = List.of("brain-experiment@.service", "brain.slice");

  private static final String TEMPLATE = "brain-experiment@.service";
  private static final List<String> OF_PACKAGES =
      List.of("/usr/lib/systemd/system/", "/lib/systemd/system/");
  private static final String MACHINE_DROP_IN = "/10-machine.conf";
  static final String INSTALL =
      "install the package, then run 'systemctl enable --now " + COORDINATOR + "'";

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
          name, unit.facts().fault(), wanted, "see 'systemctl status " + unit.name() + "'");
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
            case "masked" -> "run 'systemctl unmask " + unit.name() + "'";
            case "not-found" -> "reinstall the package, or restart the coordinator";
            default -> "run 'systemd-analyze verify " + unit.name() + "' to see what is wrong";
          });
    }
    if (!needed && !facts.enabled().equals("enabled")) {
      return Fact.odd(
          name,
          measured,
          wanted,
          "not started at boot; run 'systemctl enable " + unit.name() + "'");
    }
    if (facts.needsReload()) {
      return Fact.odd(
          name, measured + "; files changed on disk", wanted, "run 'systemctl daemon-reload'");
    }
    return installed(installation, unit.name(), facts, measured, wanted)
        .orElseGet(() -> Fact.good(name, measured, wanted));
  }

  /** Checks of an installation from a package. */
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
                  + "' overrides the file of the package; remove it unless intended, then run"
                  + " 'systemctl daemon-reload'"));
    }
    if (unit.equals(TEMPLATE)
        && facts.dropIns().stream().noneMatch(file -> file.endsWith(MACHINE_DROP_IN))) {
      return Optional.of(
          Fact.fault(
              name,
              measured,
              wanted + ", with 10-machine.conf",
              "reinstall the package: without this file, instances started by hand run as root"));
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
    String wanted = "sends READY=1 and watchdog pings";
    Optional<UnitFacts> coordinator =
        installation.units().stream()
            .filter(unit -> unit.name().equals(COORDINATOR))
            .findFirst()
            .flatMap(unit -> unit.facts().value());
    if (!isService(installation) || coordinator.isEmpty()) {
      return Fact.odd(name, "no watchdog: not started by systemd", wanted, INSTALL);
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
          "'systemctl cat " + COORDINATOR + "' shows the drop-in that disables it");
    }
    Duration limit = facts.watchdog().timeout().get();
    Duration silent =
        installation
            .clock()
            .uptime()
            .minus(facts.watchdog().lastPingUptime().orElse(Duration.ZERO));
    String measured =
        facts.watchdog().lastPingUptime().isEmpty()
            ? "no ping yet; limit " + text(limit)
            : "READY=1 sent; last ping %s ago, limit %s".formatted(text(silent), text(limit));
    return facts.watchdog().lastPingUptime().isEmpty() || silent.compareTo(limit) > 0
        ? Fact.fault(
            name,
            measured,
            wanted,
            "systemd will restart the coordinator; see its log: 'journalctl -u "
                + COORDINATOR
                + "'")
        : Fact.good(name, measured, wanted);
  }

  private static String text(Duration time) {
    return Durations.brief(Duration.ofSeconds(Math.max(0, time.toSeconds())));
  }
}
