package io.coord.thermal;

import static java.util.stream.Collectors.joining;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a machine's board and sensors, and finds what is missing or unusual. A pure function:
 * always in the same order, with at least one finding for each subject that others rely on.
 */
public final class Findings {

  private static final String REPORT = "report the output of 'coord doctor --json'";

  private final BoardDetection detection;
  private final Board board;
  private final BoardSnapshot snapshot;
  private final Thresholds thresholds;
  private final List<Finding> findings = new ArrayList<>();

  private Findings(BoardDetection detection, BoardSnapshot snapshot, Thresholds thresholds) {
    this.detection = detection;
    this.board = detection.board();
    this.snapshot = snapshot;
    this.thresholds = thresholds;
  }

  /**
   * All findings, good or bad, by subject.
   *
   * @param thresholds the active ones
   */
  public static List<Finding> of(
      BoardDetection detection, BoardSnapshot snapshot, Thresholds thresholds) {
    Findings findings = new Findings(detection, snapshot, thresholds);
    findings.checkBoard();
    findings.checkRelease();
    findings.checkZones();
    findings.checkIgnoredZones();
    findings.checkThresholds();
    findings.checkEmulation();
    findings.checkClocks();
    findings.checkRails();
    findings.checkOverCurrent();
    findings.checkGpu();
    findings.checkFan();
    findings.checkCpus();
    return List.copyOf(findings.findings);
  }

  private void checkBoard() {
    findings.add(
        switch (detection.match()) {
          case MODULE -> Finding.ok("board", detection.sentence());
          case FAMILY ->
              Finding.warning(
                  "board",
                  detection.sentence(),
                  "check THROTTLE_TEMP_CELSIUS, CRITICAL_TEMP_CELSIUS and the power that 'coord"
                      + " power' shows; "
                      + REPORT);
          case UNKNOWN_JETSON ->
              Finding.warning(
                  "board",
                  detection.sentence(),
                  "set THROTTLE_TEMP_CELSIUS and CRITICAL_TEMP_CELSIUS for this board; " + REPORT);
          case NO_JETSON ->
              detection.release().isPresent()
                  ? Finding.fault(
                      "board",
                      detection.sentence(),
                      "make '/proc/device-tree/compatible' readable: L4T is installed")
                  : Finding.warning(
                      "board",
                      detection.sentence(),
                      snapshot.zoneDetails().stream()
                              .anyMatch(zone -> ZoneSelection.ofPc(zone.type()))
                          ? "check the thresholds: the defaults are computed from the limits of the"
                              + " processor's sensor"
                          : "set the thresholds for this machine: the defaults are those of a"
                              + " Jetson");
        });
  }

  private void checkRelease() {
    if (!board.jetson()) {
      return;
    }
    Optional<L4tRelease> release = detection.release();
    if (release.isEmpty()) {
      warn(
          "release",
          "'/etc/nv_tegra_release' does not contain the release",
          "install the package 'nvidia-l4t-core', which contains this file");
      return;
    }
    Optional<Integer> generation = release.get().generation();
    if (release.get().jetPack().isEmpty()) {
      warn(
          "release",
          release.get().sentence() + " is not known to this version of coord",
          "use a newer version of coord if there is one; " + REPORT);
    } else if (generation.filter(board.model().jetPacks()::contains).isEmpty()) {
      warn(
          "release",
          "%s is not known to run on a %s"
              .formatted(release.get().sentence(), board.model().module()),
          "check that '/proc/device-tree/compatible' and '/etc/nv_tegra_release' are this"
              + " machine's");
    } else {
      findings.add(Finding.ok("release", release.get().sentence()));
    }
  }

  private void checkZones() {
    ZoneSelection.Summary summary = ZoneSelection.summarise(snapshot.zones());
    if (summary.blind()) {
      findings.add(
          Finding.fault(
              "zones",
              summary.sentence(),
              "look for errors of the thermal driver in the kernel log; nothing is started until a"
                  + " zone can be read"));
    } else if (summary.hottest().isEmpty()) {
      String remedy =
          "load the driver of the processor's sensor; the temperature is not monitored without it";
      findings.add(
          board.jetson()
              ? Finding.fault("zones", summary.sentence(), remedy)
              : Finding.warning("zones", summary.sentence(), remedy));
    } else {
      findings.add(Finding.ok("zones", summary.sentence()));
    }
  }

