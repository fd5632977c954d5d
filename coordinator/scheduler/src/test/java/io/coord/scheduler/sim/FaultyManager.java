package io.coord.scheduler.sim;

import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import io.coord.systemd.testing.SimulatedServiceManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The simulated systemd as one daemon sees it: calls go wrong, and the daemon dies at them. */
final class FaultyManager implements ServiceManager {
  private final SimulatedServiceManager manager;
  private final Supplier<FaultPlan> faults;
  private final Slices slices = new FaultySlices();
  private final Consumer<String> stops;
  private final Consumer<Duration> lasting;

  /**
   * @param stops is told of each unit that is to be stopped
   * @param lasting lets things happen for as long as a call takes
   */
  FaultyManager(
      SimulatedServiceManager manager,
      Supplier<FaultPlan> faults,
      Consumer<String> stops,
      Consumer<Duration> lasting) {
    this.manager = manager;
    this.faults = faults;
    this.stops = stops;
    this.lasting = lasting;
  }

  private final class FaultySlices implements Slices {
    @Override
    public void limitProcessor(String slice, OptionalInt percentOfOneCore) {
      call(
          () -> {
            manager.slices().limitProcessor(slice, percentOfOneCore);
            return slice;
          });
    }

    @Override
    public void limitTotals(String slice, OptionalLong memoryBytes, SortedSet<Integer> cores) {
      call(
          () -> {
            manager.slices().limitTotals(slice, memoryBytes, cores);
            return slice;
          });
    }

    @Override
    public void freeze(String slice) {
      call(
          () -> {
            manager.slices().freeze(slice);
            return slice;
          });
    }

    @Override
    public void thaw(String slice) {
      call(
          () -> {
            manager.slices().thaw(slice);
            return slice;
          });
    }

    @Override
    public boolean canFreeze() {
      return call(manager.slices()::canFreeze);
    }

    @Override
    public SliceStatus status(String slice) {
      return call(() -> manager.slices().status(slice));
    }
  }

  private <T> T call(Supplier<T> call) {
    lasting.accept(faults.get().callLasts());
    Optional<FaultPlan.InjectedFault> fault = faults.get().call();
    if (fault.isPresent()) {
      switch (fault.get()) {
        case KILLED_BEFORE -> throw new DaemonKilled();
        case REFUSED, ANSWER_LOST -> manager.failNextCall(fault.get().asCallFault());
        case KILLED_AFTER -> {}
      }
    }
    T answer = call.get();
    if (fault.filter(FaultPlan.InjectedFault.KILLED_AFTER::equals).isPresent()) {
      throw new DaemonKilled();
    }
    return answer;
  }

  @Override
  public CompletableFuture<JobResult> start(String unit) {
    return call(() -> manager.start(unit));
  }

  @Override
  public CompletableFuture<JobResult> stop(String unit) {
    stops.accept(unit);
    return call(() -> manager.stop(unit));
  }

  @Override
  public void kill(String unit, int signal) {
    call(
        () -> {
          manager.kill(unit, signal);
          return unit;
        });
  }

  @Override
  public void killAll(String unit, int signal) {
    call(
        () -> {
          manager.killAll(unit, signal);
          return unit;
        });
  }

  @Override
  public void hold(String unit) {
    call(
        () -> {
          manager.hold(unit);
          return unit;
        });
  }

  @Override
  public void release(String unit) {
    call(
        () -> {
          manager.release(unit);
          return unit;
        });
  }

  @Override
  public void forgetStarts(String unit) {
    call(
        () -> {
          manager.forgetStarts(unit);
          return unit;
        });
  }

  @Override
  public Optional<UnitStatus> status(String unit) {
    return call(() -> manager.status(unit));
  }

  @Override
  public List<UnitStatus> units(String pattern) {
    return call(() -> manager.units(pattern));
  }

  @Override
  public UnitFacts facts(String unit) {
    return call(() -> manager.facts(unit));
  }

  @Override
  public void checkRights(String unit) {
    call(
        () -> {
          manager.checkRights(unit);
          return unit;
        });
  }

  @Override
  public Slices slices() {
    return slices;
  }

  @Override
  public boolean isStopping() {
    return call(() -> manager.isStopping());
  }

  @Override
  public boolean isStopping(String target) {
    return call(() -> manager.isStopping(target));
  }

  @Override
  public void reload() {
    call(
        () -> {
          manager.reload();
          return true;
        });
  }

  @Override
  public void watch(String pattern, UnitWatcher watcher) {
    manager.watch(pattern, watcher);
  }

  @Override
  public void close() {
    manager.close();
  }
}
