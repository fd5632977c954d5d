package io.coord.scheduler.sim;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import io.coord.systemd.SystemdException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Instance files that cannot always be written or read. */
final class FaultyFiles implements InstanceFiles {
  private final InstanceFiles files;
  private final Supplier<FaultPlan> faults;
  private final Consumer<Duration> lasting;

  /**
   * @param lasting lets things happen for as long as a call takes
   */
  FaultyFiles(InstanceFiles files, Supplier<FaultPlan> faults, Consumer<Duration> lasting) {
    this.files = files;
    this.faults = faults;
    this.lasting = lasting;
  }

  private <T> T call(String instance, Supplier<T> call) {
    lasting.accept(faults.get().callLasts());
    Optional<FaultPlan.InjectedFault> fault = faults.get().call();
    if (fault.isPresent()) {
      switch (fault.get()) {
        case KILLED_BEFORE -> throw new DaemonKilled();
        case REFUSED, ANSWER_LOST ->
            throw new SystemdException(
                instance, "input-output", "cannot use the files of '" + instance + "': test", null);
        case KILLED_AFTER -> {}
      }
    }
    T answer = call.get();
    if (fault.isPresent()) {
      throw new DaemonKilled();
    }
    return answer;
  }

  @Override
  public void keepOrigin(String instance, String text) {
    files.keepOrigin(instance, text);
  }

  @Override
  public Optional<String> origin(String instance) {
    return files.origin(instance);
  }

  @Override
  public void prepare(InstanceSpec spec) {
    call(
        spec.instance(),
        () -> {
          files.prepare(spec);
          return spec;
        });
  }

  @Override
  public void updateContext(String instance, RunContext context) {
    call(
        instance,
        () -> {
          files.updateContext(instance, context);
          return instance;
        });
  }

  @Override
  public void discard(String instance) {
    call(
        instance,
        () -> {
          files.discard(instance);
          return instance;
        });
  }

  @Override
  public List<String> prepared() {
    return call("all", files::prepared);
  }

  @Override
  public List<ExitRecord> exitRecords(String instance, int skip) {
    if (faults.get().isUnreadable(instance)) {
      throw new SystemdException(
          instance, "input-output", "cannot read the exit records of '" + instance + "'", null);
    }
    return call(instance, () -> files.exitRecords(instance, skip));
  }
}
