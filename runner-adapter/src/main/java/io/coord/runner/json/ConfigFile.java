package io.coord.runner.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.FieldValues;
import io.coord.runner.Quoting;
import io.coord.runner.RequestField;
import io.coord.runner.ResourceLimits;
import io.coord.runner.Spec;
import io.coord.runner.TimeLimits;
import io.coord.runner.ValidationErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

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
  private static final int MAX_THREADS = ResourceLimits.MAX_CPU_PERCENT / 100;

  private static final int MAX_CYCLES = 999_999_999;

  private final String text;
  private final Fields config;
  private final Fields constraints;

  private ConfigFile(String text, Fields config) {
    this.text = text;
    this.config = config;
    this.constraints = config.nested("resource_constraints");
  }

  /** The config in a text; empty if it is not one, which is then among the errors. */
  static Optional<ConfigFile> in(String text, Optional<Path> origin, ValidationErrors errors) {
    String subject = origin.map(path -> Quoting.of(path.toString())).orElse("the config");
    Optional<ObjectNode> object = JsonText.object(text, RequestField.CONFIG.key(), subject, errors);
    return object.map(fields -> new ConfigFile(text, new Fields(fields, "", errors)));
  }

  Optional<String> id() {
    if (!config.has("experiment_id")) {
      config.error("experiment_id", "is missing; name the experiment in the config or with an id");
    }
    return config.id("experiment_id");
  }

  /**
   * Adds the config's values for the fields that the request does not give.
   *
   * @param given whether the request gives a field, also if its value is not valid
   */
  void addTo(FieldValues values, Predicate<RequestField<?>> given) {
    copy(RequestField.NAME, "name", values, given);
    copy(RequestField.PRIORITY, "priority", values, given);
    if (!given.test(RequestField.RAM)) {
      values.put(
          RequestField.RAM,
          constraints.gibibytes(
              "ram_limit_gb", ResourceLimits.MIN_RAM_BYTES, ResourceLimits.MAX_RAM_BYTES));
    }
    if (!given.test(RequestField.MAX_DURATION)) {
      values.put(
          RequestField.MAX_DURATION,
          config
              .seconds("max_duration_seconds", Duration.ZERO, TimeLimits.MAX_DURATION)
              .filter(duration -> !duration.isZero()));
    }
    copy(RequestField.NVPMODEL_MODE, "nvpmodel_mode", values, given);
    copy(RequestField.MAX_TEMP_CELSIUS, "max_temp_celsius", values, given);
  }

  private <T> void copy(
      RequestField<T> field, String key, FieldValues values, Predicate<RequestField<?>> given) {
    if (!given.test(field)) {
      values.put(field, field.type().reader().read(config, key));
    }
  }

  /** Its working directory, relative to its own folder. */
  Optional<Path> workingDirectory(Optional<Path> origin) {
    Optional<Path> folder = config.path("working_directory");
    if (folder.isEmpty() || folder.get().isAbsolute()) {
      return folder.map(Path::normalize);
    }
    if (origin.isEmpty()) {
      config.error(
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
    Optional<Integer> maxCycles =
        config.wholeNumber("max_cycles", 0, MAX_CYCLES).filter(cycles -> cycles > 0);
    return new Spec.Config(
        text,
        config.anyText("experiment_id"),
        runner,
        optional(maxCycles),
        optional(constraints.wholeNumber("cpu_threads", 1, MAX_THREADS)));
  }

  private static OptionalInt optional(Optional<Integer> number) {
    return number.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }
}
