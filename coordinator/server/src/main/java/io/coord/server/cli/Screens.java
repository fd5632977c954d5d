package io.coord.server.cli;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Progress;
import io.coord.persistence.Run;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunMeasurements;
import io.coord.persistence.Transition;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.runner.RunnerFacts;
import io.coord.server.api.Details;
import io.coord.server.api.EnergyEstimate;
import io.coord.server.api.StatusSummary;
import io.coord.thermal.Finding.Severity;
import io.coord.thermal.Heat;
import io.coord.thermal.MilliCelsius;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The output for people: the same facts as the JSON, in lines and tables. */
public final class Screens {
  /** How many runs, and at most how many transitions, are shown without {@code --json}. */
  static final int RUNS_SHOWN = 20;

  /** How many experiments that have not ended are listed without {@code --all}. */
  static final int LISTED = 200;

  private static final int TRANSITIONS_SHOWN = 12;

  private Screens() {}

  /** Experiments, a line each. */
  public static String list(StatusSummary.Listed listed, Instant now, int columns) {
    List<StatusSummary.Shown> experiments = listed.experiments();
    if (experiments.isEmpty()) {
      return "no experiments; run 'coord enqueue CONFIG.json' or 'coord enqueue -- COMMAND'\n";
    }
    Table table = new Table("ID", "STATE", "CYCLE", "RUNS", "CRASHES", "SINCE", "REASON");
    for (StatusSummary.Shown shown : experiments) {
      Experiment e = shown.experiment();
      table.row(
          e.id(),
          e.state().word(),
          cycle(e.progress()),
          Integer.toString(e.counts().runs()),
          Integer.toString(e.counts().crashes()),
          ago(e.status().since(), now),
          shown.reason());
    }
    return table.render(columns)
        + (listed.leftOut() > 0 ? "(" + leftOut(listed.leftOut()) + ")\n" : "");
  }

  /** That a list is not complete. */
  static String leftOut(int count) {
    return count + " more that have not ended are left out; 'coord list --all' lists them";
  }

  /** The heat state; that of a blind coordinator is only the last one that it knew. */
  static String heatState(Heat heat) {
    String state = heat.state().name().toLowerCase(Locale.ROOT);
    return heat.blind() ? "blind (last known: " + state + ")" : state;
  }

  /** The overall status. */
  public static String overview(StatusSummary status, int columns) {
    KeyValueLines out = new KeyValueLines(columns);
    out.line("slots", status.slots().used() + " of " + status.slots().total() + " in use");
    out.line("memory", reserved(status.memory()));
    out.line("heat", heatState(status.heat()) + ": " + status.heat().reason());
    if (status.thermalState().cooling().active()) {
      out.line("in force", ThermalScreen.inForce(status.thermalState()));
    }
    String zones =
        status.sensors().zones().stream()
            .filter(zone -> zone.temperature().isPresent())
            .map(
                zone ->
                    zone.type() + " " + zone.temperature().map(MilliCelsius::toString).orElse(""))
            .collect(Collectors.joining(", "));
    if (!zones.isEmpty()) {
      out.line("zones", zones);
    }
    status
        .sensors()
        .problems()
        .forEach(
            problem ->
                out.line("sensors", CheckMarks.of(Severity.FAULT) + " " + problem.sentence()));
    if (!status.problems().manager().isEmpty()) {
      out.line("systemd", status.problems().manager());
    }
    if (!status.problems().ledger().isEmpty()) {
      out.line("database", status.problems().ledger());
    }
    if (!status.problems().disk().isEmpty()) {
      out.line("disk", status.problems().disk());
    }
    StatusSummary.Queue queue = status.queue();
    out.line("queue", counts(queue.counts()) + (queue.draining() ? "; draining" : ""));
    for (StatusSummary.HeldCommand command : queue.heldCommands()) {
      out.line("held", held(command));
    }
    queue
        .reservation()
        .ifPresent(
            head ->
                out.line(
                    "reserved",
                    ByteSize.format(head.submission().ramBytes())
                        + " of memory for '"
                        + head.id()
                        + "', which waits at the head of the queue"));
    if (!queue.unmanaged().isEmpty()) {
      out.line("unmanaged", String.join(", ", queue.unmanaged()));
    }
    return out.toString();
  }

