package io.coord.persistence.testing;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.GroupState;
import io.coord.persistence.History;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Progress;
import io.coord.persistence.Run;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Schedule;
import io.coord.persistence.Storage;
import io.coord.persistence.Submission;
import io.coord.persistence.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in memory that keeps the whole contract but outliving the process: it refuses what the
 * real one refuses, with the same exceptions, and keeps times to the millisecond as that one does.
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
            "cannot store %d changes in memory: the test wants it to fail; nothing of it was stored"
                .formatted(changes.size()),
            null);
      }
      Commit commit = new Commit(disk);
      changes.forEach(commit::apply);
      commit.store();
    }
  }

  @Override
  public List<Experiment> active() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.books.values().stream()
          .map(Book::experiment)
          .filter(experiment -> !experiment.state().isFinal())
          .sorted(Comparator.comparingLong(Experiment::sequence))
          .toList();
    }
  }

  @Override
  public Optional<Experiment> find(String id) {
    return book(id).map(Book::experiment);
  }

  @Override
  public List<Experiment> ended(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    synchronized (disk) {
      refuseIfClosed();
      return disk.books.values().stream()
          .filter(book -> book.experiment().state().isFinal())
          .sorted(Comparator.comparingLong(Book::endedOrder).reversed())
          .limit(limit)
          .map(Book::experiment)
          .toList();
    }
  }

  @Override
  public List<Run> runs(String id) {
    return book(id).map(Book::runs).orElse(List.of()).stream()
        .sorted(Comparator.comparingInt(Run::number))
        .toList();
  }

  @Override
  public List<Transition> transitions(String id) {
    return book(id).map(Book::transitions).orElse(List.of());
  }

  @Override
  public long lastSequence() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.lastSequence;
    }
  }

  @Override
  public Optional<String> lastBoot() {
    synchronized (disk) {
      refuseIfClosed();
      return Optional.ofNullable(disk.lastBoot);
    }
  }

  @Override
  public Optional<History> history(String id) {
    return book(id)
        .map(
            book ->
                new History(
                    book.experiment(),
                    book.runs().stream().sorted(Comparator.comparingInt(Run::number)).toList(),
                    book.transitions()));
  }

  @Override
  public boolean wasUsed(String id) {
    synchronized (disk) {
      refuseIfClosed();
      return disk.used.containsKey(id);
    }
  }

  @Override
  public Duration age() {
    synchronized (disk) {
      refuseIfClosed();
      return disk.whole.age();
    }
  }

  @Override
  public Optional<String> note(String name) {
    synchronized (disk) {
      refuseIfClosed();
      return Optional.ofNullable(disk.whole.notes().get(name));
    }
  }

  @Override
  public List<Schedule> schedules() {
    synchronized (disk) {
      refuseIfClosed();
      return List.copyOf(disk.whole.schedules().values());
    }
  }

  @Override
  public List<GroupState> groups() {
    synchronized (disk) {
      refuseIfClosed();
      return List.copyOf(disk.whole.groups().values());
    }
  }

  @Override
  public int prune(Duration endedFor, int most, Set<String> excluded) {
    if (endedFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + endedFor);
    }
    return prune(
        book -> disk.whole.age().minus(book.endedAge()).compareTo(endedFor) >= 0, most, excluded);
  }

  @Override
  public int prune(Instant endedBefore, int most) {
    return prune(book -> book.experiment().status().since().isBefore(endedBefore), most, Set.of());
  }

  private int prune(Predicate<Book> isDue, int most, Set<String> excluded) {
    if (most < 0) {
      throw new IllegalArgumentException("most is negative: " + most);
    }
    synchronized (disk) {
      refuseIfClosed();
      List<String> due =
          disk.books.values().stream()
              .filter(book -> book.experiment().state().isFinal())
              .filter(book -> !excluded.contains(book.experiment().id()))
              .sorted(Comparator.comparingLong(Book::endedOrder))
              .limit(most)
              .takeWhile(isDue)
              .map(book -> book.experiment().id())
              .toList();
      due.forEach(disk.books::remove);
      return due.size();
    }
  }

  /** Lets {@link #damage} tell of this from now on. */
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
      text = disk.books.values() + "\n" + disk.used + "\n" + disk.whole + "\n";
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

  private Optional<Book> book(String id) {
    synchronized (disk) {
      refuseIfClosed();
      if (id.equals(disk.unreadable)) {
        throw new LedgerException(
            Kind.CORRUPT, "cannot read '" + id + "' from memory: the test wants it to fail", null);
      }
      return Optional.ofNullable(disk.books.get(id));
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new LedgerException("the ledger in memory is closed", null);
    }
  }

  /** The experiment with its times as a database keeps them. */
  private static Experiment kept(Experiment e) {
    Submission submission = e.submission();
    ExperimentStatus status = e.status();
    RunCounts counts = e.counts();
    return new Experiment(
        e.id(),
        e.sequence(),
        new Submission(
            submission.owner(),
            submission.spec(),
            submission.priority(),
            submission.ramBytes(),
            stored(submission.enqueuedAt())),
        new ExperimentStatus(
            status.phase(), status.reason(), stored(status.since()), status.resumesFirst()),
        new RunCounts(
            counts.runs(),
            counts.crashes(),
            counts.interruptions(),
            counts.recordsSeen(),
            counts.ran().truncatedTo(ChronoUnit.MILLIS)),
        e.progress(),
        e.autostart());
  }

  private static Instant stored(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS);
  }

  /** What stays when a ledger is closed; guarded by itself. */
  private static final class Disk {
    private final Map<String, Book> books = new LinkedHashMap<>();

    /** Every id that was ever given out, with its sequence. */
    private final Map<String, Long> used = new LinkedHashMap<>();

    private Whole whole =
        new Whole(Duration.ZERO, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    private long lastSequence;
    private long lastEnded;
    private @Nullable String lastBoot;
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

  /**
   * All about one experiment.
   *
   * @param endedOrder larger for one that ended later; 0 while it is active
   * @param endedAge how old the ledger was when it ended; zero while it is active
   */
  private record Book(
      Experiment experiment,
      List<Run> runs,
      List<Transition> transitions,
      long endedOrder,
      Duration endedAge) {

    private Book {
      runs = List.copyOf(runs);
      transitions = List.copyOf(transitions);
    }
  }

  /** What is remembered that is not about one experiment; never changed in place. */
  private record Whole(
      Duration age,
      TreeMap<String, String> notes,
      TreeMap<String, Schedule> schedules,
      TreeMap<String, GroupState> groups) {

    private Whole after(Change change) {
      TreeMap<String, String> newNotes = new TreeMap<>(notes);
      TreeMap<String, Schedule> newSchedules = new TreeMap<>(schedules);
      TreeMap<String, GroupState> newGroups = new TreeMap<>(groups);
      Duration newAge = age;
      if (change instanceof Change.TimePassed time) {
        newAge = age.plus(time.passed());
      } else if (change instanceof Change.Noted noted) {
        noted
            .value()
            .ifPresentOrElse(
                value -> newNotes.put(noted.name(), value), () -> newNotes.remove(noted.name()));
      } else if (change instanceof Change.ScheduleSet set) {
        newSchedules.put(set.schedule().id(), kept(set.schedule()));
      } else if (change instanceof Change.ScheduleRemoved removed) {
        known(removed.id());
        newSchedules.remove(removed.id());
      } else if (change instanceof Change.ScheduleFired fired) {
        newSchedules.put(fired.id(), kept(known(fired.id()).after(fired)));
      } else if (change instanceof Change.GroupSet set) {
        newGroups.put(set.group().name(), kept(set.group()));
      } else {
        throw new IllegalStateException("no way to store " + change);
      }
      return new Whole(newAge, newNotes, newSchedules, newGroups);
    }

    private Schedule known(String id) {
      Schedule schedule = schedules.get(id);
      if (schedule == null) {
        throw new IllegalStateException("no schedule '" + id + "'");
      }
      return schedule;
    }

    private static Schedule kept(Schedule schedule) {
      return new Schedule(
          schedule.id(),
          schedule.cron(),
          schedule.spec(),
          schedule.owner(),
          schedule.enabled(),
          schedule.nextNumber(),
          schedule.lastFireAt().map(InMemoryLedger::stored));
    }

    private static GroupState kept(GroupState group) {
      return new GroupState(
          group.name(),
          group.held(),
          group.fingerprint(),
          group.streak(),
          group.heldAt().map(InMemoryLedger::stored));
    }
  }

  /** Changes beside the disk, so that one that cannot be applied leaves nothing behind. */
  private static final class Commit {
    private final Disk disk;
    private final Map<String, Book> books = new LinkedHashMap<>();
    private final Map<String, Long> used = new LinkedHashMap<>();
    private Whole whole;
    private long lastSequence;
    private long lastEnded;
    private @Nullable String lastBoot;

    private Commit(Disk disk) {
      this.disk = disk;
      this.whole = disk.whole;
      this.lastSequence = disk.lastSequence;
      this.lastEnded = disk.lastEnded;
      this.lastBoot = disk.lastBoot;
    }

    private void store() {
      disk.books.putAll(books);
      disk.used.putAll(used);
      disk.whole = whole;
      disk.lastSequence = lastSequence;
      disk.lastEnded = lastEnded;
      disk.lastBoot = lastBoot;
    }

    private void apply(Change change) {
      if (change instanceof Change.Enqueued enqueued) {
        enqueue(enqueued.experiment());
      } else if (change instanceof Change.OfExperiment of) {
        Book book = book(of.id());
        if (book == null) {
          throw new IllegalStateException("no experiment '" + of.id() + "'");
        }
        Experiment after = book.experiment().after(of);
        List<Run> runs = book.runs();
        List<Transition> transitions = book.transitions();
        if (change instanceof Change.Moved moved) {
          transitions = moved(transitions, moved);
        } else if (change instanceof Change.RunStarted started) {
          runs = started(runs, started);
        } else if (change instanceof Change.RunEnded ended) {
          runs = ended(runs, ended, after.progress());
        }
        put(after, runs, transitions, book);
      } else if (change instanceof Change.BootSeen boot) {
        lastBoot = boot.bootId();
      } else {
        whole = whole.after(change);
      }
    }

    private void enqueue(Experiment experiment) {
      if (used.containsKey(experiment.id()) || disk.used.containsKey(experiment.id())) {
        throw new IdTakenException(experiment.id());
      }
      if (sequenceIsTaken(experiment.sequence())) {
        throw new IllegalStateException(
            "sequence %d of '%s' was given out before"
                .formatted(experiment.sequence(), experiment.id()));
      }
      used.put(experiment.id(), experiment.sequence());
      lastSequence = Math.max(lastSequence, experiment.sequence());
      ExperimentState state = experiment.state();
      Transition first =
          new Transition(
              experiment.id(),
              state,
              state,
              stored(experiment.status().since()),
              experiment.status().reason());
      put(experiment, List.of(), List.of(first), null);
    }

    private void put(
        Experiment e, List<Run> runs, List<Transition> transitions, @Nullable Book before) {
      Experiment kept = kept(e);
      long endedOrder = 0;
      Duration endedAge = Duration.ZERO;
      if (e.state().isFinal()) {
        if (before != null && before.endedOrder() > 0) {
          endedOrder = before.endedOrder();
          endedAge = before.endedAge();
        } else {
          endedOrder = ++lastEnded;
          endedAge = whole.age();
        }
      }
      books.put(e.id(), new Book(kept, runs, transitions, endedOrder, endedAge));
    }

    private @Nullable Book book(String id) {
      Book changed = books.get(id);
      return changed != null ? changed : disk.books.get(id);
    }

    private boolean sequenceIsTaken(long sequence) {
      return sequence <= lastSequence
          && (used.containsValue(sequence) || disk.used.containsValue(sequence));
    }

    private static List<Transition> moved(List<Transition> before, Change.Moved moved) {
      if (moved.from().state() == moved.to().state()) {
        return before;
      }
      List<Transition> after = new ArrayList<>(before);
      after.add(
          new Transition(
              moved.id(),
              moved.from().state(),
              moved.to().state(),
              stored(moved.at()),
              moved.reason()));
      return after;
    }

    private static List<Run> started(List<Run> before, Change.RunStarted started) {
      for (Run run : before) {
        if (run.number() == started.number() || run.invocation().equals(started.invocation())) {
          throw new IllegalStateException(
              "run %d ('%s') of '%s' has begun before"
                  .formatted(started.number(), started.invocation(), started.id()));
        }
      }
      List<Run> after = new ArrayList<>(before);
      after.add(
          new Run(
              started.id(),
              started.number(),
              started.invocation(),
              stored(started.at()),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
      return after;
    }

    private static List<Run> ended(
        List<Run> before, Change.RunEnded ended, Optional<Progress> progress) {
      List<Run> after = new ArrayList<>(before);
      for (int i = 0; i < after.size(); i++) {
        Run run = after.get(i);
        if (run.invocation().equals(ended.invocation()) && run.end().isEmpty()) {
          after.set(
              i,
              new Run(
                  run.experiment(),
                  run.number(),
                  run.invocation(),
                  run.startedAt(),
                  Optional.of(stored(ended.at())),
                  Optional.of(ended.end()),
                  progress,
                  Optional.of(ended.lasted())));
          return after;
        }
      }
      throw new IllegalStateException(
          "run '%s' of '%s' has not begun, or has ended before"
              .formatted(ended.invocation(), ended.id()));
    }
  }
}
