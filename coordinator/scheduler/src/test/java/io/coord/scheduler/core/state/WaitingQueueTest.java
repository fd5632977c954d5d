package io.coord.scheduler.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.Requirements;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Submission;
import io.coord.scheduler.testing.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue finds what a look at each experiment would find. */
class WaitingQueueTest {
  private static final int PAGE = 4096;

  private final WaitingQueue queue = new WaitingQueue();
  private final TreeMap<String, Experiment> plain = new TreeMap<>();
  private final TreeSet<String> awaiting = new TreeSet<>();

  private static Experiment experiment(Random random, long sequence) {
    boolean held = random.nextInt(8) == 0;
    boolean hasRun = random.nextInt(8) == 0;
    Requirements requirements =
        new Requirements(
            "g" + random.nextInt(3),
            random.nextInt(4) == 0 ? OptionalInt.of(60_000) : OptionalInt.empty(),
            random.nextInt(4) == 0 ? Optional.of(Duration.ofHours(1)) : Optional.empty(),
            new Requirements.Order(
                List.of(),
                List.of(),
                random.nextInt(8) == 0
                    ? Optional.of(Samples.START.plusSeconds(random.nextInt(100)))
                    : Optional.empty(),
                Optional.empty()),
            new Requirements.Digests(random.nextInt(3), random.nextInt(3), random.nextLong()));
    return new Experiment(
        "exp-" + sequence,
        sequence,
        new Submission(
            random.nextBoolean() ? "ada" : "bob",
            random.nextInt(3) - 1,
            PAGE + random.nextInt(100 * PAGE),
            Samples.START,
            Optional.empty(),
            random.nextInt(10) == 0 ? Optional.empty() : Optional.of(requirements)),
        new ExperimentStatus(
            held ? new Phase.Held() : new Phase.Queued(),
            "reason " + random.nextInt(2),
            Samples.START.plusMillis(sequence),
            random.nextInt(10) == 0),
        hasRun ? new RunCounts(1, 1, 0, 1, Duration.ofSeconds(3)) : RunCounts.NONE,
        Optional.empty(),
        random.nextBoolean());
  }

  private List<Experiment> inOrder(Predicate<Experiment> which) {
    return plain.values().stream()
        .filter(e -> e.phase() instanceof Phase.Queued)
        .filter(which)
        .sorted(State.ORDER)
        .toList();
  }

