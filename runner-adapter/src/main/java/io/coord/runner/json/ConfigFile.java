package io.coord.runner.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.Quoting;
import io.coord.runner.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A brain-in-jar experiment config, as far as a coordinator needs it. All other fields are the
 * runner's own.
 *
 * <p>As for that runner, {@code null} says nothing and 0 cycles or seconds mean no end.
 */
final class ConfigFile {
  private static final List<String> DEFAULT_RUNNER =
      List.of("python3", "-m", "src.runner.experiment_runner");

  /** As many as CPUQuota can grant at 100 % each. */
  private static final int MAX_THREADS = Fields.MAX_CPU_PERCENT / 100;

  private static final int MAX_CYCLES = 999_999_999;

  private final String text;
  private final Fields config;
  private final Fields constraints;

  private ConfigFile(String text, Fields config) {
    this.text = text;
    this.config = config;
    this.constraints = config.nested("resource_constraints");
  }

  /** The config in a text; empty if it is not one, which is then among the faults. */
  static Optional<ConfigFile> in(String text, Optional<Path> origin, ValidationErrors faults) {
    String subject = origin.map(path -> Quoting.of(path.toString())).orElse("the config");
    Optional<ObjectNode> object = JsonText.object(text, RequestField.CONFIG.key(), subject, faults);
    return object.map(fields -> new ConfigFile(text, new Fields(fields, "", faults)));
  }

  Optional<String> id() {
    if (!config.has("experiment_id")) {
      config.fault("experiment_id", "is missing; name the experiment in the config or with an id");
    }
    return config.id("experiment_id");
  }

  Optional<String> name() {
    return config.name("name");
  }

  OptionalInt priority() {
    return config.whole("priority", SpecReader.MIN_PRIORITY, SpecReader.MAX_PRIORITY);
  }

  OptionalLong ramBytes() {
    return constraints.ramGib("ram_limit_gb");
  }

  Optional<Duration> maxDuration() {
    return config
        .seconds("max_duration_seconds", Duration.ZERO, SpecReader.MAX_DURATION)
        .filter(duration -> !duration.isZero());
  }

  Optional<String> powerMode() {
    return config.powerMode(RequestField.NVPMODEL_MODE.key());
  }

  OptionalInt maxMilliCelsius() {
    return config.milliCelsius(RequestField.MAX_TEMP_CELSIUS.key());
  }

  /** Where it says it runs, taken from its own folder. */
  Optional<Path> workingDirectory(Optional<Path> origin) {
    Optional<Path> folder = config.path("working_directory");
    if (folder.isEmpty() || folder.get().isAbsolute()) {
      return folder.map(Path::normalize);
    }
    if (origin.isEmpty()) {
      config.fault(
          "working_directory",
          Quoting.of(folder.get().toString())
              + " is relative to the config's folder; use an absolute path or give config_path");
      return Optional.empty();
    }
    return Optional.of(origin.get().resolveSibling(folder.get()).normalize());
  }

  boolean namesWorkingDirectory() {
    return config.has("working_directory");
  }

  Spec.Config task() {
    List<String> runner = config.argumentVector("runner").orElse(DEFAULT_RUNNER);
    OptionalInt maxCycles = config.whole("max_cycles", 0, MAX_CYCLES);
    return new Spec.Config(
        text,
        config.anyText("experiment_id"),
        runner,
        maxCycles.orElse(0) == 0 ? OptionalInt.empty() : maxCycles,
        cpuThreads());
  }

  private OptionalInt cpuThreads() {
    return constraints.whole("cpu_threads", 1, MAX_THREADS);
  }
}