  private String listed(ZoneSelection.Kind kind) {
    return snapshot.zones().stream()
        .filter(zone -> ZoneSelection.kind(zone.type()) == kind && !zone.type().isEmpty())
        .map(
            zone ->
                "'%s' (%s)"
                    .formatted(
                        zone.type(), zone.temperature().map(MilliCelsius::exact).orElse("offline")))
        .collect(joining(", "));
  }

  private void checkIgnoredZones() {
    String unknown = listed(ZoneSelection.Kind.UNKNOWN);
    if (!unknown.isEmpty()) {
      warn(
          "unknown-zones",
          "%s are not used: it is not known what they measure".formatted(unknown),
          "if one of them measures the processor, " + REPORT);
    }
    String ignored = listed(ZoneSelection.Kind.OTHER);
    if (!ignored.isEmpty()) {
      findings.add(
          Finding.ok(
              "ignored-zones",
              "%s are not used: constants, estimates and sensors outside of the processor"
                  .formatted(ignored)));
    }
  }

  private void checkThresholds() {
    Optional<MilliCelsius> shown = snapshot.lowestTrip(TripPoint.Kind.CRITICAL);
    Optional<MilliCelsius> critical = shown.or(board::lowestCritical);
    Optional<MilliCelsius> passive =
        snapshot.lowestTrip(TripPoint.Kind.PASSIVE).or(board::lowestPassive);
    String own =
        "hold %s, throttle at %s, critical at %s"
            .formatted(
                thresholds.hold().exact(),
                thresholds.throttle().exact(),
                thresholds.critical().exact());
    if (reaches(thresholds.critical(), critical)) {
      findings.add(
          Finding.fault(
              "thresholds",
              "%s, but the board powers off at %s".formatted(own, critical.orElseThrow().exact()),
              "set the critical temperature below that, at most %s"
                  .formatted(board.thresholds(critical).critical().exact())));
    } else if (reaches(thresholds.throttle(), passive)) {
      warn(
          "thresholds",
          "%s, but the kernel lowers clocks from %s".formatted(own, passive.orElseThrow().exact()),
          "set the throttle temperature below that, as experiments are started onto a slow"
              + " machine");
    } else if (critical.isEmpty()) {
      findings.add(
          Finding.ok(
              "thresholds", own + "; the temperature at which the board powers off is unknown"));
    } else {
      findings.add(
          Finding.ok(
              "thresholds",
              "%s; the board powers off at %s%s"
                  .formatted(
                      own,
                      critical.get().exact(),
                      shown.isPresent() ? "" : " (as known of this board; not read)")));
    }
  }

  private static boolean reaches(MilliCelsius threshold, Optional<MilliCelsius> trip) {
    return trip.filter(temperature -> threshold.compareTo(temperature) >= 0).isPresent();
  }

  private void checkEmulation() {
    if (snapshot.zoneDetails().isEmpty()) {
      return;
    }
    findings.add(
        snapshot.zoneDetails().stream().anyMatch(ZoneDetails::emulates)
            ? Finding.ok(
                "emulation",
                "root can emulate a temperature with 'emul_temp', even one at which the board"
                    + " powers off")
            : Finding.note(
                "emulation",
                "this kernel is built without THERMAL_EMULATION: temperatures cannot be emulated",
                "to test the thermal policy, lower the thresholds instead"));
  }

  private void checkClocks() {
    List<CoolingDevice> slowing = snapshot.limitingClocks();
    if (!slowing.isEmpty()) {
      warn(
          "clocks",
          "now limited by temperature: "
              + slowing.stream().map(device -> "'" + device.type() + "'").collect(joining(", ")),
          "cool the board better, or choose a lower power mode");
    }
  }

