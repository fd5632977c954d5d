package io.coord.selftest.harness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running command of the command line. */
public final class PendingCommand {
  private static final int LIMIT_SECONDS = 30;

  private final List<String> words;
  private final Process process;
  private final long from;

  private PendingCommand(List<String> words, Process process, long from) {
    this.words = words;
    this.process = process;
    this.from = from;
  }

  /** Starts the command. Each of its outputs must fit into a pipe, which holds 64 KiB. */
  public static PendingCommand begin(Workspace workspace, List<String> words) {
    long from = System.nanoTime();
    try {
      Process process = workspace.coord(words).start();
      process.getOutputStream().close();
      return new PendingCommand(words, process, from);
    } catch (IOException e) {
      throw new HarnessException("cannot run 'coord " + words.get(0) + "'", e);
    }
  }

  /**
   * Waits for its end.
   *
   * @throws HarnessException if it does not end within 30 s
   */
  public CommandResult end() throws InterruptedException {
    try {
      // INVARIANT: what it prints fits into a pipe, so it ends without a reader.
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new HarnessException(
            "'coord %s' did not end within %d s".formatted(String.join(" ", words), LIMIT_SECONDS));
      }
      Duration took = Duration.ofNanos(System.nanoTime() - from);
      return new CommandResult(
          process.exitValue(),
          text(process.getInputStream()),
          text(process.getErrorStream()),
          took);
    } catch (IOException e) {
      throw new HarnessException("cannot read the output of 'coord " + words.get(0) + "'", e);
    }
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
