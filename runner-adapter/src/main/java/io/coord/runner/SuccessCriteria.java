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
 */
public record SuccessCriteria(List<Integer> codes, Optional<Path> file, List<String> command) {
  /** Exit code 0. */
  public static final SuccessCriteria DEFAULT =
      new SuccessCriteria(List.of(), Optional.empty(), List.of());

  static SuccessCriteria of(FieldValues values) {
    return new SuccessCriteria(
        values.get(RequestField.SUCCESS_CODES).orElse(List.of()),
        values.get(RequestField.SUCCESS_FILE),
        values.get(RequestField.SUCCESS_COMMAND).orElse(List.of()));
  }

  public SuccessCriteria {
    codes = List.copyOf(codes);
    command = List.copyOf(command);
  }
}