  private void checkRails() {
    if (snapshot.power().rails().value().isEmpty()) {
      String what = snapshot.power().rails().fault();
      findings.add(
          board.jetson()
              ? Finding.warning(
                  "rails", what, "load the driver of the INA3221; power is not measured without it")
              : Finding.ok("rails", what));
    } else if (snapshot.power().totalMilliwatts().value().isEmpty()) {
      warn(
          "rails",
          "the power that the board draws is unknown: "
              + snapshot.power().totalMilliwatts().fault(),
          "load the driver of the missing rail; if the board does not have it, " + REPORT);
    } else {
      findings.add(
          Finding.ok(
              "rails",
              "the board draws %s W"
                  .formatted(
                      BigDecimal.valueOf(snapshot.power().totalMilliwatts().value().get(), 3)
                          .toPlainString())));
    }
  }

  private void checkOverCurrent() {
    if (snapshot.power().overCurrents().value().isEmpty()) {
      if (board.jetson()) {
        findings.add(Finding.ok("over-current", snapshot.power().overCurrents().fault()));
      }
      return;
    }
    List<OverCurrent> counters = snapshot.power().overCurrents().value().get();
    String events =
        counters.stream()
            .filter(counter -> counter.eventsSinceBoot().value().filter(n -> n > 0).isPresent())
            .map(Findings::events)
            .collect(joining(", "));
    Optional<OverCurrent> unreadable =
        counters.stream()
            .filter(counter -> counter.eventsSinceBoot().value().isEmpty())
            .findFirst();
    if (!events.isEmpty()) {
      warn(
          "over-current",
          "clocks were reduced since boot: " + events,
          "choose a lower power mode if the experiments are slower than expected");
    } else if (unreadable.isPresent()) {
      warn(
          "over-current",
          unreadable.get().eventsSinceBoot().fault(),
          "look for errors of 'soctherm-oc-event' in the kernel log");
    } else {
      findings.add(Finding.ok("over-current", "no events since boot"));
    }
  }

  private static String events(OverCurrent counter) {
    return "%d times '%s'%s"
        .formatted(
            counter.eventsSinceBoot().value().orElseThrow(),
            counter.channel(),
            counter.meaning().isEmpty() ? "" : ", " + counter.meaning());
  }

  private void checkGpu() {
    if (!board.jetson()) {
      return;
    }
    Reading<Double> load = snapshot.gpu().loadPercent();
    if (load.value().isPresent()) {
      findings.add(Finding.ok("gpu", "the load is %s %%".formatted(load.value().get())));
    } else if (board.gpu().loadFiles().isEmpty()) {
      findings.add(Finding.ok("gpu", "on this board only NVML reports the load"));
    } else {
      warn("gpu", load.fault(), "check that the GPU's driver is loaded");
    }
  }

  private void checkFan() {
    Fan fan = snapshot.fan();
    if (fan.rotationsPerMinute().value().isPresent() || fan.pwm().value().isPresent()) {
      String speed = fan.rotationsPerMinute().value().map(rpm -> rpm + " rpm").orElse("");
      String pwm = fan.pwm().value().map(width -> width + " of 255").orElse("");
      findings.add(Finding.ok("fan", speed + (speed.isEmpty() || pwm.isEmpty() ? "" : ", ") + pwm));
    } else if (board.jetson()) {
      findings.add(
          Finding.note("fan", fan.pwm().fault(), "if the board has a fan, check 'nvfancontrol'"));
    }
  }

  private void checkCpus() {
    Reading<Cores> online = snapshot.cpus().online();
    if (online.value().isEmpty()) {
      warn(
          "cpus",
          "the online CPUs are unknown: " + online.fault(),
          "check that '/sys/devices/system/cpu/online' is readable");
      return;
    }
    Cores present = snapshot.cpus().present().value().orElse(online.value().get());
    Cores offline = present.without(online.value().get());
    if (offline.numbers().isEmpty()) {
      findings.add(Finding.ok("cpus", "all online: " + online.value().get()));
    } else {
      warn(
          "cpus",
          "%s online, %s offline".formatted(online.value().get(), offline),
          "choose a power mode with more cores, or do not pin an experiment to offline CPUs only");
    }
  }

  private void warn(String subject, String observation, String remedy) {
    findings.add(Finding.warning(subject, observation, remedy));
  }
}
