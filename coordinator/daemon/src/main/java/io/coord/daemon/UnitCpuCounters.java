package io.coord.daemon;

import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.cgroup.Cgroup;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the cgroup of a run with the service manager, once; reads the kernel's file from then on.
 */
final class UnitCpuCounters implements RunCpuMeter.Counters {
  private final ServiceManager manager;
  private final Path cgroups;

  UnitCpuCounters(ServiceManager manager, Path cgroups) {
    this.manager = manager;
    this.cgroups = cgroups;
  }

  @Override
  public Optional<RunCpuMeter.Counter> of(String experiment, String invocation) {
    Optional<UnitStatus> status;
    try {
      status = manager.status(ExperimentUnits.unitOf(experiment));
    } catch (SystemdException e) {
      // Others report that the service manager does not answer; the energy is divided equally.
      return Optional.empty();
    }
    return status
        .filter(unit -> unit.invocation().equals(Optional.of(invocation)))
        .map(unit -> unit.controlGroup().path())
        .filter(path -> !path.isEmpty())
        .map(path -> new Cgroup(cgroups, path)::cpuTime);
  }
}