  private static String held(StatusSummary.HeldCommand command) {
    return command.waiting()
        + " queued of '"
        + command.breaker().key().owner()
        + "' with the same command, after "
        + command.breaker().streak()
        + " early failures with "
        + command.breaker().cause().orElse("the same error")
        + command.first().map(id -> "; first: '" + id + "'").orElse("");
  }

  private static String reserved(StatusSummary.Memory memory) {
    List<String> texts = ByteSize.formatApart(memory.reservedBytes(), memory.totalBytes());
    return texts.get(0) + " of " + texts.get(1) + " reserved";
  }

  private static String counts(Map<ExperimentState, Integer> counts) {
    return counts.isEmpty()
        ? "empty"
        : counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey().word())
            .collect(Collectors.joining(", "));
  }

  /** The details of one experiment. */
  public static String details(Details details, Instant now, int columns) {
    Experiment e = details.shown().experiment();
    KeyValueLines out = new KeyValueLines(columns);
    out.line("id", e.id());
    out.line("state", e.state().word() + " since " + TimeFormat.SECONDS.format(e.status().since()));
    out.line("reason", details.shown().reason());
    out.line("cycle", cycle(e.progress()) + doneEarly(e.progress()));
    out.line(
        "runs",
        e.counts().runs()
            + ", crashes "
            + e.counts().crashes()
            + ", interruptions "
            + e.counts().interruptions());
    details.facts().ifPresent(facts -> out.line("runner", runner(facts)));
    out.line("memory", "limit " + ByteSize.format(e.submission().ramBytes()));
    out.line("priority", Integer.toString(e.submission().priority()));
    out.line(
        "owner",
        e.submission().owner() + ", enqueued " + ago(e.submission().enqueuedAt(), now) + " ago");
    out.line("output", details.output().text());
    if (!details.runs().isEmpty()) {
      Table runs = new Table("RUN", "STARTED", "DURATION", "CYCLE", "PEAK", "END");
      for (Run run : details.runs()) {
        runs.row(
            Integer.toString(run.number()),
            TimeFormat.SECONDS.format(run.startedAt()),
            duration(run, now),
            cycle(run.progress()),
            run.end()
                .filter(end -> end.memoryPeakBytes().isPresent())
                .map(end -> ByteSize.format(end.memoryPeakBytes().getAsLong()))
                .orElse("-"),
            run.end().map(Screens::end).orElse("running"));
      }
      out.add("\n").add(runs.render(columns));
      int earlier = details.runs().get(0).number() - 1;
      if (earlier > 0) {
        out.add("(" + earlier + " earlier runs: --json shows the last 1000 runs)\n");
      }
      out.add(measured(details, columns));
    }
    Table transitions = new Table("TIME", "STATE", "REASON");
    List<Transition> all = details.transitions();
    int from = Math.max(0, all.size() - TRANSITIONS_SHOWN);
    for (Transition transition : all.subList(from, all.size())) {
      transitions.row(
          TimeFormat.SECONDS.format(transition.at()), transition.to().word(), transition.reason());
    }
    out.add("\n").add(transitions.render(columns));
    if (from > 0) {
      out.add("(earlier transitions: --json shows the last 1000)\n");
    }
    return out.toString();
  }

  private static final String SHARED =
      "* the energy of the whole board, which other runs used at the same time\n";

  private static final String ESTIMATED = "~ estimate; the energy of the shared time is divided ";

  /** What was measured of the runs; runs that were not measured are left out. */
  private static String measured(Details details, int columns) {
    SortedSet<EnergyEstimate.Basis> bases = new TreeSet<>();
    details.runs().forEach(run -> details.estimate(run).ifPresent(one -> bases.add(one.basis())));
    Table table =
        bases.isEmpty()
            ? new Table("RUN", "HOTTEST", "MEAN", "BOARD ENERGY", "THROTTLED")
            : new Table("RUN", "HOTTEST", "MEAN", "BOARD ENERGY", "OWN ENERGY", "THROTTLED");
    boolean any = false;
    boolean shared = false;
    for (Run run : details.runs()) {
      Optional<RunMeasurements> measures = details.measured(run);
      if (measures.isPresent()) {
        any = true;
        shared |= !details.shared(run).isZero();
        List<String> row = new ArrayList<>();
        row.add(Integer.toString(run.number()));
        row.add(celsius(measures.get().peakMilliCelsius()));
        row.add(celsius(measures.get().meanMilliCelsius()));
        row.add(joules(measures.get().joules(), details.shared(run)));
        if (!bases.isEmpty()) {
          row.add(details.estimate(run).map(one -> "~" + joules(one.joules())).orElse("-"));
        }
        row.add(Durations.brief(measures.get().throttled()));
        table.row(row.toArray(String[]::new));
      }
    }
    StringBuilder notes = new StringBuilder(shared ? SHARED : "");
    if (!bases.isEmpty()) {
      EnergyEstimate.Basis basis = bases.size() == 1 ? bases.first() : EnergyEstimate.Basis.MIXED;
      notes.append(ESTIMATED).append(basis.text()).append('\n');
    }
    return any ? "\n" + table.render(columns) + notes : "";
  }

  private static String celsius(OptionalInt milliCelsius) {
    return milliCelsius.isPresent() ? new MilliCelsius(milliCelsius.getAsInt()).toString() : "-";
  }

  private static String joules(OptionalDouble joules, Duration shared) {
    return joules.isPresent() ? joules(joules.getAsDouble()) + (shared.isZero() ? "" : " *") : "-";
  }

  private static String joules(double joules) {
    return String.format(Locale.ROOT, "%.0f J", joules);
  }

  /** What the runner itself reports; its counts differ from those of the coordinator. */
  private static String runner(RunnerFacts facts) {
    List<String> parts = new ArrayList<>();
    facts.status().ifPresent(parts::add);
    String of = facts.maxCycles().isPresent() ? "/" + facts.maxCycles().getAsInt() : "";
    facts.cycles().ifPresent(cycles -> parts.add("cycles " + cycles + of));
    facts.crashes().ifPresent(crashes -> parts.add("crashes " + crashes));
    facts.selfReports().ifPresent(reports -> parts.add("self-reports " + reports));
    return parts.isEmpty() ? "reports nothing" : "reports " + String.join(", ", parts);
  }

  private static String end(RunEnd end) {
    return end.kind().name().toLowerCase(Locale.ROOT) + ": " + end.detail();
  }

  private static String doneEarly(Optional<Progress> progress) {
    return progress
        .flatMap(Progress::doneEarly)
        .map(reason -> ", done early: " + reason)
        .orElse("");
  }

  /** As measured, where it was: the wall clock may have been set during the run. */
  private static String duration(Run run, Instant now) {
    return run.lasted()
        .filter(lasted -> !lasted.isZero())
        .map(lasted -> brief(run.startedAt(), run.startedAt().plus(lasted)))
        .orElseGet(() -> brief(run.startedAt(), run.endedAt().orElse(now)));
  }

  private static String cycle(Optional<Progress> progress) {
    return progress
        .map(p -> p.of().isPresent() ? p.cycle() + "/" + p.of().getAsInt() : "" + p.cycle())
        .orElse("-");
  }

  private static String ago(Instant then, Instant now) {
    return brief(then, now);
  }

  private static String brief(Instant from, Instant to) {
    Duration duration = Duration.between(from, to).truncatedTo(ChronoUnit.SECONDS);
    // A clock that was set back must not show negative times.
    return Durations.brief(duration.isNegative() ? Duration.ZERO : duration);
  }
}
