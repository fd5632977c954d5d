package io.coord.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Progress;
import io.coord.persistence.Run;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunMeasurements;
import io.coord.persistence.Schedule;
import io.coord.persistence.Transition;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.RunnerFacts;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.thermal.Heat;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The JSON output, for CLI, API and scripts. Keys are stable: they are added, never renamed. Times
 * are ISO 8601 in UTC; a key that has no value is null.
 */
public final class Views {
  private Views() {}

  /** An experiment in a list. */
  public static ObjectNode of(StatusSummary.Shown shown) {
    Experiment e = shown.experiment();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", e.id());
    node.put("state", e.state().word());
    node.put("reason", shown.reason());
    node.put("runs", e.counts().runs());
    node.put("crashes", e.counts().crashes());
    node.put("interruptions", e.counts().interruptions());
    putProgress(node, e.progress());
    node.put("priority", e.submission().priority());
    node.put("ram_bytes", e.submission().ramBytes());
    node.put("owner", e.submission().owner());
    node.put("autostart", e.autostart());
    node.put("ran_seconds", MachineViews.seconds(e.counts().ran()));
    node.put("sequence", e.sequence());
    node.put("enqueued_at", e.submission().enqueuedAt().toString());
    node.put("since", e.status().since().toString());
    return node;
  }

