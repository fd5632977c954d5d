package io.coord.scheduler.verify;

import io.coord.runner.ByteSize;
import io.coord.scheduler.verify.Installation.Bounds;
import io.coord.thermal.Cores;
import io.coord.thermal.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** The limits in force in the kernel, compared with those that were requested. */
final class LimitChecks {

  /** As in the coordinator's unit file. */
  private static final long OWN_MEMORY_BYTES = 512L << 20;

  private static final long OWN_CPU_PERCENT = 100;
  private static final int OWN_OOM_SCORE = -900;

  /** As in the unit template. */
  private static final long TASKS = 512;

  /** The kernel counts memory in whole pages, of 64 kB at most. */
  private static final long PAGE_BYTES = 64 * 1024;

  /** Without these, experiments have no limits. */
  private static final List<String> NEEDED = List.of("cpu", "memory", "pids");

  private static final List<String> USEFUL = List.of("cpuset", "io");

  private LimitChecks() {}

  static List<Fact> of(Installation installation) {
    List<Fact> facts = new ArrayList<>();
    Bounds own = installation.self().bounds();
    facts.add(
        own(
            installation,
            "coordinator-memory",
            own.memoryBytes(),
            OWN_MEMORY_BYTES,
            ByteSize::format));
    facts.add(
        own(
            installation,
            "coordinator-cpu",
            own.cpuPercent(),
            OWN_CPU_PERCENT,
            LimitChecks::percent));
    facts.add(
        own(
            installation,
            "coordinator-oom-score",
            installation.self().oomScoreAdjust().map(score -> OptionalLong.of(score)),
            OWN_OOM_SCORE,
            Long::toString));
    facts.add(controllers(installation));
    facts.add(sliceMemory(installation.limits().slice()));
    facts.add(sliceCores(installation));
    facts.add(experiments(installation.limits().experiments()));
    return facts;
  }

  private static String percent(long percent) {
    return percent + " % of one core";
  }

  /** A limit of the coordinator itself, as the kernel has it. */
  private static Fact own(
      Installation installation,
      String name,
      Reading<OptionalLong> limit,
      long wanted,
      LongFunction<String> text) {
    String asked = text.apply(wanted);
    String measured = shown(limit, text);
    if (limit.value().filter(value -> isAbout(value, wanted)).isPresent()) {
      return Fact.good(name, measured, asked);
    }
    if (!UnitChecks.isService(installation)) {
      return Fact.odd(name, measured + ": not started by systemd", asked, UnitChecks.INSTALL);
    }
    String hint = "'systemctl cat " + UnitChecks.COORDINATOR + "' shows what sets it";
    boolean none = limit.value().filter(value -> value.orElse(0) != 0).isEmpty();
    return none ? Fact.fault(name, measured, asked, hint) : Fact.odd(name, measured, asked, hint);
  }

  private static String shown(Reading<OptionalLong> limit, LongFunction<String> text) {
    return limit
        .value()
        .map(value -> value.isPresent() ? text.apply(value.getAsLong()) : "no limit")
        .orElse(limit.fault());
  }

  private static boolean isAbout(OptionalLong value, long wanted) {
    return value.isPresent() && Math.abs(value.getAsLong() - wanted) < slack(wanted);
  }

  /** Small figures are not bytes, and exact. */
  private static long slack(long wanted) {
    return wanted > PAGE_BYTES ? PAGE_BYTES : 1;
  }

  private static Fact controllers(Installation installation) {
    Installation.Controllers controllers = installation.limits().controllers();
    String name = "controllers";
    String wanted = String.join(" ", NEEDED) + ", also " + String.join(" ", USEFUL);
    String measured =
        "cgroup v%d: %s"
            .formatted(
                controllers.version2() ? 2 : 1,
                controllers.present().isEmpty() ? "none" : String.join(" ", controllers.present()));
    List<String> missing =
        NEEDED.stream().filter(one -> !controllers.present().contains(one)).toList();
    if (!missing.isEmpty()) {
      return Fact.fault(
          name,
          measured,
          wanted,
          installation.user()
              ? "delegate them to your service manager: set 'Delegate="
                  + String.join(" ", NEEDED)
                  + "' in a drop-in of user@.service"
              : "experiments have no limits without "
                  + String.join(" ", missing)
                  + ": enable it on the kernel command line (cgroup_enable=)");
    }
    if (!controllers.version2()) {
      return Fact.odd(
          name,
          measured + "; AllowedCPUs, MemorySwapMax and freezing are not enforced",
          wanted + "; cgroup v2",
          "boot with systemd.unified_cgroup_hierarchy=1 if the release of the board supports it");
    }
    List<String> less =
        USEFUL.stream().filter(one -> !controllers.present().contains(one)).toList();
    return less.isEmpty()
        ? Fact.good(name, measured, wanted)
        : Fact.odd(
            name,
            measured,
            wanted,
            (less.contains("cpuset") ? "EXPERIMENT_CORES" : "the share of the disk")
                + " is not enforced without "
                + String.join(" ", less));
  }

