package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The experiments that are queued or held, by what they wait for: what an event does not concern is
 * not looked at. For one thread.
 */
public final class WaitingQueue {
  /** Reasons that many have in common are kept once; a bound for those that nobody has. */
  private static final int REASONS_KEPT = 1000;

  private final IdTable all = new IdTable();
  private final Map<WaitingKind, WaitingExperiment.Common> kinds = new LinkedHashMap<>();
  private final Map<QueueLane, WaitingLane> lanes = new LinkedHashMap<>();
  private final TreeMap<String, WaitingExperiment> held = new TreeMap<>();
  private final TreeMap<Instant, TreeSet<String>> later = new TreeMap<>();
  private final TreeMap<Duration, TreeSet<String>> retries = new TreeMap<>();
  private final TreeMap<String, String> reasons = new TreeMap<>();
  private SortedSet<String> blockedPlaces = new TreeSet<>();
  private SortedSet<BreakerState.Key> heldCommands = new TreeSet<>();
  private WaitingExperiment.@Nullable Common latest;
  private int queued;

  int queued() {
    return queued;
  }

  int heldCount() {
    return held.size();
  }

  Optional<Experiment> find(String id) {
    return Optional.ofNullable(all.find(id)).map(WaitingExperiment::experiment);
  }

  boolean contains(String id) {
    return all.find(id) != null;
  }

  /**
   * Adds one that is not in it.
   *
   * @param awaits whether it waits for another experiment
   */
  void add(Experiment experiment, boolean awaits) {
    WaitingKind kind = WaitingKind.of(experiment);
    WaitingExperiment.Common common =
        latest != null && latest.kind.equals(kind)
            ? latest
            : kinds.computeIfAbsent(kind, this::common);
    latest = common;
    common.members++;
    WaitingExperiment one =
        new WaitingExperiment(experiment, common, kept(experiment.status().reason()));
    all.add(one);
    if (one.held) {
      held.put(one.id, one);
      return;
    }
    queued++;
    Optional<Instant> notBefore = one.order().notBefore();
    notBefore.ifPresent(at -> later.computeIfAbsent(at, any -> new TreeSet<>()).add(one.id));
    one.parked = awaits || notBefore.isPresent();
    one.judge(blockedPlaces, heldCommands);
    one.lane().add(one);
  }

  private WaitingExperiment.Common common(WaitingKind kind) {
    return new WaitingExperiment.Common(kind, used(kind.lane(false)), used(kind.lane(true)));
  }

  private WaitingLane used(QueueLane need) {
    WaitingLane lane = lanes.computeIfAbsent(need, WaitingLane::new);
    lane.users++;
    return lane;
  }

  private void noLongerUsed(WaitingLane lane) {
    lane.users--;
    if (lane.users == 0) {
      lanes.remove(lane.need);
    }
  }

  private String kept(String reason) {
    if (reasons.size() >= REASONS_KEPT) {
      reasons.clear();
    }
    return reasons.computeIfAbsent(reason, same -> same);
  }

  /** Removes one, if it is in it. */
  void remove(String id) {
    WaitingExperiment one = all.remove(id);
    if (one == null) {
      return;
    }
    if (one.held) {
      held.remove(id);
    } else {
      queued--;
      one.order().notBefore().ifPresent(at -> forget(at, id));
      one.lane().remove(one);
    }
    WaitingExperiment.Common common = one.common;
    common.members--;
    if (common.members == 0) {
      kinds.remove(common.kind);
      noLongerUsed(common.fresh);
      noLongerUsed(common.hasRun);
      latest = null;
    }
  }

  private void forget(Instant at, String id) {
    SortedSet<String> ids = later.get(at);
    if (ids != null && ids.remove(id) && ids.isEmpty()) {
      later.remove(at);
    }
  }

  /** An experiment waits for no other one any more. */
  void awaitsNothing(String id, Instant now) {
    WaitingExperiment one = all.find(id);
    if (one != null
        && !one.held
        && one.parked
        && one.order().notBefore().filter(now::isBefore).isEmpty()) {
      one.parked = false;
      one.lane().changed(one);
    }
  }

