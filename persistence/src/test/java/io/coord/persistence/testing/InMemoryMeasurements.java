package io.coord.persistence.testing;

import io.coord.persistence.CoolingStep;
import io.coord.persistence.DownsampledInterval;
import io.coord.persistence.Downsampling;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Measurement;
import io.coord.persistence.MeasurementTotals;
import io.coord.persistence.Measurements;
import io.coord.persistence.RunMeasurements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Measurements in memory that keep the whole contract, except that they end with the process.
 *
 * <p>Writing can be made to fail: {@link #failNextWrites}. A restart is {@link #close} and {@link
 * #reopen}. Any thread may call any method.
 */
public final class InMemoryMeasurements implements Measurements {

  private final Disk disk;
  private Duration sinceTried = Duration.ZERO;
  private int failuresDue;
  private boolean closed;

  /** Without measurements. */
  public InMemoryMeasurements() {
    this(new Disk());
  }

  private InMemoryMeasurements(Disk disk) {
    this.disk = disk;
  }

  /** Closes this and opens another on the same records, as a restarted process would. */
  public synchronized InMemoryMeasurements reopen() {
    close();
    return new InMemoryMeasurements(disk);
  }

  /** Makes this many attempts to write fail as if the disk were full. */
  public synchronized void failNextWrites(int times) {
    failuresDue = times;
  }

  @Override
  public synchronized Optional<LedgerException> add(
      Measurement measurement, SortedMap<String, Double> parts) {
    if (closed) {
      return Optional.of(closedException());
    }
    disk.add(measurement, parts);
    sinceTried = sinceTried.plus(measurement.lasted());
    return sinceTried.compareTo(WRITTEN_AFTER) < 0 ? Optional.empty() : write();
  }

  private Optional<LedgerException> write() {
    sinceTried = Duration.ZERO;
    if (failuresDue == 0) {
      return Optional.empty();
    }
    failuresDue--;
    return Optional.of(
        new LedgerException(
            Kind.DISK_FULL,
            "cannot store measurements in memory: no space left; the latest stay in memory and are"
                + " written later",
            null));
  }

  @Override
  public synchronized List<DownsampledInterval> between(
      Instant from, Instant to, int maxIntervals) {
    Downsampling downsampling = new Downsampling(from, to, maxIntervals);
    requireOpen();
    disk.minutes.forEach((at, totals) -> downsampling.add(at, Duration.ofMinutes(1), totals));
    disk.seconds.forEach(downsampling::add);
    return downsampling.intervals();
  }

  @Override
  public synchronized List<Measurement> latest(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    requireOpen();
    int size = disk.seconds.size();
    return List.copyOf(disk.seconds.subList(Math.max(0, size - limit), size));
  }

  @Override
  public synchronized Optional<RunMeasurements> ofRun(String invocation) {
    requireOpen();
    return Optional.ofNullable(disk.runs.get(invocation))
        .map(run -> RunMeasurements.of(invocation, run.totals()));
  }

  @Override
  public synchronized Optional<LedgerException> add(CoolingStep step) {
    if (closed) {
      return Optional.of(closedException());
    }
    Optional<LedgerException> failure = write();
    if (failure.isEmpty()) {
      disk.steps.addFirst(step);
      if (disk.steps.size() > STEPS_KEPT) {
        disk.steps.removeLast();
      }
    }
    return failure;
  }

  @Override
  public synchronized List<CoolingStep> steps(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    requireOpen();
    return disk.steps.stream().limit(limit).toList();
  }

  @Override
  public synchronized void flush() {
    requireOpen();
    Optional<LedgerException> failure = write();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  @Override
  public synchronized int prune(Duration unmeasuredFor, int limit) {
    if (unmeasuredFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + unmeasuredFor);
    }
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    flush();
    int deleted = 0;
    Iterator<SeenRun> runs = disk.runs.values().iterator();
    while (runs.hasNext() && deleted < limit) {
      if (disk.age.minus(runs.next().seen()).compareTo(unmeasuredFor) >= 0) {
        runs.remove();
        deleted++;
      }
    }
    return deleted;
  }

  private void requireOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private static LedgerException closedException() {
    return new LedgerException("the measurements in memory are closed", null);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  /**
   * One run.
   *
   * @param seen how old the measurements were when it was measured last
   */
  private record SeenRun(MeasurementTotals totals, Duration seen) {
    SeenRun plus(SeenRun later) {
      return new SeenRun(totals.plus(later.totals), later.seen);
    }
  }

  /** What a restart finds again. */
  private static final class Disk {
    private final List<Measurement> seconds = new ArrayList<>();
    private final Map<Instant, MeasurementTotals> minutes = new LinkedHashMap<>();
    private final Map<String, SeenRun> runs = new LinkedHashMap<>();
    private final Deque<CoolingStep> steps = new ArrayDeque<>();
    private Duration age = Duration.ZERO;

    void add(Measurement one, SortedMap<String, Double> parts) {
      age = age.plus(one.lasted());
      MeasurementTotals totals = MeasurementTotals.of(one);
      parts.forEach(
          (name, part) ->
              runs.merge(name, new SeenRun(totals.withEnergy(part), age), SeenRun::plus));
      seconds.add(one);
      if (seconds.size() > SECONDS_KEPT) {
        Measurement oldest = seconds.remove(0);
        minutes.merge(oldest.minute(), MeasurementTotals.of(oldest), MeasurementTotals::plus);
        if (minutes.size() > MINUTES_KEPT) {
          minutes.remove(minutes.keySet().iterator().next());
        }
      }
    }
  }
}