  private static Fact sliceMemory(Installation.Slice slice) {
    String name = "slice-memory";
    String wanted = ByteSize.format(slice.memoryBytes());
    if (slice.status().value().isEmpty()) {
      return Fact.fault(name, slice.status().fault(), wanted, NEXT_CHECK);
    }
    OptionalLong set = slice.status().value().get().memoryBytes();
    if (!isAbout(set, slice.memoryBytes())) {
      return Fact.fault(
          name, "systemd: " + shown(Reading.of(set), ByteSize::format), wanted, NEXT_CHECK);
    }
    Reading<OptionalLong> kept = slice.bounds().memoryBytes();
    if (slice.status().value().get().controlGroup().isEmpty()) {
      return Fact.good(name, wanted + ", from the first run", wanted);
    }
    return kept.value().filter(value -> isAbout(value, slice.memoryBytes())).isPresent()
        ? Fact.good(name, shown(kept, ByteSize::format), wanted)
        : Fact.fault(
            name,
            "kernel: " + shown(kept, ByteSize::format),
            wanted,
            "see 'controllers': there is no limit for all experiments together");
  }

  private static final String NEXT_CHECK =
      "the coordinator sets it at each health check; if it does not change, see its log";

  private static Fact sliceCores(Installation installation) {
    Installation.Slice slice = installation.limits().slice();
    String name = "slice-cores";
    if (slice.cores().isEmpty()) {
      return Fact.good(name, "all", "all");
    }
    String wanted = slice.cores().toString();
    if (slice.status().value().isEmpty()) {
      return Fact.fault(name, slice.status().fault(), wanted, NEXT_CHECK);
    }
    Cores set = new Cores(List.copyOf(slice.status().value().get().cores()));
    if (!set.equals(slice.cores())) {
      return Fact.fault(name, "systemd: " + (set.isEmpty() ? "all" : set), wanted, NEXT_CHECK);
    }
    if (!installation.limits().controllers().version2()
        || !installation.limits().controllers().present().contains("cpuset")) {
      return Fact.odd(
          name,
          "not enforced: experiments use all cores",
          wanted,
          "needs cgroup v2 with cpuset; see 'controllers'");
    }
    if (slice.status().value().get().controlGroup().isEmpty()) {
      return Fact.good(name, wanted + ", from the first run", wanted);
    }
    Reading<Cores> kept = slice.bounds().cores();
    if (kept.value().isEmpty()) {
      return Fact.odd(
          name,
          "not enforced: " + kept.fault(),
          wanted,
          "needs cgroup v2 with cpuset; see 'controllers'");
    }
    // The kernel shows the online cores only: a lower power mode takes others offline.
    return kept.value().get().without(slice.cores()).isEmpty()
        ? Fact.good(name, kept.value().get().toString(), wanted)
        : Fact.odd(
            name,
            "kernel: " + kept.value().get(),
            wanted,
            "the kernel uses other cores if none of these is online; see 'coord power'");
  }

  private static Fact experiments(List<Installation.Experiment> experiments) {
    String name = "experiment-limits";
    String wanted = "as requested";
    List<String> faults = new ArrayList<>();
    for (Installation.Experiment experiment : experiments) {
      List<String> wrong = wrong(experiment);
      if (!wrong.isEmpty()) {
        faults.add(experiment.asked().id() + ": " + String.join(", ", wrong));
      }
    }
    String sum =
        "%d of %d as requested".formatted(experiments.size() - faults.size(), experiments.size());
    if (faults.isEmpty()) {
      return Fact.good(name, experiments.isEmpty() ? "no experiment is running" : sum, wanted);
    }
    return Fact.fault(
        name,
        faults.stream().collect(Collectors.joining("; ", sum + "; ", "")),
        wanted,
        "see 'controllers'; after 'systemctl set-property', stop the experiment and enqueue it"
            + " again");
  }

  private static List<String> wrong(Installation.Experiment experiment) {
    List<String> wrong = new ArrayList<>();
    Bounds bounds = experiment.bounds();
    compare(
        wrong, "memory", bounds.memoryBytes(), experiment.asked().memoryBytes(), ByteSize::format);
    OptionalInt percent = experiment.asked().cpuPercent();
    if (percent.isPresent()) {
      compare(wrong, "cpu", bounds.cpuPercent(), percent.getAsInt(), LimitChecks::percent);
    }
    compare(wrong, "tasks", bounds.tasks(), TASKS, Long::toString);
    return wrong;
  }

  private static void compare(
      List<String> wrong,
      String what,
      Reading<OptionalLong> limit,
      long asked,
      LongFunction<String> text) {
    if (limit.value().filter(value -> isAbout(value, asked)).isEmpty()) {
      wrong.add("%s %s, requested %s".formatted(what, shown(limit, text), text.apply(asked)));
    }
  }
}
