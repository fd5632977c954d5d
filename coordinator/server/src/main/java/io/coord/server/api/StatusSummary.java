package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.thermal.Heat;
import io.coord.thermal.ZoneReading;
import java.util.List;
import java.util.Map;

/**
 * The whole at one moment.
 *
 * @param slots how many experiments may hold a slot
 * @param slotsTaken how many do
 * @param totalRamBytes how much memory experiments may reserve
 * @param reservedRamBytes how much they do
 * @param heat how hot it is
 * @param zones all zones as read last
 * @param managerProblem why systemd cannot be reached; empty if it can
 * @param ledgerProblem what is wrong with the database and what to do; empty if nothing is known
 * @param counts how many that are not done are in each state; states without any are left out
 * @param draining whether nothing is started
 * @param unmanaged units of experiments that somebody else has started; each counts as a slot
 * @param heldGroups groups whose breaker is open
 */
public record StatusSummary(
    int slots,
    int slotsTaken,
    long totalRamBytes,
    long reservedRamBytes,
    Heat heat,
    List<ZoneReading> zones,
    String managerProblem,
    String ledgerProblem,
    Map<ExperimentState, Integer> counts,
    boolean draining,
    List<String> unmanaged,
    List<GroupState> heldGroups) {

  /**
   * One experiment and why it is where it is, in words that hold at this moment.
   *
   * @param experiment as it is stored
   * @param reason for a queued one what it waits for, else the reason of its last transition
   */
  public record Shown(Experiment experiment, String reason) {}
}
