package io.coord.server.api;

import io.coord.persistence.Ledger;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.OutputRanges;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.verify.Inspection;
import io.coord.systemd.InstanceSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Everything that can be asked of the coordinator, by subject. Threads may share it and its parts.
 *
 * @param enqueue takes experiments into the queue
 * @param schedules experiments that are enqueued again and again
 * @param control stops, holds and releases what is in the queue, and the queue itself
 * @param status the overall status, the list, and the ends of experiments
 * @param details one experiment
 * @param logs where the output of an experiment is
 * @param machine heat, power, and the checks of board and installation
 * @param backup copies of the database
 */
public record Coordinator(
    EnqueueService enqueue,
    ScheduleService schedules,
    ControlService control,
    StatusService status,
    DetailsService details,
    LogService logs,
    MachineService machine,
    BackupService backup) {

  /** The running scheduler: its loop, its rules, and what it has stored. */
  public record Engine(
      Loop loop, Decider decider, Limits limits, Ledger ledger, Supplier<Timestamps> clock) {}

  /** How experiments are launched on this machine. */
  public record Launching(
      Runner runner,
      ExperimentDirectories directories,
      InstanceSpecFactory instances,
      OutputRanges ranges,
      Function<InstanceSpec, List<String>> unitProblems) {}

  /**
   * Makes the parts.
   *
   * @param copies a folder for copies of the database, each of which is removed once it was read
   */
  public static Coordinator of(
      Engine engine,
      RequestReader requests,
      UserAccounts accounts,
      Launching launching,
      Telemetry telemetry,
      Inspection inspection,
      Path copies) {
    Loop loop = engine.loop();
    Ledger ledger = engine.ledger();
    ExperimentLookup lookup = new ExperimentLookup(loop, engine.decider(), ledger, engine.clock());
    MachineStatus machine = new MachineStatus(telemetry, engine.limits(), engine.clock());
    LogService logs =
        new LogService(
            lookup, launching.directories(), launching.instances().outputTo(), launching.ranges());
    RequestChecks checks = new RequestChecks(accounts, launching, engine.limits());
    return new Coordinator(
        new EnqueueService(loop, ledger, requests, checks),
        new ScheduleService(engine, requests, checks),
        new ControlService(loop, lookup),
        new StatusService(engine, lookup, telemetry),
        new DetailsService(lookup, ledger, requests, launching, logs, machine),
        logs,
        new MachineService(loop, machine, inspection, engine.limits()),
        new BackupService(ledger, copies));
  }
}
