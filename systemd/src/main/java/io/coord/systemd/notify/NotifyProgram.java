package io.coord.systemd.notify;

import io.coord.systemd.ServiceNotifier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code systemd-notify}, which takes some milliseconds. Because that is another process, the
 * unit needs {@code NotifyAccess=all}.
 */
public final class NotifyProgram implements ServiceNotifier {

  /** The program itself waits up to five seconds for a manager that reloads. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final String program;
  private final Optional<Duration> watchdog;

  private NotifyProgram(String program, Optional<Duration> watchdog) {
    this.program = program;
    this.watchdog = watchdog;
  }

  /**
   * The notifier of this process.
   *
   * @param environment of this process, with the variables that the manager sets
   * @return empty if the process was not started by a service manager that waits for it
   */
  public static Optional<ServiceNotifier> of(Map<String, String> environment) {
    return of(environment, ProcessHandle.current().pid(), "systemd-notify");
  }

  static Optional<ServiceNotifier> of(Map<String, String> environment, long pid, String program) {
    if (environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new NotifyProgram(program, watchdog(environment, pid)));
  }

  private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String watchedPid = environment.getOrDefault("WATCHDOG_PID", "");
    // The watchdog of a parent process is not ours.
    return micros.matches("[1-9][0-9]{0,15}")
            && (watchedPid.isEmpty() || watchedPid.equals(Long.toString(pid)))
        ? Optional.of(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros))))
        : Optional.empty();
  }

  @Override
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  @Override
  public Optional<String> send(List<String> assignments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(assignments);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return outcome(process);
    } catch (IOException e) {
      return Optional.of("cannot run '" + program + "': " + e.getMessage());
    }
  }

  private Optional<String> outcome(Process process) {
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return Optional.of("'" + program + "' did not end within " + LIMIT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return Optional.of("interrupted while '" + program + "' ran");
    }
    return process.exitValue() == 0
        ? Optional.empty()
        : Optional.of("'" + program + "' ended with exit code " + process.exitValue());
  }
}