  private boolean isReady(Experiment one, Instant now, Set<String> places) {
    return !awaiting.contains(one.id())
        && one.submission()
            .requirements()
            .flatMap(its -> its.order().notBefore())
            .filter(now::isBefore)
            .isEmpty()
        && DispatchState.placeOf(one).filter(places::contains).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void findsWhatALookAtEachWouldFind(long seed) {
    Random random = new Random(seed);
    Instant now = Samples.START;
    TreeSet<String> places = new TreeSet<>();
    for (int sequence = 1; sequence <= 400; sequence++) {
      add(experiment(random, sequence), random.nextInt(10) == 0);
      if (random.nextInt(3) == 0) {
        remove(new ArrayList<>(plain.keySet()).get(random.nextInt(plain.size())));
      }
      if (random.nextInt(5) == 0 && !awaiting.isEmpty()) {
        String free = awaiting.pollFirst();
        queue.awaitsNothing(free, now);
      }
      if (random.nextInt(20) == 0) {
        places = new TreeSet<>(places);
        String place = DispatchState.place("ada", random.nextInt(3));
        if (!places.remove(place)) {
          places.add(place);
        }
        queue.block(places, new TreeSet<>());
      }
      now = now.plusMillis(random.nextInt(500));
      queue.advance(now, awaiting::contains, 10);
      compare(random, now, places);
    }
  }

  private void add(Experiment one, boolean awaits) {
    plain.put(one.id(), one);
    if (awaits && one.phase() instanceof Phase.Queued) {
      awaiting.add(one.id());
    }
    queue.add(one, awaits);
  }

  private void remove(String id) {
    plain.remove(id);
    awaiting.remove(id);
    queue.remove(id);
    assertThat(queue.find(id)).isEmpty();
  }

  private void compare(Random random, Instant now, Set<String> places) {
    assertThat(queue.inOrder()).containsExactlyElementsOf(inOrder(any -> true));
    assertThat(queue.held())
        .containsExactlyElementsOf(
            plain.values().stream().filter(e -> e.phase() instanceof Phase.Held).toList());
    plain.values().forEach(one -> assertThat(queue.find(one.id())).contains(one));
    long upTo = random.nextInt(100 * PAGE);
    long moreThan = random.nextInt(3) == 0 ? random.nextInt(50 * PAGE) : -1;
    String group = "g" + random.nextInt(3);
    List<Experiment> all = inOrder(any -> true);
    Optional<Experiment> border =
        all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    Predicate<Experiment> fits =
        e -> e.submission().ramBytes() <= upTo && e.submission().ramBytes() > moreThan;
    Predicate<Experiment> wanted =
        e -> isReady(e, now, places) && fits.test(e) && !State.groupOf(e).equals(group);
    Comparator<Experiment> order = State.ORDER;
    for (QueueSearch.Part part :
        List.of(
            QueueSearch.Part.ALL,
            new QueueSearch.Part(border, Optional.empty()),
            new QueueSearch.Part(Optional.empty(), border))) {
      assertThat(
              queue.first(
                  new QueueSearch(
                      lane -> !lane.group().equals(group),
                      moreThan,
                      lane -> upTo,
                      part,
                      e -> true)))
          .isEqualTo(
              all.stream()
                  .filter(wanted)
                  .filter(e -> part.behind().filter(b -> order.compare(e, b) <= 0).isEmpty())
                  .filter(e -> part.upTo().filter(b -> order.compare(e, b) > 0).isEmpty())
                  .findFirst());
    }
  }

  @Test
  void aSearchLooksOnlyAtThoseThatFit() {
    Random random = new Random(1);
    for (int sequence = 1; sequence <= 10_000; sequence++) {
      Experiment one = experiment(random, sequence);
      add(
          one.withStatus(new ExperimentStatus(new Phase.Queued(), "", Samples.START, false)),
          false);
    }
    List<String> looked = new ArrayList<>();
    queue.first(
        new QueueSearch(
            lane -> true,
            -1,
            lane -> PAGE + PAGE / 10,
            QueueSearch.Part.ALL,
            e -> {
              looked.add(e.id());
              return true;
            }));
    assertThat(looked).hasSizeLessThan(20).isNotEmpty();
    looked.clear();
    queue.first(
        new QueueSearch(
            lane -> true, -1, lane -> PAGE - 1, QueueSearch.Part.ALL, e -> looked.add(e.id())));
    assertThat(looked).isEmpty();
  }

  @Test
  void aFailedDispatchIsNotLookedAtBeforeItsTime() {
    Experiment one = experiment(new Random(7), 1);
    add(one.withStatus(new ExperimentStatus(new Phase.Queued(), "", Samples.START, false)), false);
    queue.advance(Samples.START.plusSeconds(1_000), awaiting::contains, 10);
    QueueSearch any =
        new QueueSearch(lane -> true, -1, lane -> 1_000 * PAGE, QueueSearch.Part.ALL, e -> true);
    assertThat(queue.first(any)).isPresent();
    queue.retryAt("exp-1", Duration.ofSeconds(5));
    queue.retryDue(Duration.ofSeconds(4), Samples.START.plusSeconds(1_000), 10);
    assertThat(queue.first(any)).isEmpty();
    queue.retryDue(Duration.ofSeconds(5), Samples.START.plusSeconds(1_000), 10);
    assertThat(queue.first(any)).isPresent();
  }

  @Test
  void thoseThatAreDueAtTheSameTimeAreLookedAtInPieces() {
    Instant time = Samples.START.plusSeconds(5);
    for (int sequence = 1; sequence <= 25; sequence++) {
      queue.add(notBefore(sequence, time), false);
    }
    QueueSearch any =
        new QueueSearch(lane -> true, -1, lane -> Long.MAX_VALUE, QueueSearch.Part.ALL, e -> true);
    queue.advance(time.minusMillis(1), awaiting::contains, 10);
    assertThat(queue.hasDue(time.minusMillis(1))).isFalse();
    assertThat(queue.first(any)).isEmpty();
    int pieces = 0;
    while (queue.hasDue(time)) {
      queue.advance(time, awaiting::contains, 10);
      pieces++;
    }
    assertThat(pieces).isEqualTo(3);
    assertThat(queue.first(any)).map(Experiment::id).contains("exp-1");
  }

  @Test
  void aTimeThatCameBeforeTheClockWasSetBackComesAgain() {
    Instant time = Samples.START.plusSeconds(5);
    queue.add(notBefore(1, time), true);
    awaiting.add("exp-1");
    queue.advance(time, awaiting::contains, 10);
    awaiting.clear();
    queue.awaitsNothing("exp-1", time.minusSeconds(3));
    QueueSearch any =
        new QueueSearch(lane -> true, -1, lane -> Long.MAX_VALUE, QueueSearch.Part.ALL, e -> true);
    assertThat(queue.first(any)).isEmpty();
    queue.advance(time, awaiting::contains, 10);
    assertThat(queue.first(any)).isPresent();
  }

  private static Experiment notBefore(int sequence, Instant time) {
    Experiment one = Samples.experiment("exp-" + sequence, sequence, new Phase.Queued(), false);
    Requirements requirements =
        new Requirements(
            "default",
            OptionalInt.empty(),
            Optional.empty(),
            new Requirements.Order(List.of(), List.of(), Optional.of(time), Optional.empty()),
            new Requirements.Digests(1, 2, 3));
    return one.withSubmission(one.submission().withRequirements(requirements));
  }
}
