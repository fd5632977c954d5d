package io.coord.selftest.chaos;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One experiment that is asked for.
 *
 * @param token tells it from all others; the order in which they are asked for
 * @param named whether it is given an id, or the coordinator makes one up
 * @param tenths how long its work takes, in tenths of a second
 * @param crashes how many of its first runs crash, if it is a {@link ExperimentPart#PHOENIX}; how
 *     many crashes are allowed, if it is {@link ExperimentPart#DOOMED}
 */
record FaultInjector(int token, ExperimentPart part, boolean named, int tenths, int crashes) {
  /** More than any of them will ever have, so that only those fail that shall. */
  private static final int ANY_NUMBER = 1000;

  /** How many crashes it may have. */
  int maxCrashes() {
    return part == ExperimentPart.DOOMED ? crashes : ANY_NUMBER;
  }

  /** The command that enqueues it. */
  List<String> enqueue(Path program, Path folder, int slots) {
    List<String> words = new ArrayList<>(List.of("enqueue"));
    if (named) {
      words.addAll(List.of("--id", "player_" + token));
    }
    words.addAll(List.of("--ram", "32M", "--workdir", folder.toString()));
    words.addAll(List.of("--restart-delay", "100ms", "--restart-interval", "10h"));
    words.addAll(List.of("--max-crashes", Integer.toString(maxCrashes())));
    // A group of its own: a group in which many fail alike would be held.
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
