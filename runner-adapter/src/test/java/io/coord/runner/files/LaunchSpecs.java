package io.coord.runner.files;

import io.coord.runner.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

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
        task,
        workingDirectory,
        environment,
        0,
        OptionalLong.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        successFile,
        Optional.empty(),
        Optional.empty(),
        Spec.Ordering.NONE,
        List.of(),
        successCommand,
        Spec.Conditions.NONE);
  }
}
