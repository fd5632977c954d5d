package io.coord.persistence;

import java.util.List;
import java.util.Optional;

/**
 * How the experiments of a ledger differ from those of a backup.
 *
 * @param presentOnly what the backup does not know: enqueued since, or pruned from the backup's
 *     history
 * @param backupOnly what the ledger does not know
 * @param changed what both know, with another state or another number of runs
 * @param unlike ids that stand for different experiments
 */
public record LedgerDifferences(Group presentOnly, Group backupOnly, Group changed, Group unlike) {

  /**
   * Experiments with one kind of difference.
   *
   * @param count how many there are
   * @param latest the last to be enqueued, at most {@link #MAX_LISTED} of them, the latest first
   */
  public record Group(long count, List<Difference> latest) {
    /** The most experiments of a group that are listed. */
    public static final int MAX_LISTED = 20;

    public Group {
      latest = List.copyOf(latest);
    }
  }

  /**
   * One experiment.
   *
   * @param present its state in the ledger; empty if it is not there
   * @param backup its state in the backup; empty if it is not there
   */
  public record Difference(
      String id, Optional<ExperimentState> present, Optional<ExperimentState> backup) {}

  /** Whether both hold the same experiments in the same states. */
  public boolean isEmpty() {
    return presentOnly.count() + backupOnly.count() + changed.count() + unlike.count() == 0;
  }
}
