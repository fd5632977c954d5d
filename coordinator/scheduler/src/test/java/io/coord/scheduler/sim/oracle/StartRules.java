package io.coord.scheduler.sim.oracle;

import static io.coord.scheduler.sim.oracle.Oracle.require;

import io.coord.persistence.ExperimentState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.SortedMap;

/** What must be so when an experiment is dispatched. */
final class StartRules {
  /** What has waited for so long at the head has memory kept for it, and others may go around. */
  static final Duration WAITED_LONG = Duration.ofMinutes(30);

  private static final Comparator<Subject> ORDER =
      Comparator.comparing((Subject one) -> !one.broughtBack)
          .thenComparing(one -> -one.asked.priority())
          .thenComparing(one -> one.sequence);

  private final HeatWatch heat;

  StartRules(Machine machine, HeatWatch heat) {
    this.heat = heat;
  }

  /**
   * Checks a dispatch before it is noted.
   *
   * @param ordered whether everything that waits is in one order
   */
  void check(
      Subject subject,
      SortedMap<String, Subject> all,
      SortedMap<String, Subject> open,
      Instant wall,
      boolean ordered,
      Instant now) {
    Asked.Conditions conditions = subject.asked.conditions();
    require(
        heat.allowsStart(conditions.maxMilliCelsius(), now),
        Rule.STARTS_HOT,
        () -> subject + " starts though " + heat);
    heat.started(now);
    require(
        conditions.notBefore().filter(wall::isBefore).isEmpty(),
        Rule.STARTS_EARLY,
        () -> subject + " starts at " + wall + " by the clock");
    require(
        dependenciesEnded(subject, all),
        Rule.STARTS_BEFORE_DEPENDENCY,
        () -> subject + " starts before " + conditions.after() + conditions.afterAny());
    require(!subject.disabledAtBoot, Rule.STARTS_DISABLED, subject::toString);
    boolean orderIsPlain =
        open.values().stream()
            .noneMatch(
                one ->
                    one.state == ExperimentState.QUEUED
                        && Duration.between(one.stateSince, now).compareTo(WAITED_LONG) >= 0);
    if (ordered && orderIsPlain) {
      for (Subject other : open.values()) {
        require(
            !mustGoBefore(other, subject, all, wall),
            Rule.STARTS_OUT_OF_ORDER,
            () -> subject + " goes before " + other);
      }
    }
  }

  /** Whether all that an experiment follows has ended as it must. */
  static boolean dependenciesEnded(Subject subject, SortedMap<String, Subject> all) {
    Asked.Conditions conditions = subject.asked.conditions();
    return conditions.after().stream().allMatch(id -> isIn(ExperimentState.COMPLETED, id, all))
        && conditions.afterAny().stream()
            .allMatch(id -> all.containsKey(id) && all.get(id).hasEnded());
  }

  private static boolean isIn(ExperimentState state, String id, SortedMap<String, Subject> all) {
    Subject found = all.get(id);
    return found != null && found.state == state;
  }

  private boolean mustGoBefore(
      Subject other, Subject subject, SortedMap<String, Subject> all, Instant wall) {
    Asked.Conditions conditions = other.asked.conditions();
    return !other.id.equals(subject.id)
        && !other.startFailed
        && conditions.powerMode().isEmpty()
        && other.state == ExperimentState.QUEUED
        && other.asked.ramBytes() <= subject.asked.ramBytes()
        && conditions.group().equals(subject.asked.conditions().group())
        && conditions.notBefore().filter(wall::isBefore).isEmpty()
        && heat.admits(conditions.maxMilliCelsius())
        && dependenciesEnded(other, all)
        && ORDER.compare(other, subject) < 0;
  }
}
