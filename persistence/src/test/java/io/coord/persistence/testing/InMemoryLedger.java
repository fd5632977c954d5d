package io.coord.persistence.testing;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Run;
import io.coord.persistence.Schedule;
import io.coord.persistence.Storage;
import io.coord.persistence.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in memory that keeps the whole contract, except that its records end with the process.
 * It refuses what the real ledger refuses, with the same exceptions, and keeps times to the
 * millisecond.
 *
 * <p>Commits can be made to fail: {@link #failNextCommits} and {@link #failCommit}. A backup is a
 * text of its records, in place of a database. A restart is {@link #close} and {@link #reopen}. Any
 * thread may call any method.
 */
public final class InMemoryLedger implements Ledger {

  private final Disk disk;
  private boolean closed;
  private volatile boolean checked;

  /** A new ledger with nothing in it. */
  public InMemoryLedger() {
    this(new Disk());
  }

  private InMemoryLedger(Disk disk) {
    this.disk = disk;
  }

  /**
   * Closes this ledger and opens another on the same records, as a restarted process would.
   * Failures that are still due stay due.
   */
  public InMemoryLedger reopen() {
    close();
    return new InMemoryLedger(disk);
  }

  /**
   * Makes the next commits fail with {@link LedgerException}, whatever they hold, storing nothing.
   * Replaces what was asked before.
   *
   * @param count how many; 0 to let all succeed again
   */
  public void failNextCommits(int count) {
    failNextCommits(count, Kind.OTHER);
  }

  /** As {@link #failNextCommits(int)}, with an exception of this kind. */
  public void failNextCommits(int count, Kind kind) {
    synchronized (disk) {
      disk.kind = kind;
      disk.succeeding = 0;
      disk.failing = count;
    }
  }

  /**
   * Makes one commit fail with {@link LedgerException}, storing nothing; those before and after it
   * are not touched. Replaces what was asked before.
   *
   * @param number 1 for the next one, 2 for the one after it
   */
  public void failCommit(int number) {
    synchronized (disk) {
      disk.kind = Kind.OTHER;
      disk.succeeding = number - 1;
      disk.failing = 1;
    }
  }

  /**
   * Makes looking for one experiment fail with {@link LedgerException}, as damage does where only
   * some can no longer be read.
   */
  public void failReading(String id) {
    synchronized (disk) {
      disk.unreadable = id;
    }
  }

  @Override
  public void commit(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    synchronized (disk) {
      refuseIfClosed();
      if (disk.failsNow()) {
        throw new LedgerException(
            disk.kind,
            "cannot store %d changes in memory: the test wants it to fail; nothing was stored"
                .formatted(changes.size()),
            null);
      }
      InMemoryCommit commit = new InMemoryCommit(disk.records);
      changes.forEach(change -> change.deliverTo(commit));
      commit.store();
    }
  }

  @Override
  public String id() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.id;
    }
  }

  @Override
  public void eachActive(Consumer<Experiment> reader) {
    synchronized (disk) {
      refuseIfClosed();
      disk.records.experiments.values().stream()
          .map(ExperimentHistory::experiment)
          .filter(experiment -> !experiment.state().isFinal())
          .sorted(Comparator.comparingLong(Experiment::sequence))
          .forEach(reader);
    }
  }

  @Override
  public void eachSpecSize(ObjIntConsumer<String> reader) {
    eachActive(
        experiment ->
            reader.accept(
                experiment.id(), Change.Enqueued.bytes(spec(experiment.id()).orElseThrow())));
  }

  @Override
  public Optional<Experiment> find(String id) {
    return history(id).map(ExperimentHistory::experiment);
  }

  @Override
  public Optional<String> spec(String id) {
    return history(id).map(found -> disk.records.specs.get(id));
  }

  @Override
  public List<Experiment> ended(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.experiments.values().stream()
          .filter(ExperimentHistory::ended)
          .sorted(Comparator.comparingLong(ExperimentHistory::endedOrder).reversed())
          .limit(limit)
          .map(ExperimentHistory::experiment)
          .toList();
    }
  }

  @Override
  public List<Run> runs(String id) {
    return history(id).map(ExperimentHistory::runs).orElse(List.of()).stream()
        .sorted(Comparator.comparingInt(Run::number))
        .toList();
  }

  @Override
  public List<Transition> transitions(String id) {
    return history(id).map(ExperimentHistory::transitions).orElse(List.of());
  }

  @Override
  public List<Run> lastRuns(String id, int limit) {
    return last(runs(id), limit);
  }

  @Override
  public List<Transition> lastTransitions(String id, int limit) {
    return last(transitions(id), limit);
  }

  private static <T> List<T> last(List<T> all, int limit) {
    return all.subList(Math.max(0, all.size() - limit), all.size());
  }

  @Override
  public long lastSequence() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.lastSequence;
    }
  }

  @Override
  public Optional<String> lastBoot() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.lastBoot;
    }
  }

  @Override
  public List<String> latestIds(int limit) {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.usedIds.entrySet().stream()
          .filter(used -> disk.records.experiments.containsKey(used.getKey()))
          .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
          .limit(limit)
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  @Override
  public boolean wasUsed(String id) {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.usedIds.containsKey(id);
    }
  }

  @Override
  public Duration age() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.age;
    }
  }

  @Override
  public CoordinatorState coordinatorState() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.records.coordinatorState;
    }
  }

  @Override
  public List<Schedule> schedules() {
    synchronized (disk) {
      refuseIfClosed();
      return List.copyOf(disk.records.schedules.values());
    }
  }

  @Override
  public List<BreakerState> breakers() {
    synchronized (disk) {
      refuseIfClosed();
      return List.copyOf(disk.records.breakers.values());
    }
  }

  @Override
  public int prune(Duration endedFor, int limit, Set<String> excluded) {
    if (endedFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + endedFor);
    }
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    synchronized (disk) {
      refuseIfClosed();
      Duration latest = disk.records.age.minus(endedFor);
      List<String> due =
          disk.records.experiments.values().stream()
              .filter(ExperimentHistory::ended)
              .filter(history -> !excluded.contains(history.experiment().id()))
              .sorted(Comparator.comparingLong(ExperimentHistory::endedOrder))
              .limit(limit)
              .takeWhile(history -> history.endedAge().compareTo(latest) <= 0)
              .map(history -> history.experiment().id())
              .toList();
      due.forEach(disk.records.experiments::remove);
      due.forEach(disk.records.specs::remove);
      return due.size();
    }
  }

  /** Makes {@link #damage} report this from now on. */
  public void damage(String why) {
    synchronized (disk) {
      disk.damage = why;
    }
  }

  @Override
  public Optional<String> check() {
    checked = true;
    return damage();
  }

  @Override
  public Storage storage() {
    synchronized (disk) {
      refuseIfClosed();
      return new Storage("memory", "off", 0, checked);
    }
  }

  @Override
  public Optional<String> damage() {
    synchronized (disk) {
      refuseIfClosed();
      return Optional.ofNullable(disk.damage);
    }
  }

  @Override
  public void backup(Path file) {
    String text;
    synchronized (disk) {
      refuseIfClosed();
      text = disk.records.toString();
    }
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new LedgerException(
          "cannot copy the ledger in memory to '%s': %s".formatted(file, e), e);
    }
  }

  @Override
  public void close() {
    synchronized (disk) {
      closed = true;
    }
  }

  private Optional<ExperimentHistory> history(String id) {
    synchronized (disk) {
      refuseIfClosed();
      if (id.equals(disk.unreadable)) {
        throw new LedgerException(
            Kind.CORRUPT, "cannot read '" + id + "' from memory: the test wants it to fail", null);
      }
      return Optional.ofNullable(disk.records.experiments.get(id));
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new LedgerException("the ledger in memory is closed", null);
    }
  }

  /** What stays when a ledger is closed; guarded by itself. */
  private static final class Disk {
    private final InMemoryRecords records = new InMemoryRecords();
    private @Nullable String damage;
    private @Nullable String unreadable;
    private int succeeding;
    private int failing;
    private Kind kind = Kind.OTHER;

    private boolean failsNow() {
      if (succeeding > 0) {
        succeeding--;
        return false;
      }
      if (failing > 0) {
        failing--;
        return true;
      }
      return false;
    }
  }
}
