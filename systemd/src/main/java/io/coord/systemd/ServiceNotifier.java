package io.coord.systemd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Notifies the service manager about the service that this process is; {@code sd_notify(3)}. */
public interface ServiceNotifier {

  /**
   * Sends assignments and waits until they are received. If that fails they are lost; the next
   * notification repeats them.
   *
   * @param assignments such as {@code READY=1} or {@code STATUS=3 running}, each of one line
   * @return why it failed; empty if it succeeded
   */
  Optional<String> send(List<String> assignments);

  /** The interval in which {@code WATCHDOG=1} must be sent; empty if there is no watchdog. */
  Optional<Duration> watchdog();
}
