package io.coord.thermal.nvpmodel;

import io.coord.thermal.CommandRunner;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.ThermalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Clocks pinned by {@code jetson_clocks}, which needs root. One call at a time. */
public final class JetsonClocks implements MaximumClocks {

  /** The lines of {@code --show} that are about clocks which it pins; offline cores have none. */
  private static final Pattern CLOCK =
      Pattern.compile(
          "^(?:cpu\\d+: *Online=1\\b.*?|GPU) MinFreq=(\\d+) MaxFreq=(\\d+)\\b", Pattern.MULTILINE);

  private final String tool;
  private final CommandRunner runner;
  private final Path note;
  private final Duration limit;

  /**
   * @param tool normally {@code /usr/bin/jetson_clocks}
   * @param note where the clocks are noted before they are pinned; lost with a reboot, as the
   *     pinned clocks are
   * @param limit how long the tool has, each time
   */
  public JetsonClocks(Path tool, CommandRunner runner, Path note, Duration limit) {
    this.tool = tool.toString();
    this.runner = runner;
    this.note = note;
    this.limit = limit;
  }

  /** Whether no core and no GPU may go below its maximum. */
  @Override
  public synchronized boolean inForce() {
    String shown = run("--show");
    List<MatchResult> clocks = CLOCK.matcher(shown).results().toList();
    if (clocks.isEmpty()) {
      throw new ThermalException(
          tool,
          "cannot read whether clocks are pinned: '%s' shows no clocks".formatted(tool),
          null);
    }
    return clocks.stream().allMatch(clock -> clock.group(1).equals(clock.group(2)));
  }

  @Override
  public synchronized void pin() {
    if (inForce()) {
      // A note of pinned clocks would be of no use to anybody.
      return;
    }
    try {
      // It would ask whether it may overwrite the file.
      Files.deleteIfExists(note);
    } catch (IOException e) {
      throw new ThermalException(
          note.toString(), "cannot pin the clocks: cannot replace '%s': %s".formatted(note, e), e);
    }
    run("--store", note.toString());
    if (!Files.isRegularFile(note)) {
      throw new ThermalException(
          tool,
          "cannot pin the clocks: '%s --store' reported success but did not write '%s'"
              .formatted(tool, note),
          null);
    }
    run();
  }

  @Override
  public synchronized void release() {
    if (Files.isRegularFile(note)) {
      run("--restore", note.toString());
    }
  }

  private String run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(tool));
    command.addAll(List.of(arguments));
    CommandRunner.Result result = runner.run(command, limit);
    if (result instanceof CommandRunner.Ended ended && ended.code() == 0) {
      return ended.output();
    }
    throw new ThermalException(
        tool, "cannot run '%s': %s".formatted(String.join(" ", command), why(result)), null);
  }

  private static String why(CommandRunner.Result result) {
    if (result instanceof CommandRunner.Ended ended) {
      return "exit code %d: '%s'".formatted(ended.code(), ended.output().strip());
    }
    return result instanceof CommandRunner.Killed killed
        ? "no answer within %s s".formatted(killed.limit().toMillis() / 1000.0)
        : ((CommandRunner.NotRun) result).why();
  }
}
