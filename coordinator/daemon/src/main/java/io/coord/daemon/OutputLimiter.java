package io.coord.daemon;

import io.coord.persistence.Change;
import io.coord.runner.ByteSize;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.DiskShortage;
import io.coord.scheduler.loop.TransitionListener;
import io.coord.scheduler.output.Cut;
import io.coord.scheduler.output.OutputFile;
import io.coord.scheduler.output.OutputLimits;
import io.coord.scheduler.output.OutputPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the output of experiments within its limits, and reports a disk that is nearly full. It has
 * a thread of its own: a slow disk delays nothing else. Output does not pass through the
 * coordinator, so a log may exceed its limit by what is written in a second.
 */
final class OutputLimiter implements TransitionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutputLimiter.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** While nothing runs, only the free space can change. */
  private static final Duration LOOK_EVERY_IDLE = Duration.ofSeconds(10);

  /** A file can also be written in its middle, which does not make it longer. */
  private static final Duration MEASURE_AT_LEAST = Duration.ofSeconds(5);

  /** The kernel ends a lease that blocks an opening after 45 seconds. */
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  /** Users can write their files also after the end of an experiment. */
  private static final Duration SCAN_EVERY = Duration.ofHours(1);

  /** How many of a user's oldest logs are found at once; a user with more is looked at again. */
  private static final int OLDEST_FOUND = 1000;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "output-limiter");
            thread.setDaemon(true);
            return thread;
          });
  private final OutputFolder folder;
  private final OutputLimits limits;
  private final OutputPolicy policy;
  private final Supplier<Duration> uptime;
  private final Consumer<Event> post;

  /** Names of files whose experiments are active. */
  private final Set<String> active = new ConcurrentSkipListSet<>();

  private @Nullable ScheduledFuture<?> next;

  // The rest is used by the thread only.
  private final Map<String, Track> tracks = new TreeMap<>();
  private final Map<Long, Long> totals = new TreeMap<>();
  private @Nullable Duration scannedAt;

  /** Files that could not be cut, with the uptime from which they are tried again. */
  private final Map<String, Duration> failed = new TreeMap<>();

  private boolean nearlyFull;
  private String problem = "";

  /** What is known of a file that is being written. */
  private static final class Track {
    private @Nullable OutputFile measured;
    private Duration measuredAt = Duration.ZERO;
    private OutputFolder.@Nullable Look look;
    private boolean changed = true;

    /**
     * @param measured what the totals contain; null for nothing
     */
    Track(@Nullable OutputFile measured) {
      this.measured = measured;
    }

    void see(OutputFolder.Look now) {
      changed = changed || !now.equals(look);
      look = now;
    }

    /** What it may take by now, if it was written at its end only. */
    long estimate() {
      if (measured == null || look == null) {
        return Long.MAX_VALUE;
      }
      long growth = Math.max(0, look.lengthBytes() - measured.lengthBytes());
      return measured.allocatedBytes() + growth;
    }

    void take(OutputFile now, Duration at) {
      measured = now;
      measuredAt = at;
      changed = false;
    }
  }

  /**
   * @param post takes what the coordinator must know
   */
  OutputLimiter(
      OutputFolder folder, OutputLimits limits, Supplier<Duration> uptime, Consumer<Event> post) {
    this.folder = folder;
    this.limits = limits;
    this.policy = new OutputPolicy(limits);
    this.uptime = uptime;
    this.post = post;
  }

  /**
   * Begins.
   *
   * @param ids the experiments that are active now
   */
  void start(Collection<String> ids) {
    ids.forEach(id -> active.add(id + OutputFolder.SUFFIX));
    lookIn(Duration.ZERO);
  }

  @Override
  public void transitionStored(Change.Moved transition) {
    String name = transition.id() + OutputFolder.SUFFIX;
    if (!transition.to().state().isActive()) {
      active.remove(name);
    } else if (active.add(name) && active.size() == 1) {
      lookIn(LOOK_EVERY);
    }
  }

  private synchronized void lookIn(Duration time) {
    if (next != null) {
      next.cancel(false);
    }
    if (!timer.isShutdown()) {
      next = timer.schedule(this::tick, time.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    try {
      look();
      problem = "";
    } catch (IOException | RuntimeException e) {
      String now = String.valueOf(e.getMessage());
      if (!now.equals(problem)) {
        LOG.warn("cannot limit the output of experiments: {}; retried", now);
        problem = now;
      }
    } finally {
      lookIn(active.isEmpty() ? LOOK_EVERY_IDLE : LOOK_EVERY);
    }
  }

  /** Looks at everything once, and cuts what is too large. For the thread, and for tests. */
  void look() throws IOException {
    Duration now = uptime.get();
    long free = folder.freeBytes();
    reportSpace(free);
    if (scannedAt == null || now.minus(scannedAt).compareTo(SCAN_EVERY) >= 0) {
      scan(now);
    }
    measureChanged(now);
    List<Cut> cuts = new ArrayList<>();
    measured().forEach(file -> policy.overExperimentLimit(file).ifPresent(cuts::add));
    if (cuts.isEmpty()) {
      cuts.addAll(overUserLimits());
    }
    if (cuts.isEmpty() && policy.isNearlyFull(free)) {
      cuts.addAll(policy.onNearlyFullDisk(free, measured(), totals));
    }
    cut(cuts, now);
  }

  private void reportSpace(long free) {
    boolean before = nearlyFull;
    nearlyFull = policy.isNearlyFull(free);
    if (nearlyFull) {
      post.accept(new Event.DiskSeen(Optional.of(new DiskShortage(free, limits.minFreeBytes()))));
    } else if (before) {
      post.accept(new Event.DiskSeen(Optional.empty()));
    }
    if (nearlyFull && !before) {
      LOG.warn(
          "the disk is nearly full: {} free, at least {} wanted; nothing is enqueued until then",
          ByteSize.format(free),
          ByteSize.format(limits.minFreeBytes()));
    } else if (before && !nearlyFull) {
      LOG.info("the disk has {} free again", ByteSize.format(free));
    }
  }

  private void scan(Duration now) throws IOException {
    Map<Long, Long> found = new TreeMap<>();
    Map<String, Track> written = new TreeMap<>();
    folder.scan(
        OptionalLong.empty(),
        file -> {
          found.merge(file.uid(), file.allocatedBytes(), Long::sum);
          if (active.contains(file.name())) {
            written.put(file.name(), new Track(file));
          }
        });
    totals.clear();
    totals.putAll(found);
    // What is measured from here on is compared with what the totals contain.
    tracks.clear();
    tracks.putAll(written);
    scannedAt = now;
  }

  /** Looks at the files that are written, and measures those that may have grown too large. */
  private void measureChanged(Duration now) throws IOException {
    tracks.keySet().retainAll(active);
    // A file that appeared since the scan is in no total yet.
    List<String> due = new ArrayList<>();
    for (String name : active) {
      Optional<OutputFolder.Look> look = folder.look(name);
      if (look.isEmpty()) {
        tracks.remove(name);
        continue;
      }
      Track track = tracks.computeIfAbsent(name, any -> new Track(null));
      track.see(look.get());
      if (track.changed
          && (policy.exceedsExperimentLimit(track.estimate())
              || now.minus(track.measuredAt).compareTo(MEASURE_AT_LEAST) >= 0)) {
        due.add(name);
      }
    }
    for (OutputFile file : folder.measure(due)) {
      Track track = tracks.get(file.name());
      if (track != null) {
        long before = track.measured == null ? 0 : track.measured.allocatedBytes();
        totals.merge(file.uid(), file.allocatedBytes() - before, Long::sum);
        track.take(file, now);
      }
    }
  }

  private List<OutputFile> measured() {
    List<OutputFile> files = new ArrayList<>();
    for (Track track : tracks.values()) {
      if (track.measured != null) {
        files.add(track.measured);
      }
    }
    return files;
  }

  private List<Cut> overUserLimits() throws IOException {
    List<Cut> cuts = new ArrayList<>();
    for (Map.Entry<Long, Long> user : totals.entrySet()) {
      if (policy.exceedsUserLimit(user.getValue())) {
        List<OutputFile> written =
            measured().stream().filter(file -> file.uid() == user.getKey()).toList();
        cuts.addAll(policy.overUserLimit(user.getValue(), written, oldestOthers(user.getKey())));
      }
    }
    return cuts;
  }

  /** The user's oldest logs that take space and are not being written. */
  private List<OutputFile> oldestOthers(long uid) throws IOException {
    PriorityQueue<OutputFile> oldest = new PriorityQueue<>(OutputPolicy.oldestFirst().reversed());
    folder.scan(
        OptionalLong.of(uid),
        file -> {
          if (file.allocatedBytes() > 0 && !active.contains(file.name())) {
            oldest.add(file);
            if (oldest.size() > OLDEST_FOUND) {
              oldest.remove();
            }
          }
        });
    return new ArrayList<>(oldest);
  }

  private void cut(List<Cut> cuts, Duration now) throws IOException {
    List<String> names = new ArrayList<>();
    List<Cut> done = new ArrayList<>();
    failed.values().removeIf(until -> until.compareTo(now) <= 0);
    Set<Long> refusing = new TreeSet<>();
    for (Cut cut : cuts) {
      String name = cut.file().name();
      if (failed.containsKey(name) || refusing.contains(cut.file().uid())) {
        continue;
      }
      try {
        folder.cut(cut);
        done.add(cut);
        names.add(name);
      } catch (IOException e) {
        // An owner may block a file, for example by a lease: that must not delay the cuts of
        // others.
        refusing.add(cut.file().uid());
        failed.put(name, now.plus(RETRY_AFTER));
        LOG.warn("cannot cut output '{}': {}; retried in a minute", name, e.getMessage());
      }
    }
    Map<String, OutputFile> after = new TreeMap<>();
    folder.measure(names).forEach(file -> after.put(file.name(), file));
    for (Cut cut : done) {
      OutputFile before = cut.file();
      OutputFile file = after.get(before.name());
      long left = file == null ? 0 : file.allocatedBytes();
      totals.merge(before.uid(), left - before.allocatedBytes(), Long::sum);
      Track track = tracks.get(before.name());
      if (track != null && file != null) {
        track.take(file, now);
      }
      LOG.info(
          "output '{}' was cut from {} to {}: {}",
          before.name(),
          ByteSize.format(before.allocatedBytes()),
          ByteSize.format(left),
          reason(cut));
    }
  }

  private String reason(Cut cut) {
    if (policy.exceedsExperimentLimit(cut.file().allocatedBytes())) {
      return "one experiment may have " + ByteSize.format(limits.perExperimentBytes());
    }
    return nearlyFull
        ? "the disk is nearly full"
        : "one user may have " + ByteSize.format(limits.perUserBytes());
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
  }
}
