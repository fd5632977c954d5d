package io.coord.daemon;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The CPU time of the runs that share the board. It is read once a second while there are two or
 * more; while there is one or none, nothing is read and nothing wakes up. For one thread.
 */
final class RunCpuMeter {
  private static final Duration READ_EVERY = Duration.ofSeconds(1);

  /** More than run at the same time; those beyond count as if their CPU time were not known. */
  private static final int MAX_RUNS = 500;

  /** How often the service manager is asked for a counter that it does not name. */
  private static final int MAX_LOOKUPS = 5;

  private final Counters counters;
  private final Supplier<Duration> uptime;
  private final Timer timer;
  private final SortedMap<String, Track> tracks = new TreeMap<>();
  private boolean waiting;

  /** Where the CPU time of a run is counted. */
  interface Counters {
    /** Empty if its unit does not run, or the service manager does not say. */
    Optional<Counter> of(String experiment, String invocation);
  }

  /** Counts the CPU time of one run. */
  interface Counter {
    /** All until now; empty if that is not known, as after its end. */
    Optional<Duration> read();
  }

  /** Does something later, in the meter's thread. */
  interface Timer {
    void in(Duration time, Runnable work);
  }

  private static final class Track {
    private final String experiment;
    private final Duration beganAt;
    private final CpuTimeCurve curve = new CpuTimeCurve();
    private Optional<Counter> counter = Optional.empty();
    private int lookups;
    private @Nullable Duration endedAt;

    Track(String experiment, Duration beganAt) {
      this.experiment = experiment;
      this.beganAt = beganAt;
    }

    Duration lastKnown() {
      return endedAt == null ? beganAt : endedAt;
    }

    boolean runs() {
      return endedAt == null;
    }
  }

  RunCpuMeter(Counters counters, Supplier<Duration> uptime, Timer timer) {
    this.counters = counters;
    this.uptime = uptime;
    this.timer = timer;
  }

  /** A run began. */
  void began(String experiment, String invocation) {
    if (tracks.size() < MAX_RUNS && !tracks.containsKey(invocation)) {
      tracks.put(invocation, new Track(experiment, uptime.get()));
      readAll();
    }
  }

  /** A run ended, at an uptime; what it used is known until {@link #forget}. */
  void ended(String invocation, Duration at) {
    Track track = tracks.get(invocation);
    if (track != null) {
      track.endedAt = at;
    }
  }

  /** Reads all that run; those that were not heard of, as after a restart, as well. */
  void read(SortedMap<String, String> experimentByRun) {
    experimentByRun.forEach((invocation, experiment) -> began(experiment, invocation));
    readAll();
  }

  /** The CPU time of runs between two times, in seconds; empty where it is not known. */
  SortedMap<String, OptionalDouble> seconds(RunTimeline.Span span) {
    SortedMap<String, OptionalDouble> seconds = new TreeMap<>();
    for (String invocation : span.running()) {
      Track track = tracks.get(invocation);
      seconds.put(
          invocation,
          track == null ? OptionalDouble.empty() : track.curve.seconds(span.from(), span.to()));
    }
    return seconds;
  }

  /**
   * Forgets the runs that had ended at an uptime.
   *
   * @param running those that were open then or later
   */
  void forget(Duration until, Set<String> running) {
    tracks
        .entrySet()
        .removeIf(
            each ->
                each.getValue().lastKnown().compareTo(until) <= 0
                    && !running.contains(each.getKey()));
  }

  private boolean isShared() {
    return tracks.values().stream().filter(Track::runs).count() > 1;
  }

  private void readAll() {
    if (!isShared()) {
      return;
    }
    for (Map.Entry<String, Track> each : tracks.entrySet()) {
      if (each.getValue().runs()) {
        read(each.getKey(), each.getValue());
      }
    }
    if (!waiting) {
      waiting = true;
      timer.in(
          READ_EVERY,
          () -> {
            waiting = false;
            readAll();
          });
    }
  }

  private void read(String invocation, Track track) {
    if (track.counter.isEmpty() && track.lookups < MAX_LOOKUPS) {
      track.lookups++;
      track.counter = counters.of(track.experiment, invocation);
    }
    track.counter.flatMap(Counter::read).ifPresent(used -> track.curve.add(uptime.get(), used));
  }
}
