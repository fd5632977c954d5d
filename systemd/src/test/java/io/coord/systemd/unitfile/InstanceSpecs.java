package io.coord.systemd.unitfile;

import io.coord.systemd.InstanceSpec;
import io.coord.systemd.InstanceSpec.Exec;
import io.coord.systemd.InstanceSpec.ResourceControl;
import io.coord.systemd.InstanceSpec.RestartSettings;
import io.coord.systemd.InstanceSpec.SuccessSettings;
import io.coord.systemd.InstanceSpec.Timeouts;
import io.coord.systemd.RunContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Builds specs for tests: each call changes one value. */
final class InstanceSpecs {
  private final String instance;
  private String description;
  private Exec exec;
  private RunContext context = RunContext.EMPTY;
  private ResourceControl resources = ResourceControl.OF_TEMPLATE;
  private RestartSettings restart =
      new RestartSettings(
          Optional.of(Duration.ofMillis(1)),
          OptionalInt.of(0),
          Optional.of(Duration.ofMinutes(5)),
          Optional.empty());
  private Timeouts timeouts = Timeouts.OF_TEMPLATE;
  private SuccessSettings success = SuccessSettings.EXIT_CODE_ZERO;

  private InstanceSpecs(String instance, Exec exec) {
    this.instance = instance;
    this.description = "experiment " + instance;
    this.exec = exec;
  }

  static InstanceSpecs of(String instance, Path folder, String... command) {
    return new InstanceSpecs(
        instance,
        new Exec(
            Optional.empty(),
            List.of(command),
            folder,
            Map.of(),
            Optional.of(folder.resolve("output.log"))));
  }

  InstanceSpec spec() {
    return new InstanceSpec(
        instance, description, exec, context, resources, restart, timeouts, success);
  }

  InstanceSpecs description(String text) {
    description = text;
    return this;
  }

  InstanceSpecs command(List<String> command) {
    return exec(exec.user(), command, exec.workingDirectory(), exec.environment(), exec.output());
  }

  InstanceSpecs user(String user) {
    return exec(
        Optional.of(user),
        exec.command(),
        exec.workingDirectory(),
        exec.environment(),
        exec.output());
  }

  InstanceSpecs environment(Map<String, String> environment) {
    return exec(exec.user(), exec.command(), exec.workingDirectory(), environment, exec.output());
  }

  InstanceSpecs paths(Path workingDirectory, Path output) {
    return exec(
        exec.user(), exec.command(), workingDirectory, exec.environment(), Optional.of(output));
  }

  InstanceSpecs toJournal() {
    return exec(
        exec.user(), exec.command(), exec.workingDirectory(), exec.environment(), Optional.empty());
  }

  private InstanceSpecs exec(
      Optional<String> user,
      List<String> command,
      Path workingDirectory,
      Map<String, String> environment,
      Optional<Path> output) {
    exec = new Exec(user, command, workingDirectory, environment, output);
    return this;
  }

  InstanceSpecs context(Map<String, String> variables, int recordsSeen) {
    context = new RunContext(variables, recordsSeen);
    return this;
  }

  InstanceSpecs resources(ResourceControl limits) {
    resources = limits;
    return this;
  }

  InstanceSpecs timeouts(Timeouts limits) {
    timeouts = limits;
    return this;
  }

  InstanceSpecs restarts(int limit) {
    restart =
        new RestartSettings(
            restart.delay(), OptionalInt.of(limit), restart.interval(), restart.backoff());
    return this;
  }

  InstanceSpecs backoff(Duration restartDelay, Duration maxDelay, int crashesBefore) {
    restart =
        new RestartSettings(
            Optional.of(restartDelay),
            restart.limit(),
            restart.interval(),
            Optional.of(new InstanceSpec.Backoff(maxDelay, crashesBefore)));
    return this;
  }

  InstanceSpecs successCodes(Integer... codes) {
    success = new SuccessSettings(List.of(codes), success.check(), success.file(), false);
    return this;
  }

  InstanceSpecs check(Duration limit, String... command) {
    success =
        new SuccessSettings(
            success.codes(),
            Optional.of(new InstanceSpec.SuccessCheck(List.of(command), limit)),
            success.file(),
            success.childOomAllowed());
    return this;
  }

  InstanceSpecs childOomAllowed() {
    success = new SuccessSettings(success.codes(), success.check(), success.file(), true);
    return this;
  }

  InstanceSpecs successFile(Path file) {
    success = new SuccessSettings(success.codes(), success.check(), Optional.of(file), false);
    return this;
  }
}
