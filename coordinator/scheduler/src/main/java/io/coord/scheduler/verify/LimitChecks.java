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

/** The limits that the kernel keeps, against those that were asked for. */
final class LimitChecks {

  /** As in the coordinator's unit file. */
  private static final long OWN_MEMORY_BYTES = 512L << 20;

  private static final long OWN_CPU_PERCENT = 20;
  private static final int OWN_OOM_SCORE = -900;

  /** As in the unit template. */
  private static final long TASKS = 512;

  /** The kernel counts memory in whole pages, of 64 kB at most. */
  private static final long PAGE_BYTES = 64 * 1024;

  /** Without these nothing bounds an experiment. */
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
    facts.add(sliceMemory(installation.slice()));
    facts.add(sliceCores(installation));
    facts.add(experiments(installation.experiments()));
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
      return Fact.odd(
          name, measured + ": not run as " + UnitChecks.COORDINATOR, asked, UnitChecks.INSTALL);
    }
    String look = "systemctl cat " + UnitChecks.COORDINATOR + " shows what sets it";
    boolean none = limit.value().filter(value -> value.orElse(0) != 0).isEmpty();
    return none ? Fact.fault(name, measured, asked, look) : Fact.odd(name, measured, asked, look);
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

  /** Small figures are no bytes, and exact. */
  private static long slack(long wanted) {
    return wanted > PAGE_BYTES ? PAGE_BYTES : 1;
  }

  private static Fact controllers(Installation installation) {
    Installation.Controllers controllers = installation.controllers();
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
              ? "have them delegated to your service manager: Delegate="
                  + String.join(" ", NEEDED)
                  + " in a drop-in of user@.service"
              : "nothing bounds experiments without "
                  + String.join(" ", missing)
                  + ": enable it in the kernel (cgroup_enable= on its command line)");
    }
    if (!controllers.version2()) {
      return Fact.odd(
          name,
          measured + "; AllowedCPUs, MemorySwapMax and freezing are not enforced",
          wanted + "; cgroup v2",
          "boot with systemd.unified_cgroup_hierarchy=1, if the board's release can");
    }
    List<String> less =
        USEFUL.stream().filter(one -> !controllers.present().contains(one)).toList();
    return less.isEmpty()
        ? Fact.good(name, measured, wanted)
        : Fact.odd(
            name,
            measured,
            wanted,
            (less.contains("cpuset") ? "EXPERIMENT_CORES" : "what the disk is given")
                + " is not enforced without "
                + String.join(" ", less));
  }

  private static Fact sliceMemory(Installation.Slice slice) {
    String name = "slice-memory";
    String wanted = ByteSize.format(slice.memoryBytes());
    if (slice.status().value().isEmpty()) {
      return Fact.fault(name, slice.status().fault(), wanted, ASK_AGAIN);
    }
    OptionalLong set = slice.status().value().get().memoryBytes();
    if (!isAbout(set, slice.memoryBytes())) {
      return Fact.fault(
          name, "systemd: " + shown(Reading.of(set), ByteSize::format), wanted, ASK_AGAIN);
    }
    Reading<OptionalLong> kept = slice.bounds().memoryBytes();
    if (slice.status().value().get().controlGroup().isEmpty()) {
      return Fact.good(name, wanted + ", from the first run on", wanted);
    }
    return kept.value().filter(value -> isAbout(value, slice.memoryBytes())).isPresent()
        ? Fact.good(name, shown(kept, ByteSize::format), wanted)
        : Fact.fault(
            name,
            "the kernel: " + shown(kept, ByteSize::format),
            wanted,
            "see 'controllers': nothing bounds what all experiments hold together");
  }

  private static final String ASK_AGAIN =
      "the coordinator sets it with each health check; if it stays so, look into its log";

  private static Fact sliceCores(Installation installation) {
    Installation.Slice slice = installation.slice();
    String name = "slice-cores";
    if (slice.cores().isEmpty()) {
      return Fact.good(name, "all", "all");
    }
    String wanted = slice.cores().toString();
    if (slice.status().value().isEmpty()) {
      return Fact.fault(name, slice.status().fault(), wanted, ASK_AGAIN);
    }
    Cores set = new Cores(List.copyOf(slice.status().value().get().cores()));
    if (!set.equals(slice.cores())) {
      return Fact.fault(name, "systemd: " + (set.isEmpty() ? "all" : set), wanted, ASK_AGAIN);
    }
    if (!installation.controllers().version2()
        || !installation.controllers().present().contains("cpuset")) {
      return Fact.odd(
          name,
          "not enforced: experiments use all cores",
          wanted,
          "cores need cgroup v2 with cpuset; see 'controllers'");
    }
    if (slice.status().value().get().controlGroup().isEmpty()) {
      return Fact.good(name, wanted + ", from the first run on", wanted);
    }
    Reading<Cores> kept = slice.bounds().cores();
    if (kept.value().isEmpty()) {
      return Fact.odd(
          name,
          "not enforced: " + kept.fault(),
          wanted,
          "cores need cgroup v2 with cpuset; see 'controllers'");
    }
    // Fewer are those that are online: a lower power mode takes the others away.
    return kept.value().get().without(slice.cores()).isEmpty()
        ? Fact.good(name, kept.value().get().toString(), wanted)
        : Fact.odd(
            name,
            "the kernel: " + kept.value().get(),
            wanted,
            "the kernel gives other cores where none of these is online: look with 'coord power'");
  }

  private static Fact experiments(List<Installation.Experiment> experiments) {
    String name = "experiment-limits";
    String wanted = "as asked for";
    List<String> faults = new ArrayList<>();
    for (Installation.Experiment experiment : experiments) {
      List<String> wrong = wrong(experiment);
      if (!wrong.isEmpty()) {
        faults.add(experiment.asked().id() + ": " + String.join(", ", wrong));
      }
    }
    String sum =
        "%d of %d as asked".formatted(experiments.size() - faults.size(), experiments.size());
    if (faults.isEmpty()) {
      return Fact.good(name, experiments.isEmpty() ? "none runs" : sum, wanted);
    }
    return Fact.fault(
        name,
        faults.stream().collect(Collectors.joining("; ", sum + "; ", "")),
        wanted,
        "see 'controllers'; who has changed one by 'systemctl set-property' stops and enqueues it"
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
      wrong.add("%s %s, asked %s".formatted(what, shown(limit, text), text.apply(asked)));
    }
  }
}
