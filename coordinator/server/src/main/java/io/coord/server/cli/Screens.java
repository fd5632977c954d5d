package io.coord.server.cli;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Progress;
import io.coord.persistence.Run;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunMeasures;
import io.coord.persistence.Transition;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.runner.RunnerFacts;
import io.coord.server.api.Details;
import io.coord.server.api.StatusSummary;
import io.coord.thermal.MilliCelsius;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** What people see: the same facts as the JSON, in lines and tables. */
public final class Screens {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  /** The transitions that are shown without asking for more. */
  private static final int TRANSITIONS_SHOWN = 12;

  private Screens() {}

  /** All experiments, a line each. */
  public static String list(List<StatusSummary.Shown> experiments, Instant now, int columns) {
    if (experiments.isEmpty()) {
      return "no experiments yet; 'coord enqueue CONFIG.json' or 'coord enqueue -- COMMAND' adds"
          + " one\n";
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
    return table.render(columns);
  }

  /** How the whole stands. */
  public static String overview(StatusSummary overview) {
    StringBuilder out = new StringBuilder();
    line(out, "slots", overview.slotsTaken() + " of " + overview.slots() + " taken");
    line(
        out,
        "memory",
        ByteSize.format(overview.reservedRamBytes())
            + " of "
            + ByteSize.format(overview.totalRamBytes())
            + " reserved");
    line(
        out,
        "heat",
        overview.heat().state().name().toLowerCase(Locale.ROOT) + ": " + overview.heat().reason());
    String zones =
        overview.zones().stream()
            .filter(zone -> zone.temperature().isPresent())
            .map(
                zone ->
                    zone.type() + " " + zone.temperature().map(MilliCelsius::toString).orElse(""))
            .collect(Collectors.joining(", "));
    if (!zones.isEmpty()) {
      line(out, "zones", zones);
    }
    if (!overview.managerProblem().isEmpty()) {
      line(out, "systemd", overview.managerProblem());
    }
    if (!overview.ledgerProblem().isEmpty()) {
      line(out, "database", overview.ledgerProblem());
    }
    line(out, "queue", counts(overview.counts()) + (overview.draining() ? "; it is draining" : ""));
    for (GroupState group : overview.heldGroups()) {
      line(
          out,
          "held",
          "group '"
              + group.name()
              + "' after "
              + group.streak()
              + " early failures with "
              + group.fingerprint().orElse("one cause"));
    }
    if (!overview.unmanaged().isEmpty()) {
      line(out, "by hand", String.join(", ", overview.unmanaged()));
    }
    return out.toString();
  }

  private static String counts(Map<ExperimentState, Integer> counts) {
    return counts.isEmpty()
        ? "empty"
        : counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey().word())
            .collect(Collectors.joining(", "));
  }

  /** All about one experiment. */
  public static String details(Details details, Instant now, int columns) {
    Experiment e = details.shown().experiment();
    StringBuilder out = new StringBuilder();
    line(out, "id", e.id());
    line(out, "state", e.state().word() + " since " + TIME.format(e.status().since()));
    line(out, "reason", details.shown().reason());
    line(out, "cycle", cycle(e.progress()));
    line(
        out,
        "runs",
        e.counts().runs()
            + ", crashes "
            + e.counts().crashes()
            + ", interruptions "
            + e.counts().interruptions());
    details.facts().ifPresent(facts -> line(out, "runner", runner(facts)));
    line(out, "memory", ByteSize.format(e.submission().ramBytes()) + " at most");
    line(out, "priority", Integer.toString(e.submission().priority()));
    line(
        out,
        "owner",
        e.submission().owner() + ", enqueued " + ago(e.submission().enqueuedAt(), now) + " ago");
    line(out, "output", details.output().text());
    if (!details.runs().isEmpty()) {
      Table runs = new Table("RUN", "BEGAN", "LASTED", "CYCLE", "PEAK", "END");
      for (Run run : details.runs()) {
        runs.row(
            Integer.toString(run.number()),
            TIME.format(run.startedAt()),
            brief(run.startedAt(), run.endedAt().orElse(now)),
            cycle(run.progress()),
            run.end()
                .filter(end -> end.memoryPeakBytes().isPresent())
                .map(end -> ByteSize.format(end.memoryPeakBytes().getAsLong()))
                .orElse("-"),
            run.end().map(Screens::end).orElse("runs"));
      }
      out.append('\n').append(runs.render(columns)).append(measured(details, columns));
    }
    Table transitions = new Table("AT", "STATE", "REASON");
    List<Transition> all = details.transitions();
    int from = Math.max(0, all.size() - TRANSITIONS_SHOWN);
    for (Transition transition : all.subList(from, all.size())) {
      transitions.row(TIME.format(transition.at()), transition.to().word(), transition.reason());
    }
    out.append('\n').append(transitions.render(columns));
    if (from > 0) {
      out.append("(").append(from).append(" earlier transitions: --json shows all)\n");
    }
    return out.toString();
  }

  /** What was measured of the runs; what was not is left out. */
  private static String measured(Details details, int columns) {
    Table table = new Table("RUN", "HOTTEST", "MEAN", "ENERGY", "THROTTLED");
    boolean any = false;
    for (Run run : details.runs()) {
      Optional<RunMeasures> measures = details.measured(run);
      if (measures.isPresent()) {
        any = true;
        table.row(
            Integer.toString(run.number()),
            celsius(measures.get().peakMilliCelsius()),
            celsius(measures.get().meanMilliCelsius()),
            joules(measures.get().joules()),
            Durations.brief(measures.get().throttled()));
      }
    }
    return any ? "\n" + table.render(columns) : "";
  }

  private static String celsius(OptionalInt milliCelsius) {
    return milliCelsius.isPresent() ? new MilliCelsius(milliCelsius.getAsInt()).toString() : "-";
  }

  private static String joules(OptionalDouble joules) {
    return joules.isPresent() ? String.format(Locale.ROOT, "%.0f J", joules.getAsDouble()) : "-";
  }

  /** The runner's own account, told as such: it counts otherwise than we do. */
  private static String runner(RunnerFacts facts) {
    List<String> parts = new ArrayList<>();
    facts.status().ifPresent(parts::add);
    String of = facts.maxCycles().isPresent() ? "/" + facts.maxCycles().getAsInt() : "";
    facts.cycles().ifPresent(cycles -> parts.add("cycles " + cycles + of));
    facts.crashes().ifPresent(crashes -> parts.add("crashes " + crashes));
    facts.selfReports().ifPresent(reports -> parts.add("self-reports " + reports));
    return parts.isEmpty() ? "says nothing" : "says " + String.join(", ", parts);
  }

  private static String end(RunEnd end) {
    return end.kind().name().toLowerCase(Locale.ROOT) + ": " + end.detail();
  }

  private static void line(StringBuilder out, String key, String value) {
    out.append(key).append(" ".repeat(10 - key.length())).append(value).append('\n');
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
    // A clock that was put back must not show negative times.
    return Durations.brief(duration.isNegative() ? Duration.ZERO : duration);
  }
}
