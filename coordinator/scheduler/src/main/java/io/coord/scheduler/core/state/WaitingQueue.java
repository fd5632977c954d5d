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
import java.util.NavigableMap;
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
  /** Details that many have in common are kept once; a bound for those that nobody has. */
  private static final int DETAILS_KEPT = 1000;

  private final IdTable all = new IdTable();
  private final Map<WaitingKind, WaitingExperiment.Common> kinds = new LinkedHashMap<>();
  private final Map<QueueLane, WaitingLane> lanes = new LinkedHashMap<>();
  private final TreeMap<String, WaitingExperiment> held = new TreeMap<>();
  private final TreeMap<Instant, TreeSet<String>> later = new TreeMap<>();
  private final TreeMap<Duration, TreeSet<String>> retries = new TreeMap<>();
  private final Map<WaitingExperiment.Details, WaitingExperiment.Details> details =
      new LinkedHashMap<>();
  private WaitingExperiment.Blocks blocks =
      new WaitingExperiment.Blocks(new TreeSet<>(), new TreeSet<>());
  private WaitingExperiment.@Nullable Common latest;
  private final Map<String, OfOwner> owners = new LinkedHashMap<>();
  private int queued;

  private static final class OfOwner {
    int members;
    int kinds;
    long specBytes;
  }

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
    ofOwner(kind).members++;
    WaitingExperiment one =
        new WaitingExperiment(experiment, common, kept(WaitingExperiment.Details.of(experiment)));
    all.add(one);
    if (one.held()) {
      held.put(experiment.id(), one);
      return;
    }
    queued++;
    Optional<Instant> notBefore = one.order().notBefore();
    notBefore.ifPresent(
        at -> later.computeIfAbsent(at, any -> new TreeSet<>()).add(experiment.id()));
    one.parked = awaits || notBefore.isPresent();
    one.judge(blocks);
    one.lane().add(one);
  }

  private OfOwner ofOwner(WaitingKind kind) {
    return owners.computeIfAbsent(kind.owner(), any -> new OfOwner());
  }

  /** How many experiments of a user are queued or held. */
  public int countOf(String owner) {
    OfOwner one = owners.get(owner);
    return one == null ? 0 : one.members;
  }

  /** The size of the spec of one that is in it; 0 for any other. */
  int specBytes(String id) {
    WaitingExperiment one = all.find(id);
    return one == null ? 0 : one.specBytes;
  }

  /** Says how large the spec of one that is in it is. */
  void setSpecBytes(String id, int bytes) {
    WaitingExperiment one = all.find(id);
    if (one != null) {
      ofOwner(one.common.kind).specBytes += bytes - one.specBytes;
      one.specBytes = bytes;
    }
  }

  /** The sizes in bytes of the specs of a user's experiments that are queued or held. */
  public long specBytesOf(String owner) {
    OfOwner one = owners.get(owner);
    return one == null ? 0 : one.specBytes;
  }

  /** How many experiments are queued or held. */
  public int size() {
    return queued + held.size();
  }

  /**
   * How many different combinations there were of what admission treats alike, among the
   * experiments of a user, if this one of the same user were added.
   */
  public int combinationsWith(Experiment experiment) {
    WaitingKind kind = WaitingKind.of(experiment);
    OfOwner one = owners.get(kind.owner());
    return (one == null ? 0 : one.kinds) + (kinds.containsKey(kind) ? 0 : 1);
  }

  private WaitingExperiment.Common common(WaitingKind kind) {
    ofOwner(kind).kinds++;
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

  private WaitingExperiment.Details kept(WaitingExperiment.Details same) {
    if (details.size() >= DETAILS_KEPT) {
      details.clear();
    }
    return details.computeIfAbsent(same, first -> first);
  }

  /** Removes one, if it is in it. */
  void remove(String id) {
    WaitingExperiment one = all.remove(id);
    if (one == null) {
      return;
    }
    if (one.held()) {
      held.remove(id);
    } else {
      queued--;
      one.order().notBefore().ifPresent(at -> forget(at, id));
      one.lane().remove(one);
    }
    WaitingExperiment.Common common = one.common;
    common.members--;
    OfOwner owner = ofOwner(common.kind);
    owner.members--;
    owner.specBytes -= one.specBytes;
    if (owner.members == 0) {
      owners.remove(common.kind.owner());
    }
    if (common.members == 0) {
      kinds.remove(common.kind);
      owner.kinds--;
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
    if (one == null || one.held() || !one.parked) {
      return;
    }
    Optional<Instant> at = one.order().notBefore().filter(now::isBefore);
    if (at.isPresent()) {
      // Its time may have come while it awaited another one, and the clock was set back since.
      later.computeIfAbsent(at.get(), any -> new TreeSet<>()).add(id);
      return;
    }
    one.parked = false;
    one.lane().changed(one);
  }

  /**
   * The dispatch of one failed, and is not made again before an uptime. Not for one that waits for
   * another experiment or a time.
   */
  void retryAt(String id, Duration from) {
    WaitingExperiment one = all.find(id);
    if (one != null && !one.held() && !one.parked) {
      one.parked = true;
      one.lane().changed(one);
      retries.computeIfAbsent(from, any -> new TreeSet<>()).add(id);
    }
  }

  /** Whether {@link #retryDue} has more to do at an uptime. */
  boolean hasRetryDue(Duration uptime) {
    return !retries.isEmpty() && retries.firstKey().compareTo(uptime) <= 0;
  }

  /**
   * The uptime has passed to this; other than {@link #advance}, for dispatches that failed.
   *
   * @param limit how many of them at once
   */
  void retryDue(Duration uptime, Instant now, int limit) {
    for (int i = 0; i < limit && hasRetryDue(uptime); i++) {
      awaitsNothing(pollFirst(retries), now);
    }
  }

  /** Whether {@link #advance} has more to do at a time. */
  boolean hasDue(Instant now) {
    return !later.isEmpty() && !later.firstKey().isAfter(now);
  }

  /**
   * The time has passed to this.
   *
   * @param awaits whether an experiment waits for another one
   * @param limit for how many of them at once
   */
  void advance(Instant now, Predicate<String> awaits, int limit) {
    for (int i = 0; i < limit && hasDue(now); i++) {
      String id = pollFirst(later);
      if (!awaits.test(id)) {
        awaitsNothing(id, now);
      }
    }
  }

  private static <T> String pollFirst(NavigableMap<T, ? extends SortedSet<String>> byTime) {
    Map.Entry<T, ? extends SortedSet<String>> earliest = byTime.firstEntry();
    String id = earliest.getValue().first();
    earliest.getValue().remove(id);
    if (earliest.getValue().isEmpty()) {
      byTime.remove(earliest.getKey());
    }
    return id;
  }

  /** Sets which places and commands nothing is started of. */
  void block(SortedSet<String> places, SortedSet<BreakerState.Key> commands) {
    if (blocks.are(places, commands)) {
      return;
    }
    blocks = new WaitingExperiment.Blocks(places, commands);
    for (WaitingLane lane : lanes.values()) {
      lane.iterator().forEachRemaining(one -> one.judge(blocks));
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
