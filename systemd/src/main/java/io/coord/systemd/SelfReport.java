package io.coord.systemd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Tells the service manager how the service is that this process is; {@code sd_notify(3)}. */
public interface SelfReport {

  /**
   * Tells it, and waits until it was heard. What cannot be told is lost; the next report repeats
   * it.
   *
   * @param assignments such as {@code READY=1} or {@code STATUS=3 running}, each of one line
   * @return why it could not be told; empty if it was
   */
  Optional<String> report(List<String> assignments);

  /**
   * Within which time {@code WATCHDOG=1} must be told, again and again; empty if nobody waits for
   * it.
   */
  Optional<Duration> watchdog();
}