  /** A list of experiments. */
  public static ArrayNode of(List<StatusSummary.Shown> experiments) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    experiments.forEach(shown -> array.add(of(shown)));
    return array;
  }

  /** Everything about one experiment. */
  public static ObjectNode of(Details details) {
    ObjectNode node = of(details.shown());
    node.put("output", details.output().text());
    ArrayNode runs = node.putArray("run_list");
    details.runs().forEach(run -> runs.add(of(run, details)));
    node.put("runs_left_out", details.runs().isEmpty() ? 0 : details.runs().get(0).number() - 1);
    ArrayNode transitions = node.putArray("transitions");
    details.transitions().forEach(transition -> transitions.add(of(transition)));
    node.set("runner", details.facts().map(Views::of).orElse(null));
    node.put("fingerprint", details.fingerprint().map(CommandFingerprint::digest).orElse(null));
    return node;
  }

  /** What a runner has recorded; null where it keeps no count. */
  private static ObjectNode of(RunnerFacts facts) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("status", facts.status().orElse(null));
    put(node, "cycles", facts.cycles());
    put(node, "of", facts.maxCycles());
    put(node, "crashes", facts.crashes());
    put(node, "self_reports", facts.selfReports());
    return node;
  }

  private static void put(ObjectNode node, String key, OptionalInt number) {
    if (number.isPresent()) {
      node.put(key, number.getAsInt());
    } else {
      node.putNull(key);
    }
  }

  private static ObjectNode of(Run run, Details details) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("number", run.number());
    node.put("invocation", run.invocation());
    node.put("started_at", run.startedAt().toString());
    node.put("ended_at", run.endedAt().map(Object::toString).orElse(null));
    node.put("end", run.end().map(end -> lower(end.kind())).orElse(null));
    node.put("cause", run.end().map(end -> lower(end.cause())).orElse(null));
    node.put("detail", run.end().map(RunEnd::detail).orElse(null));
    putProgress(node, run.progress());
    Optional<RunEnd> end = run.end();
    if (end.isPresent() && end.get().memoryPeakBytes().isPresent()) {
      node.put("memory_peak_bytes", end.get().memoryPeakBytes().getAsLong());
    } else {
      node.putNull("memory_peak_bytes");
    }
    putMeasured(node, details.measured(run), details.shared(run));
    Optional<EnergyEstimate> estimate = details.estimate(run);
    put(node, "shared_joules", doubleOf(estimate.map(EnergyEstimate::sharedJoules)));
    put(node, "estimated_joules", doubleOf(estimate.map(EnergyEstimate::joules)));
    node.put("estimate_basis", estimate.map(one -> one.basis().word()).orElse(null));
    return node;
  }

  private static OptionalDouble doubleOf(Optional<Double> number) {
    return number.isPresent() ? OptionalDouble.of(number.get()) : OptionalDouble.empty();
  }

  private static void put(ObjectNode node, String key, OptionalDouble number) {
    if (number.isPresent()) {
      node.put(key, number.getAsDouble());
    } else {
      node.putNull(key);
    }
  }

  private static void putMeasured(
      ObjectNode node, Optional<RunMeasurements> measured, Duration shared) {
    MachineViews.putThousandths(
        node,
        "peak_celsius",
        measured.map(RunMeasurements::peakMilliCelsius).orElse(OptionalInt.empty()));
    MachineViews.putThousandths(
        node,
        "mean_celsius",
        measured.map(RunMeasurements::meanMilliCelsius).orElse(OptionalInt.empty()));
    put(node, "joules", measured.map(RunMeasurements::joules).orElse(OptionalDouble.empty()));
    node.put("shared_seconds", measured.map(one -> MachineViews.seconds(shared)).orElse(null));
    node.put(
        "throttled_seconds",
        measured.map(one -> MachineViews.seconds(one.throttled())).orElse(null));
  }

  private static ObjectNode of(Transition transition) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("from", transition.from().word());
    node.put("to", transition.to().word());
    node.put("at", transition.at().toString());
    node.put("reason", transition.reason());
    return node;
  }

  /** The overall status. */
  public static ObjectNode of(StatusSummary overview) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("slots", overview.slots().total());
    node.put("slots_taken", overview.slots().used());
    node.put("total_ram_bytes", overview.memory().totalBytes());
    node.put("reserved_ram_bytes", overview.memory().reservedBytes());
    node.put(
        "systemd",
        overview.problems().manager().isEmpty() ? "reached" : overview.problems().manager());
    node.put("draining", overview.queue().draining());
    ArrayNode unmanaged = node.putArray("started_by_hand");
    overview.queue().unmanaged().forEach(unmanaged::add);
    node.put(
        "ledger", overview.problems().ledger().isEmpty() ? "usable" : overview.problems().ledger());
    node.put("disk", overview.problems().disk().isEmpty() ? "usable" : overview.problems().disk());
    putHeld(node, overview.queue());
    node.put(
        "memory_reserved_for", overview.queue().reservation().map(Experiment::id).orElse(null));
    ObjectNode counts = node.putObject("counts");
    overview.queue().counts().forEach((state, count) -> counts.put(state.word(), count));
    ObjectNode thermal = node.putObject("thermal");
    Heat heat = overview.heat();
    thermal.put("state", lower(heat.state()));
    thermal.put("since", heat.since().toString());
    thermal.put("blind", heat.blind());
    thermal.put("reason", heat.reason());
    thermal.put("age_seconds", overview.sensors().age().map(MachineViews::seconds).orElse(null));
    ArrayNode problems = thermal.putArray("problems");
    overview.sensors().problems().forEach(problem -> problems.add(problem.sentence()));
    ArrayNode zones = thermal.putArray("zones");
    for (ZoneReading zone : overview.sensors().zones()) {
      ObjectNode one = zones.addObject();
      one.put("name", zone.name());
      one.put("type", zone.type());
      one.put("celsius", zone.temperature().map(t -> t.degrees()).orElse(null));
      one.put("fault", zone.fault().isEmpty() ? null : zone.fault());
    }
    return node;
  }

  /** Held are commands; a group is listed if experiments of it wait for that reason. */
  private static void putHeld(ObjectNode node, StatusSummary.Queue queue) {
    ArrayNode groups = node.putArray("held_groups");
    ArrayNode commands = node.putArray("held_commands");
    for (StatusSummary.HeldCommand command : queue.heldCommands()) {
      BreakerState breaker = command.breaker();
      for (String group : command.groups()) {
        groups
            .addObject()
            .put("name", group)
            .put("fingerprint", breaker.cause().orElse(null))
            .put("failed_in_a_row", breaker.streak());
      }
      commands
          .addObject()
          .put("owner", breaker.key().owner())
          .put("fingerprint", breaker.key().command())
          .put("cause", breaker.cause().orElse(null))
          .put("failed_in_a_row", breaker.streak())
          .put("held_at", breaker.heldAt().map(Object::toString).orElse(null))
          .put("waiting", command.waiting());
    }
  }

  /** A schedule; its next times are local, with their offset. */
  public static ObjectNode of(ScheduleOutlook outlook) {
    Schedule schedule = outlook.schedule();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", schedule.id());
    node.put("cron", schedule.cron());
    node.put("owner", schedule.owner());
    node.put("next_number", schedule.nextNumber());
    node.put("last_fired_at", schedule.lastFireAt().map(Object::toString).orElse(null));
    node.put("refusal", schedule.refusal().orElse(null));
    node.put("time_zone", outlook.zone().getId());
    ArrayNode next = node.putArray("next_times");
    outlook.next().forEach(time -> next.add(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time)));
    node.put("problem", outlook.problem().orElse(null));
    return node;
  }

  /** A refusal. */
  public static ObjectNode of(Refusal refusal) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("error", refusal.message());
    node.put("code", refusal.code().word());
    node.put("kind", refusal.kind().word());
    ArrayNode array = node.putArray("faults");
    for (ValidationError error : refusal.errors()) {
      array.addObject().put("field", error.field()).put("problem", error.problem());
    }
    return node;
  }

  private static void putProgress(ObjectNode node, Optional<Progress> progress) {
    node.put("cycle", progress.map(Progress::cycle).orElse(null));
    node.put(
        "of",
        progress
            .filter(p -> p.of().isPresent())
            .map(p -> (Integer) p.of().getAsInt())
            .orElse(null));
    node.put("done_early", progress.flatMap(Progress::doneEarly).orElse(null));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
