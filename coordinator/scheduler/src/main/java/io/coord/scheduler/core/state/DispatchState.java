package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.runner.CommandFingerprint;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Dispatches that failed for a reason that may pass, and wait. They neither count as attempts nor
 * lose their place in the queue.
 *
 * @param retries by experiment
 * @param places by {@link #placeOf}: what could not be reached for one experiment is not tried for
 *     each of the others
 */
public record DispatchState(SortedMap<String, Retry> retries, SortedMap<String, Retry> places) {

  /** The wait before the second attempt; it doubles with each further one. */
  static final Duration FIRST_DELAY = Duration.ofSeconds(5);

  /**
   * The longest wait: soon enough after a disk is mounted, and seldom enough for one that hangs.
   */
  public static final Duration MAX_DELAY = Duration.ofMinutes(2);

  /** No dispatch has failed. */
  static final DispatchState NONE = new DispatchState(new TreeMap<>(), new TreeMap<>());

  /**
   * A wait before the next attempt.
   *
   * @param failures how many dispatches failed in a row, at least 1
   * @param from the uptime from which the next one is made
   * @param why why the last one failed
   */
  public record Retry(int failures, Duration from, String why) {

    /** The wait after one more failure. */
    public static Retry after(Optional<Retry> before, Duration uptime, String why) {
      int failures = before.map(Retry::failures).orElse(0) + 1;
      Duration delay = FIRST_DELAY;
      for (int n = 1; n < failures && delay.compareTo(MAX_DELAY) < 0; n++) {
        delay = delay.multipliedBy(2);
      }
      return new Retry(
          failures, uptime.plus(delay.compareTo(MAX_DELAY) < 0 ? delay : MAX_DELAY), why);
    }

    /** Whether it is too early for the next attempt. */
    public boolean waits(Duration uptime) {
      return uptime.compareTo(from) < 0;
    }
  }

  /**
   * The files that an experiment's owner reaches in its working directory, as a key; empty if this
   * version cannot read its spec.
   */
  public static Optional<String> placeOf(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(its -> place(experiment.submission().owner(), its.digests().directory()));
  }

  static String place(String owner, long directory) {
    return owner + ":" + CommandFingerprint.hex(directory);
  }

  /** The directory of a {@link #place}. */
  static long directoryOf(String place) {
    return HexFormat.fromHexDigitsToLong(place.substring(place.lastIndexOf(':') + 1));
  }
}
