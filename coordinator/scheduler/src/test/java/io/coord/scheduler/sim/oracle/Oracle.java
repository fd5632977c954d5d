package io.coord.scheduler.sim.oracle;

import io.coord.persistence.ExperimentState;
import io.coord.systemd.ExitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hears what really happens on a machine, what users ask for, and what the coordinator stores; and
 * throws a {@link Violation} as soon as something is so that must not be.
 *
 * <p>It knows the processes and the requests, never what the coordinator thinks of them.
 */
public final class Oracle {
  private static final EnumMap<ExperimentState, EnumSet<ExperimentState>> NEXT =
      new EnumMap<>(ExperimentState.class);

  static {
    next("QUEUED", "STARTING HELD STOPPED FAILED");
    next("HELD", "QUEUED STARTING STOPPED FAILED");
    next("STARTING", "RUNNING RESTARTING QUEUED HELD STOPPING VERIFYING COMPLETED FAILED");
    next("RUNNING", "RUNNING RESTARTING QUEUED HELD PAUSED STOPPING VERIFYING COMPLETED FAILED");
    next("RESTARTING", "RUNNING RESTARTING QUEUED HELD STOPPING VERIFYING COMPLETED FAILED");
    next("PAUSED", "RUNNING RESTARTING QUEUED STOPPING COMPLETED FAILED");
    next("COOLING", "QUEUED STARTING HELD STOPPED");
    next("STOPPING", "STOPPING COOLING QUEUED HELD VERIFYING COMPLETED FAILED STOPPED");
    next("VERIFYING", "VERIFYING QUEUED HELD COMPLETED FAILED STOPPED");
  }

  /** A fault that changes the order. */
  public static final String LATE_MOUNT = "late mount";

  private static void next(String from, String to) {
    EnumSet<ExperimentState> states = EnumSet.noneOf(ExperimentState.class);
    for (String word : to.split(" ", -1)) {
      states.add(ExperimentState.valueOf(word));
    }
    NEXT.put(ExperimentState.valueOf(from), states);
  }

  /** Whether an experiment is drained: it was said so, it was said not so, or it is open. */
  private enum Draining {
    NO,
    YES,
    UNKNOWN
  }

  private final Machine machine;
  private final HeatWatch heat;
  private final Quiet quiet = new Quiet();
  private final TreeMap<String, Subject> subjects = new TreeMap<>();
  private final TreeMap<String, Subject> open = new TreeMap<>();
  private final TreeSet<String> acknowledged = new TreeSet<>();
  private int failures;
  private final TreeSet<String> heldCommands = new TreeSet<>();
  private final StartRules starts;
  private final LatencyRules latency;
  private Draining draining = Draining.NO;
  private boolean restrained;
  private boolean lowered;
  private String powerMode = "";
  private @Nullable Instant restrainedWhileCoolSince;
  private Instant now;
  private Instant wall;

  public Oracle(Machine machine, Instant now) {
    this.machine = machine;
    this.heat = new HeatWatch(machine.heat());
    this.now = now;
    this.wall = now;
    this.starts = new StartRules(machine, heat);
    this.latency = new LatencyRules(machine, heat, quiet);
  }

  static void require(boolean so, Rule rule, Supplier<String> otherwise) {
    if (!so) {
      throw new Violation(rule, otherwise.get());
    }
  }

  // --- time and faults

  /**
   * It is later now.
   *
   * @param wall what the machine's clock shows
   */
  public void time(Instant later, Instant wall) {
    this.now = later;
    this.wall = wall;
  }

  /** A fault begins that lasts. */
  public void faultBegins(String fault) {
    quiet.begin(fault, now);
  }

  /** A fault is over. */
  public void faultEnds(String fault) {
    quiet.end(fault, now);
  }

  /** Something went wrong once. */
  public void fault() {
    quiet.hiccup(now);
  }

  /** Another coordinator takes over. */
  public void coordinatorBegins() {
    heat.forget();
    quiet.hiccup(now);
  }

  // --- what users ask for

  /** The coordinator said that it has this. */
  public void acknowledged(String id) {
    acknowledged.add(id);
  }

  public void stopAsked(String id) {
    known(id).ifPresent(subject -> subject.stopAsked = true);
  }

  public void stopAcknowledged(String id) {
    find(id).stopAcknowledged = now;
  }

  public void holdAsked(String id) {
    known(id).ifPresent(subject -> subject.holdAsked = true);
  }

  public void releaseAsked(String id) {
    known(id)
        .ifPresent(
            subject -> {
              subject.releaseAsked = true;
              subject.disabledAtBoot = false;
            });
  }

  /** Somebody has stopped its unit without a word to the coordinator, or that word was lost. */
  public void stoppedOutside(String id) {
    find(id).stoppedOutside = true;
  }

