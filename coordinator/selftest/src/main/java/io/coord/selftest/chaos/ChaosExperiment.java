package io.coord.selftest.chaos;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One experiment of the self-test.
 *
 * @param token its number, in the order of the enqueues
 * @param named whether the enqueue names an id, or the coordinator assigns one
 * @param tenths how long its work takes, in tenths of a second
 * @param crashes how many of its first runs crash, if it is a {@link ExperimentPart#PHOENIX}; how
 *     many crashes are allowed, if it is {@link ExperimentPart#DOOMED}
 */
record ChaosExperiment(int token, ExperimentPart part, boolean named, int tenths, int crashes) {
  /** More crashes than any of them will have, so only the doomed fail. */
  private static final int ANY_NUMBER = 1000;

  /** How many crashes it may have. */
  int maxCrashes() {
    return part == ExperimentPart.DOOMED ? crashes : ANY_NUMBER;
  }

  /** The command that enqueues it. */
  List<String> enqueue(Path program, Path folder, int slots) {
    List<String> words = new ArrayList<>(List.of("enqueue"));
    if (named) {
      words.addAll(List.of("--id", "chaos_" + token));
    }
    words.addAll(List.of("--ram", "32M", "--workdir", folder.toString()));
    words.addAll(List.of("--restart-delay", "100ms", "--restart-interval", "10h"));
    words.addAll(List.of("--max-crashes", Integer.toString(maxCrashes())));
    // A group of its own: a group with several failures of the same kind would be held.
    words.addAll(List.of("--group", "group_" + token));
    words.addAll(List.of("--success-file", folder.resolve("done." + token).toString()));
    if (part == ExperimentPart.DEAF) {
      words.addAll(List.of("--stop-timeout", "1s"));
    }
    words.addAll(
        List.of(
            "--",
            "/bin/sh",
            program.toString(),
            part.word(),
            Integer.toString(token),
            String.format(Locale.ROOT, "%.1f", tenths / 10.0),
            Integer.toString(crashes),
            Integer.toString(slots)));
    return words;
  }
}
