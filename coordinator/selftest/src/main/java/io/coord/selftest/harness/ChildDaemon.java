package io.coord.selftest.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A real coordinator as a child process, started as a user would start it. */
public final class ChildDaemon {
  private static final String READY = "ready on";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final int SHOWN_LINES = 30;
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

  private final Process process;
  private final Path log;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  private ChildDaemon(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a daemon without waiting; its log is appended to the log of the previous daemon. */
  public static ChildDaemon start(Workspace workspace) {
    try {
      Process process = workspace.coord(List.of("daemon")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      ChildDaemon daemon = new ChildDaemon(process, workspace.daemonLog());
      Thread pump = new Thread(daemon::pump, "daemon-log");
      pump.setDaemon(true);
      pump.start();
      return daemon;
    } catch (IOException e) {
      throw new HarnessException("cannot start the coordinator", e);
    }
  }

  /** Writes the log of the daemon to a file, and waits for the line that says that it is ready. */
  private void pump() {
    try (BufferedReader lines =
            new BufferedReader(
                new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        BufferedWriter file =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        file.write(line);
        file.newLine();
        file.flush();
        if (line.contains(READY)) {
          ready.complete(null);
        }
      }
      ready.completeExceptionally(new HarnessException("the daemon ended"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  /**
   * Waits until it answers requests.
   *
   * @throws HarnessException with the end of its log if it does not
   */
  public void awaitReady() throws InterruptedException {
    try {
      ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new HarnessException("the coordinator did not start; the end of its log:\n" + logEnd());
    } catch (TimeoutException e) {
      throw new HarnessException(
          "the coordinator was not ready after %d s; the end of its log:%n%s"
              .formatted(START_LIMIT.toSeconds(), logEnd()));
    }
  }

  /**
   * Waits for this time.
   *
   * @throws HarnessException if the daemon ends
   */
  public void watchFor(long millis) throws InterruptedException {
    if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      throw new HarnessException(
          "the coordinator exited with %d; the end of its log:%n%s"
              .formatted(process.exitValue(), logEnd()));
    }
  }

  /** The peak of its resident memory; empty where /proc has none. */
  public String peakMemory() {
    try {
      Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
      return peak.find() ? Formats.mebibytes(Long.parseLong(peak.group(1)) * 1024) : "";
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * Ends it with SIGTERM.
   *
   * @return how long that took; empty if it had to be killed
   */
  public java.util.Optional<Duration> stop() throws InterruptedException {
    long from = System.nanoTime();
    process.destroy();
    if (process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      return java.util.Optional.of(Duration.ofNanos(System.nanoTime() - from));
    }
    process.destroyForcibly().waitFor();
    return java.util.Optional.empty();
  }

  /** Whether it answers requests, or did before it was ended. */
  public boolean isReady() {
    return ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** Whether it is gone. */
  public boolean hasEnded() {
    return !process.isAlive();
  }

  /** Ends it with SIGKILL, and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private String logEnd() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.stream()
          .skip(Math.max(0, lines.size() - SHOWN_LINES))
          .map(line -> "    " + line)
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return "    (cannot read '" + log + "': " + e.getMessage() + ")";
    }
  }
}
