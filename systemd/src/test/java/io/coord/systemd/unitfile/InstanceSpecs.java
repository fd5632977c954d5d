package io.coord.systemd.unitfile;

import io.coord.systemd.InstanceSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Specs of the tests: one value changed at a time. */
record InstanceSpecs(InstanceSpec spec) {
  static InstanceSpecs of(String instance, Path folder, String... command) {
    return new InstanceSpecs(
        new InstanceSpec(
            instance,
            "experiment " + instance,
            Optional.empty(),
            List.of(command),
            folder,
            Map.of(),
            Map.of(),
            0,
            Optional.of(folder.resolve("output.log")),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.of(Duration.ofMillis(1)),
            OptionalInt.of(0),
            Optional.of(Duration.ofMinutes(5)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty()));
  }

  InstanceSpecs command(List<String> command) {
    return with(spec.description(), spec.user(), command, spec.environment(), spec.restartLimit());
  }

  InstanceSpecs description(String description) {
    return with(description, spec.user(), spec.command(), spec.environment(), spec.restartLimit());
  }

  InstanceSpecs user(String user) {
    return with(
        spec.description(),
        Optional.of(user),
        spec.command(),
        spec.environment(),
        spec.restartLimit());
  }

  InstanceSpecs environment(Map<String, String> environment) {
    return with(spec.description(), spec.user(), spec.command(), environment, spec.restartLimit());
  }

  InstanceSpecs restarts(int limit) {
    return with(
        spec.description(), spec.user(), spec.command(), spec.environment(), OptionalInt.of(limit));
  }

  private InstanceSpecs with(
      String description,
      Optional<String> user,
      List<String> command,
      Map<String, String> environment,
      OptionalInt restartLimit) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            description,
            user,
            command,
            spec.workingDirectory(),
            environment,
            spec.context(),
            spec.recordsSeen(),
            spec.output(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            restartLimit,
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs context(Map<String, String> context, int recordsSeen) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            context,
            recordsSeen,
            spec.output(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs paths(Path workingDirectory, Path output) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            workingDirectory,
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            Optional.of(output),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs limits(
      OptionalLong memory,
      OptionalInt cpu,
      OptionalInt tasks,
      Optional<Duration> stop,
      Optional<Duration> runtime,
      Optional<Duration> watchdog) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            spec.output(),
            memory,
            cpu,
            tasks,
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            stop,
            runtime,
            watchdog,
            spec.backoff(),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs backoff(Duration restartDelay, Duration most, int crashesBefore) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            spec.output(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            Optional.of(restartDelay),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            Optional.of(new InstanceSpec.Backoff(most, crashesBefore)),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs toJournal() {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            Optional.empty(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            spec.successCodes(),
            spec.successCheck()));
  }

  InstanceSpecs successCodes(Integer... codes) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            spec.output(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            List.of(codes),
            spec.successCheck()));
  }

  InstanceSpecs check(Duration limit, String... command) {
    return new InstanceSpecs(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.user(),
            spec.command(),
            spec.workingDirectory(),
            spec.environment(),
            spec.context(),
            spec.recordsSeen(),
            spec.output(),
            spec.memoryMaxBytes(),
            spec.cpuQuotaPercent(),
            spec.tasksMax(),
            spec.restartDelay(),
            spec.restartLimit(),
            spec.restartInterval(),
            spec.stopTimeout(),
            spec.runtimeMax(),
            spec.watchdog(),
            spec.backoff(),
            spec.successCodes(),
            Optional.of(new InstanceSpec.SuccessCheck(List.of(command), limit))));
  }
}
