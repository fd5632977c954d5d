package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import java.util.List;
import java.util.Map;

/**
 * All that is known once everything has ended.
 *
 * @param slots how many experiments may run at once
 * @param ledger all that the coordinator says of each experiment, by ids; without those that it
 *     does not know
 * @param leftOver units and drop-ins that were still there
 */
record ChaosEvidence(
    int slots,
    Acks promises,
    List<ChaosJournal.Line> diary,
    Map<String, ApiClient.Details> ledger,
    RunHistory lives,
    List<String> leftOver) {}