  public void disableAsked(String id) {
    find(id).disableAsked = true;
  }

  /** The machine has booted, and it was disabled before. */
  public void disabledAtBoot(String id) {
    find(id).disabledAtBoot = true;
  }

  public void drainAsked() {
    draining = Draining.UNKNOWN;
  }

  public void drainAcknowledged(boolean drains) {
    draining = drains ? Draining.YES : Draining.NO;
  }

  // --- what the coordinator sees and stores

  /** The coordinator has read the hottest zone, or that none can be read. */
  public void read(OptionalInt milliCelsius) {
    heat.read(milliCelsius, now);
  }

  /** Whether all experiments together are limited, or frozen. */
  public void restrained(boolean is) {
    restrained = is;
  }

  /** All processes are frozen now. */
  public void frozen() {
    latency.frozen(now);
  }

  /** Whether the board is in a lower mode. */
  public void lowered(boolean is) {
    lowered = is;
  }

  /** The power mode that the board is in. */
  public void powerMode(String name) {
    powerMode = name;
  }

  /** An experiment was stored. */
  public void enqueued(String id, long sequence, Asked asked) {
    Subject added = new Subject(id, sequence, asked, now);
    require(subjects.put(id, added) == null, Rule.ID_REUSED, () -> id);
    asked
        .uniqueKey()
        .ifPresent(
            key ->
                open.values()
                    .forEach(
                        other ->
                            require(
                                !other.asked.uniqueKey().equals(asked.uniqueKey()),
                                Rule.UNIQUE_KEY,
                                () -> key + " of " + other + " and " + added)));
    open.put(id, added);
  }

  /** A cycle was stored. */
  public void progressStored(String id, int cycle) {
    find(id).storedCycle = cycle;
  }

  /** A command was stored as held, or as not held. */
  public void commandStored(String command, boolean held, int needed) {
    if (held && heldCommands.add(command)) {
      require(
          failures >= needed,
          Rule.BREAKER,
          () -> command + " is held after " + failures + " early failures");
    } else if (!held) {
      heldCommands.remove(command);
    }
  }

  /** Its start was refused, or did not begin a process: it keeps its place, and is tried again. */
  public void startFailed(String id) {
    find(id).startFailed = true;
    find(id).failsNow = true;
  }

  /** A transition was stored. */
  public void moved(String id, ExperimentState from, ExperimentState to, String reason) {
    Subject subject = find(id);
    require(
        subject.state == from && NEXT.containsKey(from) && NEXT.get(from).contains(to),
        Rule.TRANSITION,
        () -> subject + " goes from " + from + " to " + to);
    checkAsked(subject, from, to, reason);
    if (to == ExperimentState.STARTING) {
      // While a place cannot be reached, what is there waits for one that finds out.
      boolean ordered = heldCommands.isEmpty() && !quiet.isOpen(LATE_MOUNT);
      starts.check(subject, subjects, open, wall, ordered, now);
      require(
          subject.asked.conditions().powerMode().filter(mode -> !mode.equals(powerMode)).isEmpty(),
          Rule.STARTS_IN_OTHER_MODE,
          () -> subject + " starts in power mode " + powerMode);
      require(
          draining != Draining.YES, Rule.STARTS_DRAINING, () -> subject + " starts while draining");
    }
    if (to == ExperimentState.COMPLETED && subject.lastProgress.isAfter(subject.lastBegin)) {
      require(
          subject.storedCycle == subject.cycle,
          Rule.CYCLES,
          () -> subject + " reached " + subject.cycle + ", stored is " + subject.storedCycle);
    }
    subject.move(to, now);
    if (subject.hasEnded()) {
      open.remove(id);
      countEarlyFailure(subject);
    }
  }

  private void countEarlyFailure(Subject subject) {
    if (subject.state == ExperimentState.FAILED) {
      failures++;
    }
  }

  private void checkAsked(
      Subject subject, ExperimentState from, ExperimentState to, String reason) {
    Supplier<String> what = () -> subject + " is moved to " + to + ": " + reason;
    switch (to) {
      case HELD ->
          require(
              subject.holdAsked
                  || subject.stoppedOutside
                  || subject.disableAsked
                  || subject.startFailed,
              Rule.MOVED_UNASKED,
              what);
      case STOPPED -> require(subject.stopAsked, Rule.MOVED_UNASKED, what);
      case COOLING ->
          require(
              heat.everReached(subject.asked.conditions().maxMilliCelsius())
                  || !quiet.since(subject.lastBegin),
              Rule.MOVED_UNASKED,
              what);
      case QUEUED ->
          require(from != ExperimentState.HELD || subject.releaseAsked, Rule.MOVED_UNASKED, what);
      case STARTING, RUNNING, RESTARTING, PAUSED, STOPPING, VERIFYING, COMPLETED, FAILED -> {}
    }
  }

