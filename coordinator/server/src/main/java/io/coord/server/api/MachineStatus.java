package io.coord.server.api;

import io.coord.persistence.LedgerException;
import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.Run;
import io.coord.persistence.RunMeasurements;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.GpuCap;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.Finding;
import io.coord.thermal.Finding.Severity;
import io.coord.thermal.Findings;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The machine as the telemetry shows it. Threads may share it; it may read files. */
final class MachineStatus {

  /** How much longer than the interval a reading may take. */
  private static final Duration OLD = Duration.ofSeconds(15);

  private static final Duration HISTORY = Duration.ofHours(1);

  private final Telemetry telemetry;
  private final Limits limits;
  private final Supplier<Timestamps> clock;

  MachineStatus(Telemetry telemetry, Limits limits, Supplier<Timestamps> clock) {
    this.telemetry = telemetry;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * @param parts into how many the last hour is divided, 1 or more
   */
  Thermal thermal(ThermalState thermalState, int parts) {
    Instant now = clock.get().wall();
    Instant from = now.minus(HISTORY);
    List<ThermalAction> actions = telemetry.steps();
    try {
      Measurements measurements = telemetry.measurements();
      List<Measurement> latest =
          actions.isEmpty() ? List.of() : measurements.latest(Measurements.SECONDS_KEPT);
      return thermal(
          thermalState,
          actions.stream().map(step -> withEffect(step, latest)).toList(),
          new Thermal.Past(from, now, parts, measurements.between(from, now, parts), ""));
    } catch (LedgerException e) {
      return thermal(
          thermalState,
          actions.stream().map(step -> withEffect(step, List.of())).toList(),
          new Thermal.Past(from, now, parts, List.of(), String.valueOf(e.getMessage())));
    }
  }

  private Thermal thermal(ThermalState thermalState, List<Thermal.Step> steps, Thermal.Past past) {
    Optional<BoardSnapshot> snapshot = telemetry.snapshot();
    List<ZoneDetails> details = snapshot.map(BoardSnapshot::zoneDetails).orElse(List.of());
    return new Thermal(
        thermalState,
        limits.heat().thresholds(),
        telemetry.zones().stream().map(zone -> zone(zone, details)).toList(),
        telemetry.zonesAge(),
        snapshot.stream()
            .flatMap(board -> board.coolingDevices().stream())
            .filter(CoolingDevice::active)
            .toList(),
        steps,
        past);
  }

  private static Thermal.Zone zone(ZoneReading reading, List<ZoneDetails> details) {
    List<TripPoint> trips =
        details.stream()
            .filter(one -> one.name().equals(reading.name()))
            .findFirst()
            .map(ZoneDetails::trips)
            .orElse(List.of());
    return new Thermal.Zone(reading, ZoneSelection.decides(reading.type()), trips);
  }

  private static Thermal.Step withEffect(ThermalAction step, List<Measurement> latest) {
    return new Thermal.Step(
        step,
        temperatureAt(step.at(), latest),
        temperatureAt(step.at().plus(Thermal.EFFECT_AFTER), latest));
  }

  private static Optional<MilliCelsius> temperatureAt(Instant time, List<Measurement> latest) {
    for (int i = latest.size() - 1; i >= 0; i--) {
      Measurement one = latest.get(i);
      if (!one.at().isAfter(time) && !one.at().plus(one.lasted()).isBefore(time)) {
        return one.hottest().map(zone -> new MilliCelsius(zone.milliCelsius()));
      }
    }
    return Optional.empty();
  }

  PowerUse power(PowerState power) {
    Timestamps now = clock.get();
    Optional<BoardSnapshot> snapshot = telemetry.snapshot();
    return new PowerUse(power, snapshot, snapshot.flatMap(this::overCurrents), now.uptime());
  }

  /** The events since the first reading: the counters since boot are no news. */
  private Optional<PowerUse.OverCurrents> overCurrents(BoardSnapshot now) {
    return telemetry
        .first()
        .filter(first -> now.power().overCurrents().value().isPresent())
        .map(
            first -> new PowerUse.OverCurrents(first.at(), now.overCurrentSince(first.snapshot())));
  }

  /** The findings, in a fixed order. */
  List<Finding> findings(ThermalState thermalState) {
    List<Finding> findings = new ArrayList<>();
    telemetry
        .snapshot()
        .ifPresentOrElse(
            board ->
                findings.addAll(
                    Findings.of(
                        telemetry.detection(), believed(board), limits.heat().thresholds())),
            () ->
                findings.add(
                    new Finding(
                        Severity.WARNING,
                        "sensors",
                        "not read yet",
                        "try again in a few seconds; if this persists, check the coordinator's"
                            + " log")));
    telemetry
        .zoneProblems()
        .forEach(
            problem ->
                findings.add(
                    new Finding(Severity.FAULT, "sensors", problem.sentence(), problem.remedy())));
    staleness().ifPresent(findings::add);
    findings.add(aboutPowerMode(thermalState.power()));
    findings.add(aboutFreezing(thermalState));
    aboutGpuClock(thermalState.throttle().gpu()).ifPresent(findings::add);
    findings.add(aboutMeasurements());
    return findings;
  }

  /** With the zones that decisions are made on, which know what came before. */
  private BoardSnapshot believed(BoardSnapshot board) {
    List<ZoneReading> zones = telemetry.zones();
    return zones.isEmpty() ? board : board.withZones(zones);
  }

  /** Readings are shown with their age; too old, they are no readings. */
  private Optional<Finding> staleness() {
    Duration longest = limits.heat().readingInterval().plus(OLD);
    List<String> old = new ArrayList<>();
    telemetry
        .zonesAge()
        .filter(age -> age.compareTo(longest) > 0)
        .ifPresent(
            age -> old.add("the thermal zones last answered %d s ago".formatted(age.toSeconds())));
    telemetry
        .snapshotAge()
        .filter(age -> age.compareTo(longest) > 0)
        .ifPresent(
            age ->
                old.add(
                    "rails, GPU, fan and trip points last answered %d s ago"
                        .formatted(age.toSeconds())));
    return old.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Severity.FAULT,
                "age",
                String.join("; ", old),
                "look for errors of the I2C bus and the thermal driver in the kernel log"));
  }

  private Finding aboutPowerMode(PowerState power) {
    String subject = "power-mode";
    if (power.modes().isPresent() && power.now().isPresent()) {
      PowerModes modes = power.modes().get();
      String available =
          "%s, %d modes available".formatted(power.now().get(), modes.modes().size());
      return modes.problems().isEmpty()
          ? aboutLowering(subject, available, modes, power.before().or(power::now).orElseThrow())
          : new Finding(
              Severity.WARNING,
              subject,
              available + "; nvpmodel.conf: " + String.join("; ", modes.problems()),
              "correct nvpmodel.conf; until then coord does not use a mode described there");
    }
    if (!telemetry.detection().board().jetson()) {
      return new Finding(Severity.OK, subject, power.problem(), "");
    }
    return new Finding(
        Severity.WARNING,
        subject,
        power.problem(),
        "check that 'nvpmodel -q' reports a mode; until then coord does not use power modes");
  }

  /** The mode of the factory often shares its GPU mask with no lower one. */
  private static Finding aboutLowering(
      String subject, String available, PowerModes modes, CurrentMode from) {
    Optional<PowerMode> now = modes.find(from);
    if (now.isEmpty() || modes.canBeLowered(now.get())) {
      return new Finding(Severity.OK, subject, available, "");
    }
    String cannot = available + "; heat cannot lower the mode from here";
    return modes
        .highestThatCanBeLowered()
        .map(
            other ->
                new Finding(
                    Severity.OK,
                    subject,
                    "%s; from %s it could".formatted(cannot, other.name()),
                    "to cool with power modes before the CPU is limited, run 'sudo nvpmodel -m %d'%s"
                        .formatted(
                            other.id(),
                            modes.liveFrom(now.get(), other) ? "" : ", which needs a reboot")))
        .orElseGet(
            () ->
                new Finding(
                    Severity.OK,
                    subject,
                    cannot + ", nor from another one: the CPU is limited instead",
                    ""));
  }

  private static Finding aboutFreezing(ThermalState thermalState) {
    String subject = "freezing";
    if (thermalState.throttle().inForce().isEmpty()) {
      return new Finding(
          Severity.WARNING,
          subject,
          "not yet known whether systemd can freeze experiments",
          "check with 'coord status' that systemd is reachable");
    }
    return thermalState.throttle().canFreeze()
        ? new Finding(
            Severity.OK, subject, "experiments can be frozen while the machine is too hot", "")
        : new Finding(
            Severity.WARNING,
            subject,
            "experiments cannot be frozen; they are throttled, and stopped at the critical"
                + " threshold",
            "freezing needs systemd 246 or newer, with cgroup v2");
  }

  private static Optional<Finding> aboutGpuClock(GpuCap gpu) {
    String subject = "gpu-clock";
    if (gpu.inForce().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        gpu.isIneffective()
            ? new Finding(
                Severity.WARNING,
                subject,
                "the GPU's clock could not be capped; heat is met by other means",
                "look for errors of 'coord-gpu-clock@*' with 'journalctl', then restart the"
                    + " coordinator")
            : new Finding(
                Severity.OK,
                subject,
                gpu.inForce().getAsInt() < 100
                    ? "capped at %d %%".formatted(gpu.inForce().getAsInt())
                    : "can be capped while the machine is too hot",
                ""));
  }

  private Finding aboutMeasurements() {
    String subject = "measurements";
    String remedy =
        "find the cause in the coordinator's log, fix disk space or permissions, and restart it";
    if (!telemetry.keepsMeasurements()) {
      return new Finding(
          Severity.WARNING, subject, "in memory only; lost when the coordinator stops", remedy);
    }
    try {
      telemetry.measurements().flush();
      return new Finding(Severity.OK, subject, "stored on disk", "");
    } catch (LedgerException e) {
      return new Finding(Severity.WARNING, subject, String.valueOf(e.getMessage()), remedy);
    }
  }

  /** What was measured of each run, by invocation; runs that were not measured are left out. */
  Map<String, RunMeasurements> measured(List<Run> runs) {
    Map<String, RunMeasurements> measured = new LinkedHashMap<>();
    try {
      for (Run run : runs) {
        putMeasured(measured, run.invocation());
        String shared = RunMeasurements.whileShared(run.invocation());
        putMeasured(measured, shared);
        if (measured.containsKey(shared)) {
          putMeasured(measured, RunMeasurements.dividedByCpuTime(run.invocation()));
          putMeasured(measured, RunMeasurements.dividedEqually(run.invocation()));
        }
      }
    } catch (LedgerException e) {
      // The rest is shown all the same; 'coord doctor' reports the problem.
      return measured;
    }
    return measured;
  }

  private void putMeasured(Map<String, RunMeasurements> measured, String name) {
    telemetry.measurements().ofRun(name).ifPresent(measures -> measured.put(name, measures));
  }
}
