package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.Requirements;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/** What this coordinator has seen of the runs of experiments; not stored. For one thread. */
final class SeenRuns {
  private final TreeMap<String, Duration> progressAt = new TreeMap<>();
  private final TreeMap<String, Duration> beganAt = new TreeMap<>();
  private final TreeMap<String, String> lastCrash = new TreeMap<>();
  private Optional<Duration> since = Optional.empty();

  /** The first call says from when on runs are seen, as an uptime. */
  void begin(Duration uptime) {
    since = since.or(() -> Optional.of(uptime));
  }

  void began(String id, Duration uptime) {
    beganAt.put(id, uptime);
    progressAt.put(id, uptime);
  }

  void progressed(String id, Duration uptime) {
    progressAt.put(id, uptime);
  }

  /**
   * @param detail how the crash ended the run
   */
  void crashed(String id, String detail) {
    lastCrash.put(id, detail);
  }

  void forget(String id) {
    progressAt.remove(id);
    beganAt.remove(id);
    lastCrash.remove(id);
  }

  Optional<String> lastCrash(String id) {
    return Optional.ofNullable(lastCrash.get(id));
  }

  /** The uptime of the last progress, or from which on it would have been seen. */
  Optional<Duration> progressAt(String id) {
    return Optional.ofNullable(progressAt.get(id)).or(() -> since);
  }

  /**
   * How long an experiment may still run, by its own limit; empty if it has none.
   *
   * @param uptime the present
   */
  Optional<Duration> timeLeft(Experiment experiment, Duration uptime) {
    Duration began = beganAt.getOrDefault(experiment.id(), since.orElse(uptime));
    Duration running =
        experiment.phase().openRun().isPresent() ? uptime.minus(began) : Duration.ZERO;
    return experiment
        .submission()
        .requirements()
        .flatMap(Requirements::maxDuration)
        .map(max -> max.minus(experiment.counts().ran()).minus(running))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }
}