  // --- what really happens

  /** A process begins. */
  public void began(String id, String invocation) {
    Subject subject = find(id);
    require(
        subject.live.isEmpty(),
        Rule.TWICE_AT_ONCE,
        () -> id + " begins " + invocation + " while " + subject.live + " lives");
    // Held before it was verified, and released: that is what its user was told.
    require(
        !subject.complete || subject.releaseAsked,
        Rule.RUNS_AGAIN,
        () -> subject + " begins " + invocation);
    subject.live.put(invocation, now);
    subject.lastBegin = now;
    subject.lastProgress = now;
  }

  /** A process has done another cycle, and said so. */
  public void progressed(String id, int cycle) {
    find(id).cycle = cycle;
    find(id).lastProgress = now;
  }

  /**
   * A run is over and has left its record.
   *
   * @param ownDoing whether it ended by itself, without success
   */
  public void ended(String id, ExitRecord exit, boolean ownDoing) {
    Subject subject = find(id);
    subject.live.remove(exit.invocation());
    subject.ran = subject.ran.plus(Duration.ofMillis(exit.durationMillis().orElse(0)));
    boolean mayBeCalledAStop =
        subject.state == ExperimentState.STOPPING
            || subject.stopAsked
            || subject.stoppedOutside
            || heat.criticalSince() != null;
    if (ownDoing && !mayBeCalledAStop && quiet.isQuiet()) {
      subject.crashes++;
      subject.lastCrash = now;
    }
  }

  /** The last run of a program has ended with success, and was all that was to do. */
  public void completed(String id) {
    find(id).complete = true;
  }

  /** All processes are gone without a record. */
  public void allGone() {
    subjects.values().forEach(subject -> subject.live.clear());
  }

  // --- what must always be

  /** Checks all that must be so at any moment; to be called after each step. */
  public void check() {
    int running = 0;
    int slots = 0;
    long ram = 0;
    TreeMap<String, Integer> groups = new TreeMap<>();
    TreeSet<String> modes = new TreeSet<>();
    for (Subject subject : subjects.values()) {
      if (!subject.live.isEmpty()) {
        running++;
        require(
            subject.holdsSlot(),
            Rule.PROCESS_WITHOUT_SLOT,
            () -> subject + " has a process: " + subject.live);
      }
      if (subject.holdsSlot()) {
        slots++;
        ram += subject.asked.ramBytes();
        groups.merge(subject.asked.conditions().group(), 1, Integer::sum);
        subject.asked.conditions().powerMode().ifPresent(modes::add);
      }
    }
    require(modes.size() <= 1, Rule.TWO_POWER_MODES, modes::toString);
    int used = Math.max(running, slots);
    require(used <= machine.slots(), Rule.SLOTS, () -> used + " of " + machine.slots());
    long reserved = ram;
    require(
        reserved <= machine.ramBytes(), Rule.MEMORY, () -> reserved + " of " + machine.ramBytes());
    machine
        .groupSlots()
        .forEach(
            (group, most) ->
                require(
                    groups.getOrDefault(group, 0) <= most, Rule.GROUP_SLOTS, () -> "" + groups));
    latency.check(
        new LatencyRules.Moment(now, wall, slots, reserved, groups),
        subjects,
        open.values(),
        draining == Draining.NO && heldCommands.isEmpty() && !memoryMayBeReserved(reserved));
    checkRestraint();
  }

  /** Behind one that has waited long for memory, others wait although they fit. */
  private boolean memoryMayBeReserved(long reserved) {
    return open.values().stream()
        .anyMatch(
            one ->
                one.state == ExperimentState.QUEUED
                    && reserved + one.asked.ramBytes() > machine.ramBytes()
                    && Duration.between(one.stateSince, now).compareTo(StartRules.WAITED_LONG)
                        >= 0);
  }

  private void checkRestraint() {
    boolean leftover = restrained && heat.admits();
    restrainedWhileCoolSince =
        !leftover ? null : restrainedWhileCoolSince == null ? now : restrainedWhileCoolSince;
    latency.checkRestraint(now, restrained || lowered, restrainedWhileCoolSince, open.values());
  }

  /** What was acknowledged. */
  public SortedSet<String> acknowledged() {
    return acknowledged;
  }

  /** Users may ask for what was never stored. */
  private Optional<Subject> known(String id) {
    return Optional.ofNullable(subjects.get(id));
  }

  private Subject find(String id) {
    Subject found = subjects.get(id);
    if (found == null) {
      throw new IllegalStateException("nothing was heard of " + id);
    }
    return found;
  }
}
