package io.coord.thermal.process;

import io.coord.thermal.CommandRunner;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs tools as child processes, each in a session of its own: it has no terminal for questions,
 * and can be killed with all its children. If the caller is interrupted, the tool is killed
 * immediately.
 *
 * <p>Output goes through a file, because a pipe stays open as long as any process has it, which may
 * be longer than the tool runs.
 */
public final class ProcessRunner implements CommandRunner {

  /** More than such tools write. */
  private static final int OUTPUT_LIMIT_BYTES = 64 * 1024;

  /** 1 MiB, in the blocks of 512 bytes of {@code ulimit}. */
  private static final int FILE_LIMIT_BLOCKS = 2048;

  /** A killed process ends immediately, unless a driver blocks it in the kernel. */
  private static final Duration AFTER_KILL = Duration.ofSeconds(5);

  private static final File NULL_DEVICE = new File("/dev/null");

  private final Path folder;

  /**
   * @param folder for the output while a tool runs; must exist
   */
  public ProcessRunner(Path folder) {
    this.folder = folder;
  }

  @Override
  public Result run(List<String> command, Duration limit) {
    if (!Files.isExecutable(Path.of(command.get(0)))) {
      return new NotRun("cannot run '%s': not found or not executable".formatted(command.get(0)));
    }
    Path output;
    try {
      output = Files.createTempFile(folder, "tool", ".out");
    } catch (IOException e) {
      return new NotRun("cannot write the output of '%s': %s".formatted(command.get(0), e));
    }
    try {
      return run(command, limit, output);
    } catch (IOException e) {
      return new NotRun("cannot run '%s': %s".formatted(command.get(0), e.getMessage()));
    } finally {
      // If this fails, the file in the runtime folder is removed by the next boot.
      output.toFile().delete();
    }
  }

  private static Result run(List<String> command, Duration limit, Path output) throws IOException {
    Process process = start(command, output);
    boolean ended = false;
    try {
      ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      kill(process);
    }
    String text = read(output);
    return ended ? new Ended(process.exitValue(), text) : new Killed(limit, text);
  }

  private static Process start(List<String> command, Path output) throws IOException {
    // A tool that repeats itself must not fill the file system: it is ended at the limit.
    List<String> inOwnSession =
        new ArrayList<>(
            List.of(
                "setsid",
                "/bin/sh",
                "-c",
                "ulimit -f " + FILE_LIMIT_BLOCKS + "; exec \"$@\"",
                "tool"));
    inOwnSession.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(inOwnSession)
            .directory(new File("/"))
            .redirectInput(NULL_DEVICE)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LC_ALL", "C");
    return builder.start();
  }

  /**
   * {@code setsid} keeps its process id, which is then also the group's. {@code -s KILL}, because
   * the {@code kill} of dash accepts no group after {@code -KILL --}.
   */
  private static void kill(Process process) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      Process kill =
          new ProcessBuilder(
                  "/bin/sh", "-c", "kill -s KILL -- \"-$1\"", "kill", Long.toString(process.pid()))
              .redirectInput(NULL_DEVICE)
              .redirectErrorStream(true)
              .redirectOutput(NULL_DEVICE)
              .start();
      kill.waitFor(AFTER_KILL.toMillis(), TimeUnit.MILLISECONDS);
      // It may not have created its session yet.
      process.destroyForcibly();
      process.waitFor(AFTER_KILL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static String read(Path output) throws IOException {
    try (InputStream in = Files.newInputStream(output)) {
      return new String(in.readNBytes(OUTPUT_LIMIT_BYTES), StandardCharsets.UTF_8);
    }
  }
}
