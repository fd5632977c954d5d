package io.coord.persistence.testing;

import static io.coord.persistence.testing.MillisecondValues.stored;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.ContradictionException;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Run;
import io.coord.persistence.Schedule;
import io.coord.persistence.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes beside the records of an {@link InMemoryLedger}, so that a change that is refused leaves
 * nothing behind.
 */
final class InMemoryCommit implements Change.Handler {
  private final InMemoryRecords records;
  private final Map<String, ExperimentHistory> experiments = new LinkedHashMap<>();
  private final Map<String, Long> usedIds = new LinkedHashMap<>();
  private final Map<String, String> specs = new LinkedHashMap<>();
  private final TreeMap<String, Schedule> schedules;
  private final TreeMap<BreakerState.Key, BreakerState> breakers;
  private CoordinatorState coordinatorState;
  private Duration age;
  private Optional<String> lastBoot;
  private long lastSequence;
  private long lastEnded;

  InMemoryCommit(InMemoryRecords records) {
    this.records = records;
    this.schedules = new TreeMap<>(records.schedules);
    this.breakers = new TreeMap<>(records.breakers);
    this.coordinatorState = records.coordinatorState;
    this.age = records.age;
    this.lastBoot = records.lastBoot;
    this.lastSequence = records.lastSequence;
    this.lastEnded = records.lastEnded;
  }

  /** Puts the changes into the records. */
  void store() {
    records.experiments.putAll(experiments);
    records.usedIds.putAll(usedIds);
    records.specs.putAll(specs);
    records.schedules = schedules;
    records.breakers = breakers;
    records.coordinatorState = coordinatorState;
    records.age = age;
    records.lastBoot = lastBoot;
    records.lastSequence = lastSequence;
    records.lastEnded = lastEnded;
  }

  @Override
  public void on(Change.Enqueued change) {
    Experiment experiment = change.experiment();
    boolean used =
        usedIds.containsKey(experiment.id()) || records.usedIds.containsKey(experiment.id());
    if (used && !(change.takenOver() && !records.experiments.containsKey(experiment.id()))) {
      throw new IdTakenException(experiment.id());
    }
    if (isUsed(experiment.sequence())) {
      throw new IllegalStateException(
          "sequence %d of '%s' is already used".formatted(experiment.sequence(), experiment.id()));
    }
    if (!used) {
      usedIds.put(experiment.id(), experiment.sequence());
    }
    specs.put(experiment.id(), change.spec());
    lastSequence = Math.max(lastSequence, experiment.sequence());
    ExperimentState state = experiment.state();
    Transition first =
        new Transition(
            experiment.id(),
            state,
            state,
            stored(experiment.status().since()),
            experiment.status().reason());
    put(new ExperimentHistory(experiment, List.of(), List.of(first), 0, Duration.ZERO), experiment);
  }

  private boolean isUsed(long sequence) {
    return sequence <= lastSequence
        && (usedIds.containsValue(sequence) || records.usedIds.containsValue(sequence));
  }

  @Override
  public void on(Change.Moved change) {
    ExperimentHistory history = history(change.id());
    ExperimentState from = change.from().state();
    ExperimentState to = change.to().state();
    put(
        from == to
            ? history
            : history.plus(
                new Transition(change.id(), from, to, stored(change.at()), change.reason())),
        change);
  }

