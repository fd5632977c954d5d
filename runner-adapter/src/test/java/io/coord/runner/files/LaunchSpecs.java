package io.coord.runner.files;

import io.coord.runner.ResourceLimits;
import io.coord.runner.RestartPolicy;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCriteria;
import io.coord.runner.TimeLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Specs for tests. */
final class LaunchSpecs {
  private LaunchSpecs() {}

  static Spec of(Spec.Task task, Path workingDirectory, Map<String, String> environment) {
    return of(task, workingDirectory, environment, Optional.empty(), List.of());
  }

  static Spec of(
      Spec.Task task,
      Path workingDirectory,
      Map<String, String> environment,
      Optional<Path> successFile,
      List<String> successCommand) {
    return new Spec(
        Optional.empty(),
        "name",
        new Spec.Launch(task, workingDirectory, environment),
        ResourceLimits.DEFAULT,
        TimeLimits.DEFAULT,
        RestartPolicy.DEFAULT,
        new SuccessCriteria(List.of(), successFile, successCommand),
        Spec.Scheduling.DEFAULT);
  }
}