  /**
   * The dispatch of one failed, and is not made again before an uptime. Not for one that waits for
   * another experiment or a time.
   */
  void retryAt(String id, Duration from) {
    WaitingExperiment one = all.find(id);
    if (one != null && !one.held && !one.parked) {
      one.parked = true;
      one.lane().changed(one);
      retries.computeIfAbsent(from, any -> new TreeSet<>()).add(id);
    }
  }

  /** The uptime has passed to this; other than {@link #advance}, for dispatches that failed. */
  void retryDue(Duration uptime, Instant now) {
    while (!retries.isEmpty() && retries.firstKey().compareTo(uptime) <= 0) {
      retries.pollFirstEntry().getValue().forEach(id -> awaitsNothing(id, now));
    }
  }

  /**
   * The time has passed to this.
   *
   * @param awaits whether an experiment waits for another one
   */
  void advance(Instant now, Predicate<String> awaits) {
    while (!later.isEmpty() && !later.firstKey().isAfter(now)) {
      for (String id : later.pollFirstEntry().getValue()) {
        if (!awaits.test(id)) {
          awaitsNothing(id, now);
        }
      }
    }
  }

  /** Sets which places and commands nothing is started of. */
  void block(SortedSet<String> places, SortedSet<BreakerState.Key> commands) {
    if (blockedPlaces.equals(places) && heldCommands.equals(commands)) {
      return;
    }
    blockedPlaces = places;
    heldCommands = commands;
    for (WaitingLane lane : lanes.values()) {
      lane.iterator().forEachRemaining(one -> one.judge(places, commands));
      lane.allChanged();
    }
  }

  /** The first in the order of admission that is looked for. */
  public Optional<Experiment> first(QueueSearch search) {
    @Nullable WaitingExperiment first = null;
    for (WaitingLane lane : lanes.values()) {
      if (search.lanes().test(lane.need)) {
        WaitingExperiment found = lane.first(search, search.upToRam().applyAsLong(lane.need));
        if (found != null && (first == null || found.compareTo(first) < 0)) {
          first = found;
        }
      }
    }
    return Optional.ofNullable(first).map(WaitingExperiment::experiment);
  }

  /** The queued experiments, in the order of admission. */
  public Collection<Experiment> inOrder() {
    return new Queued(one -> true);
  }

  /** Those queued ones that a breaker concerns, in the order of admission. */
  public Iterable<Experiment> of(BreakerState.Key breaker) {
    long command = HexFormat.fromHexDigitsToLong(breaker.command());
    return new Queued(one -> one.isOf(breaker.owner(), command));
  }

  /** The held experiments, by id. */
  public Collection<Experiment> held() {
    return new AbstractCollection<>() {
      @Override
      public Iterator<Experiment> iterator() {
        return held.values().stream().map(WaitingExperiment::experiment).iterator();
      }

      @Override
      public int size() {
        return held.size();
      }
    };
  }

  /** Made one after the other, as they are asked for. */
  private final class Queued extends AbstractCollection<Experiment> {
    private final Predicate<WaitingExperiment> filter;

    Queued(Predicate<WaitingExperiment> filter) {
      this.filter = filter;
    }

    @Override
    public Iterator<Experiment> iterator() {
      PriorityQueue<Cursor> cursors =
          new PriorityQueue<>(Comparator.comparing(Cursor::next, WaitingExperiment::compareTo));
      lanes.values().forEach(lane -> advance(cursors, lane.iterator()));
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return !cursors.isEmpty();
        }

        @Override
        public Experiment next() {
          Cursor first = cursors.remove();
          advance(cursors, first.rest());
          return first.next().experiment();
        }
      };
    }

    private void advance(PriorityQueue<Cursor> cursors, Iterator<WaitingExperiment> rest) {
      while (rest.hasNext()) {
        WaitingExperiment next = rest.next();
        if (filter.test(next)) {
          cursors.add(new Cursor(next, rest));
          return;
        }
      }
    }

    @Override
    public int size() {
      return queued;
    }
  }

  private record Cursor(WaitingExperiment next, Iterator<WaitingExperiment> rest) {}

  /** The state of one of those that are in here. */
  static boolean holds(Experiment experiment) {
    return experiment.state() == ExperimentState.QUEUED
        || experiment.state() == ExperimentState.HELD;
  }
}