  @Override
  public void on(Change.RunStarted change) {
    ExperimentHistory history = history(change.id());
    for (Run run : history.runs()) {
      if (run.number() == change.number() || run.invocation().equals(change.invocation())) {
        throw new ContradictionException(
            change.id(),
            "run %d ('%s') of '%s' has already started"
                .formatted(change.number(), change.invocation(), change.id()));
      }
    }
    List<Run> runs = new ArrayList<>(history.runs());
    runs.add(
        new Run(
            change.id(),
            change.number(),
            change.invocation(),
            stored(change.at()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
    put(history.withRuns(runs), change);
  }

  @Override
  public void on(Change.RunEnded change) {
    ExperimentHistory history = history(change.id());
    List<Run> runs = new ArrayList<>(history.runs());
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      if (run.invocation().equals(change.invocation()) && run.end().isEmpty()) {
        runs.set(
            i,
            new Run(
                run.experiment(),
                run.number(),
                run.invocation(),
                run.startedAt(),
                Optional.of(stored(change.at())),
                Optional.of(change.end()),
                run.progress(),
                Optional.of(change.lasted())));
        put(history.withRuns(runs), change);
        return;
      }
    }
    throw new ContradictionException(
        change.id(),
        "run '%s' of '%s' has not started, or has already ended"
            .formatted(change.invocation(), change.id()));
  }

  @Override
  public void on(Change.Progressed change) {
    ExperimentHistory history = history(change.id());
    List<Run> runs = new ArrayList<>(history.runs());
    runs.replaceAll(
        run ->
            run.invocation().equals(change.invocation())
                ? new Run(
                    run.experiment(),
                    run.number(),
                    run.invocation(),
                    run.startedAt(),
                    run.endedAt(),
                    run.end(),
                    Optional.of(change.progress()),
                    run.lasted())
                : run);
    put(history.withRuns(runs), change);
  }

  @Override
  public void on(Change.RecordsSkipped change) {
    put(history(change.id()), change);
  }

  @Override
  public void on(Change.AutostartSet change) {
    put(history(change.id()), change);
  }

  private ExperimentHistory history(String id) {
    ExperimentHistory changed = experiments.get(id);
    @Nullable ExperimentHistory history = changed != null ? changed : records.experiments.get(id);
    if (history == null) {
      throw new IllegalStateException("no experiment '" + id + "'");
    }
    return history;
  }

  private void put(ExperimentHistory history, Change.OfExperiment change) {
    put(history, history.experiment().after(change));
  }

  private void put(ExperimentHistory history, Experiment after) {
    long endedOrder = 0;
    Duration endedAge = Duration.ZERO;
    if (after.state().isFinal()) {
      boolean endedBefore = history.endedOrder() > 0;
      endedOrder = endedBefore ? history.endedOrder() : ++lastEnded;
      endedAge = endedBefore ? history.endedAge() : age;
    }
    experiments.put(
        after.id(),
        new ExperimentHistory(
            stored(after), history.runs(), history.transitions(), endedOrder, endedAge));
  }

  @Override
  public void on(Change.BootSeen change) {
    lastBoot = Optional.of(change.bootId());
  }

  @Override
  public void on(Change.TimePassed change) {
    age = age.plus(change.passed());
  }

  @Override
  public void on(Change.DrainingSet change) {
    coordinatorState = coordinatorState.after(change);
  }

  @Override
  public void on(Change.PowerModeBeforeSet change) {
    coordinatorState = coordinatorState.after(change);
  }

  @Override
  public void on(Change.ThrottledFromSet change) {
    coordinatorState = coordinatorState.after(change);
  }

  @Override
  public void on(Change.ScheduleSet change) {
    schedules.put(change.schedule().id(), stored(change.schedule()));
  }

  @Override
  public void on(Change.ScheduleRemoved change) {
    schedules.remove(schedule(change.id()).id());
  }

  @Override
  public void on(Change.ScheduleFired change) {
    schedules.put(change.id(), stored(schedule(change.id()).after(change)));
  }

  private Schedule schedule(String id) {
    Schedule schedule = schedules.get(id);
    if (schedule == null) {
      throw new IllegalStateException("no schedule '" + id + "'");
    }
    return schedule;
  }

  @Override
  public void on(Change.BreakerSet change) {
    BreakerState breaker = stored(change.breaker());
    if (breaker.isClosed()) {
      breakers.remove(breaker.key());
    } else {
      breakers.put(breaker.key(), breaker);
    }
  }
}
