package io.coord.scheduler.sim.oracle;

import static io.coord.scheduler.sim.oracle.Oracle.require;

import io.coord.persistence.ExperimentState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must have happened by now, if nothing was in the way. */
final class LatencyRules {
  /** A health check, and a reading of the zones. */
  private static final Duration NOTICED = Duration.ofSeconds(40);

  /** And a stop that is not obeyed until the template's timeout. */
  private static final Duration STOPPED = NOTICED.plusSeconds(35);

  /** Three looks at evidence that takes long, with the waits between them. */
  private static final Duration VERIFIED = Duration.ofMinutes(5);

  private static final Duration READINGS = Duration.ofSeconds(10);

  private static final Duration RESTARTED = Duration.ofSeconds(90);
  private static final Duration COOLED = Duration.ofSeconds(90);
  private static final Duration RELEASED_AFTER_HEAT = Duration.ofMinutes(10);

  /** The longest wait after a start that failed. */
  private static final Duration TRIED_AGAIN = Duration.ofMinutes(3);

  /** What is used at a moment. */
  record Moment(
      Instant now, Instant wall, int slots, long ramBytes, SortedMap<String, Integer> groups) {}

  private Instant frozenUntil = Instant.MIN;
  private final Machine machine;
  private final HeatWatch heat;
  private final Quiet quiet;

  LatencyRules(Machine machine, HeatWatch heat, Quiet quiet) {
    this.machine = machine;
    this.heat = heat;
    this.quiet = quiet;
  }

  void check(
      Moment moment,
      SortedMap<String, Subject> all,
      Collection<Subject> open,
      boolean everybodyMayStart) {
    Instant critical = heat.criticalSince();
    for (Subject subject : open) {
      if (critical != null && !subject.live.isEmpty()) {
        require(
            !quiet.isLate(critical, machine.heat().emergencyStop().plus(READINGS), moment.now()),
            Rule.CRITICAL_STOP,
            () -> subject + " still runs, critical since " + critical);
      }
      checkLimits(subject, moment.now());
      checkState(subject, moment.now());
      checkIdle(subject, moment, all, everybodyMayStart);
    }
  }

  /** Nothing makes progress now, and that is nobody's fault. */
  void frozen(Instant now) {
    frozenUntil = now;
  }

  private void checkLimits(Subject subject, Instant now) {
    if (subject.live.isEmpty()) {
      return;
    }
    OptionalInt crashes = subject.asked.bounds().maxCrashes();
    require(
        crashes.isEmpty()
            || subject.crashes <= crashes.getAsInt()
            || !quiet.isLate(subject.lastCrash, STOPPED, now),
        Rule.CRASH_LIMIT,
        () -> subject + " runs after " + subject.crashes + " crashes of " + crashes);
    Instant began = subject.live.firstEntry().getValue();
    subject
        .asked
        .bounds()
        .maxDuration()
        .ifPresent(
            most ->
                require(
                    !quiet.isLate(began.plus(most).minus(subject.ran), STOPPED, now),
                    Rule.TIME_LIMIT,
                    () -> subject + " runs since " + began + ", before that " + subject.ran));
    subject
        .asked
        .bounds()
        .noProgress()
        .ifPresent(
            most ->
                require(
                    !quiet.isLate(
                        Collections.max(List.of(subject.lastProgress, frozenUntil)),
                        most.plus(NOTICED),
                        now),
                    Rule.NO_PROGRESS,
                    () -> subject + " has made no progress since " + subject.lastProgress));
  }

