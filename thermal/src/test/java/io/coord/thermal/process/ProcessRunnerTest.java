package io.coord.thermal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.CommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessRunnerTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private @TempDir Path folder;

  private CommandRunner.Result sh(String script, Duration limit) {
    return new ProcessRunner(folder).run(List.of("/bin/sh", "-c", script), limit);
  }

  @Test
  void bothStreamsAndTheExitCodeCome() {
    assertThat(sh("echo a; echo b >&2; echo c; exit 7", LONG))
        .isEqualTo(new CommandRunner.Ended(7, "a\nb\nc\n"));
    assertThat(sh("kill -9 $$", LONG)).isEqualTo(new CommandRunner.Ended(137, ""));
    assertThat(folder).as("nothing stays").isEmptyDirectory();
  }

  @Test
  void providesNeitherInputNorATerminal() {
    assertThat(sh("read -r answer || echo none; (: </dev/tty) 2>/dev/null || echo none", LONG))
        .isEqualTo(new CommandRunner.Ended(0, "none\nnone\n"));
  }

  @Test
  void doesNotPassItsOwnEnvironment() {
    assertThat(sh("echo $HOME$LC_ALL", LONG)).isEqualTo(new CommandRunner.Ended(0, "C\n"));
  }

  @Test
  void killsAHangingToolWithItsChildrenAndKeepsItsOutput() throws Exception {
    // Who reads a pipe comes to its end when everybody is dead who could write into it.
    Path pipe = folder.resolve("pipe");
    assertThat(sh("mkfifo " + pipe, LONG)).isEqualTo(new CommandRunner.Ended(0, ""));
    Process reader = new ProcessBuilder("/bin/cat", pipe.toString()).start();
    Duration limit = Duration.ofMillis(300);
    String script = "exec 3>%s; trap '' TERM; sleep 1000 & printf 'question?'; wait";

    CommandRunner.Result result = sh(script.formatted(pipe), limit);

    assertThat(result).isEqualTo(new CommandRunner.Killed(limit, "question?"));
    assertThat(reader.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("all are dead").isTrue();
    reader.destroyForcibly();
  }

  @Test
  void doesNotWaitForAChildThatKeepsTheOutputOpen() {
    CommandRunner.Ended ended = (CommandRunner.Ended) sh("sleep 1000 & echo $!", LONG);

    long child = Long.parseLong(ended.output().strip());
    assertThat(ProcessHandle.of(child)).get().satisfies(ProcessHandle::destroyForcibly);
  }

  @Test
  void truncatesLongOutput() {
    CommandRunner.Ended ended = (CommandRunner.Ended) sh("head -c 200000 /dev/zero", LONG);
    assertThat(ended.output()).hasSize(64 * 1024);
  }

  @Test
  void endsAToolThatNeverStopsWriting() {
    CommandRunner.Ended ended = (CommandRunner.Ended) sh("while :; do echo 0123456789; done", LONG);

    assertThat(ended.code()).as("128 + SIGXFSZ").isEqualTo(153);
    assertThat(ended.output()).hasSize(64 * 1024);
  }

  @Test
  void reportsAMissingTool() throws Exception {
    Path plain = Files.writeString(folder.resolve("plain"), "#!/bin/sh\n");
    ProcessRunner runner = new ProcessRunner(folder);
    assertThat(runner.run(List.of(plain.toString()), LONG))
        .isEqualTo(
            new CommandRunner.NotRun(
                "cannot run '%s': not found or not executable".formatted(plain)));
    assertThat(new ProcessRunner(folder.resolve("none")).run(List.of("/bin/sh"), LONG))
        .isInstanceOf(CommandRunner.NotRun.class);
  }

  @Test
  void returnsWhenTheCallerIsInterrupted() {
    Thread.currentThread().interrupt();

    CommandRunner.Result result = sh("sleep 1000", LONG);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result).isInstanceOf(CommandRunner.Killed.class);
  }
}
