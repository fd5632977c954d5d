package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.verify.Fact;
import io.coord.scheduler.verify.Inspection;
import io.coord.scheduler.verify.Installation;
import io.coord.scheduler.verify.Verification;
import io.coord.thermal.Finding;
import io.coord.thermal.Headroom;
import io.coord.thermal.Heat;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Heat and power of the machine, and the checks of the board and of the installation. */
public final class MachineService {
  private final Loop loop;
  private final MachineStatus machine;
  private final Inspection inspection;
  private final Limits limits;

  MachineService(Loop loop, MachineStatus machine, Inspection inspection, Limits limits) {
    this.loop = loop;
    this.machine = machine;
    this.inspection = inspection;
    this.limits = limits;
  }

  /**
   * Temperatures, their trend, and what is done about them.
   *
   * @param parts into how many the last hour is divided, 1 or more
   */
  public CompletableFuture<Thermal> thermal(int parts) {
    return thermalState().thenApplyAsync(thermalState -> machine.thermal(thermalState, parts));
  }

  /**
   * How close the board will be to the held temperature; empty if no zone can be read.
   *
   * @param ahead 0 to {@link Headroom#MAX_AHEAD}
   */
  public CompletableFuture<OptionalDouble> headroom(Duration ahead) {
    return thermalState()
        .thenApply(
            now -> Headroom.in(ahead, now.heat(), now.trend(), limits.heat().thresholds().hold()));
  }

  /** The power mode, and what the board draws. */
  public CompletableFuture<PowerUse> power() {
    return thermalState().thenApplyAsync(thermalState -> machine.power(thermalState.power()));
  }

  /** The findings about the board, always in the same order. */
  public CompletableFuture<List<Finding>> doctor() {
    return thermalState().thenApplyAsync(machine::findings);
  }

  /** The facts of the installation, always in the same order. */
  public CompletableFuture<List<Fact>> verify() {
    return loop.ask(
            state -> {
              List<Inspection.Bounded> bounded =
                  state.active().stream().map(experiment -> bounded(state, experiment)).toList();
              Heat heat = state.runtime().thermalState().heat();
              return (Supplier<Installation>) () -> inspection.measure(bounded, heat);
            })
        // Not in the loop's thread: it reads files, and waits for systemd.
        .thenApplyAsync(measuring -> Verification.of(measuring.get()));
  }

  private Inspection.Bounded bounded(State state, Experiment experiment) {
    OptionalInt own =
        state
            .spec(experiment.id())
            .map(spec -> spec.resources().cpuQuotaPercent())
            .orElse(OptionalInt.empty());
    return new Inspection.Bounded(
        experiment.id(),
        experiment.submission().ramBytes(),
        own.isPresent() ? own : OptionalInt.of(limits.defaults().cpuPercent()));
  }

  private CompletableFuture<ThermalState> thermalState() {
    return loop.ask(state -> state.runtime().thermalState());
  }
}
