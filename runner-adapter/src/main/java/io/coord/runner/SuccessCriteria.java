package io.coord.runner;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What makes an experiment complete, besides what its runner has recorded.
 *
 * @param codes exit codes that claim success as 0 does, 0 to 255
 * @param file a file that must exist
 * @param command the argument vector of a check that must exit with 0 after a run has claimed
 *     success; empty for none
 * @param childOomAllowed whether a run can succeed of which the kernel killed a child process for
 *     lack of memory
 */
public record SuccessCriteria(
    List<Integer> codes, Optional<Path> file, List<String> command, boolean childOomAllowed) {
  /** Exit code 0. */
  public static final SuccessCriteria DEFAULT =
      new SuccessCriteria(List.of(), Optional.empty(), List.of());

  /** Criteria of runs of which no process may be killed for lack of memory. */
  public SuccessCriteria(List<Integer> codes, Optional<Path> file, List<String> command) {
    this(codes, file, command, false);
  }

  static SuccessCriteria of(FieldValues values) {
    return new SuccessCriteria(
        values.get(RequestField.SUCCESS_CODES).orElse(List.of()),
        values.get(RequestField.SUCCESS_FILE),
        values.get(RequestField.SUCCESS_COMMAND).orElse(List.of()),
        values.get(RequestField.ALLOW_CHILD_OOM).orElse(false));
  }

  public SuccessCriteria {
    codes = List.copyOf(codes);
    command = List.copyOf(command);
  }
}