  private void checkState(Subject subject, Instant now) {
    Duration most =
        switch (subject.state) {
          case STARTING, STOPPING -> STOPPED;
          case RUNNING -> NOTICED;
          case RESTARTING -> RESTARTED;
          case COOLING -> RESTARTED;
          case VERIFYING -> VERIFIED;
          case QUEUED, HELD, PAUSED, COMPLETED, FAILED, STOPPED -> Duration.ZERO;
        };
    boolean mustLeave =
        switch (subject.state) {
          case STARTING, STOPPING, VERIFYING -> true;
          case RUNNING, RESTARTING -> subject.live.isEmpty();
          case COOLING -> heat.admits(subject.asked.conditions().maxMilliCelsius());
          case QUEUED, HELD, PAUSED, COMPLETED, FAILED, STOPPED -> false;
        };
    // It is in the state for longer than it must leave it, which is counted from the first moment.
    subject.mustLeaveSince =
        !mustLeave ? null : subject.mustLeaveSince == null ? now : subject.mustLeaveSince;
    require(
        subject.mustLeaveSince == null || !quiet.isLate(subject.mustLeaveSince, most, now),
        Rule.STUCK,
        () -> subject + " does not leave its state; processes: " + subject.live);
    Instant stop = subject.stopAcknowledged;
    require(
        stop == null || !quiet.isLate(stop, STOPPED, now),
        Rule.STOP_OBEYED,
        () -> subject + " was to be stopped at " + stop);
  }

  private void checkIdle(
      Subject subject, Moment moment, SortedMap<String, Subject> all, boolean everybodyMayStart) {
    Asked.Conditions conditions = subject.asked.conditions();
    int groupSlots = machine.groupSlots().getOrDefault(conditions.group(), machine.slots());
    boolean waits = subject.state == ExperimentState.QUEUED;
    boolean mayWait =
        subject.startFailed && moment.now().isBefore(subject.stateSince.plus(TRIED_AGAIN));
    boolean fits =
        waits
            && !mayWait
            && everybodyMayStart
            && moment.slots() < machine.slots()
            && moment.groups().getOrDefault(conditions.group(), 0) < groupSlots
            && moment.ramBytes() + subject.asked.ramBytes() <= machine.ramBytes()
            && heat.admits(conditions.maxMilliCelsius())
            && conditions.notBefore().filter(moment.wall()::isBefore).isEmpty()
            && conditions.powerMode().isEmpty()
            && StartRules.dependenciesEnded(subject, all);
    subject.eligibleSince =
        !fits ? null : subject.eligibleSince == null ? moment.now() : subject.eligibleSince;
    require(
        subject.eligibleSince == null
            || !quiet.isLate(subject.eligibleSince, NOTICED, moment.now()),
        Rule.IDLE_SLOT,
        () -> subject + " fits since " + subject.eligibleSince + " and does not start");
    boolean hopeless =
        waits
            && conditions.after().stream()
                .flatMap(id -> Stream.ofNullable(all.get(id)))
                .anyMatch(before -> before.hasEnded() && before.state != ExperimentState.COMPLETED);
    subject.hopelessSince =
        !hopeless ? null : subject.hopelessSince == null ? moment.now() : subject.hopelessSince;
    require(
        subject.hopelessSince == null
            || !quiet.isLate(subject.hopelessSince, NOTICED, moment.now()),
        Rule.STUCK,
        () -> subject + " waits for " + conditions.after() + ", which cannot complete any more");
  }

  /** Whether the means against heat are as they must be. */
  void checkRestraint(
      Instant now,
      boolean restrained,
      @Nullable Instant restrainedWhileCoolSince,
      Collection<Subject> open) {
    Instant above = heat.aboveHoldSince();
    boolean works = open.stream().anyMatch(subject -> !subject.live.isEmpty());
    require(
        above == null || restrained || !works || !quiet.isLate(above, COOLED, now),
        Rule.NOT_COOLED,
        () -> heat + " since " + above + ", and nothing is done");
    require(
        restrainedWhileCoolSince == null
            || !quiet.isLate(restrainedWhileCoolSince, RELEASED_AFTER_HEAT, now),
        Rule.COOLING_LEFT,
        () -> heat + " since " + restrainedWhileCoolSince + ", and still limited");
  }
}
