package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import java.util.List;
import java.util.Map;

/**
 * Everything that was recorded, once all experiments have ended.
 *
 * @param slots how many experiments may run at the same time
 * @param ledger the details that the coordinator has of each experiment, by id
 * @param leftOver units and drop-ins that were not removed
 */
record ChaosEvidence(
    int slots,
    Acks acks,
    List<ChaosJournal.Line> journal,
    Map<String, ApiClient.Details> ledger,
    DaemonHistory daemons,
    List<String> leftOver) {}
