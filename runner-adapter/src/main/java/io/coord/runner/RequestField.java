package io.coord.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table of all that a request can say about one experiment: one row for each field. The JSON
 * reader and writer, the command line with its help, the manual page and the settings page take
 * names, types, ranges, defaults and texts from here, or are tested against it.
 *
 * @param <T> what a value means
 */
public final class RequestField<T> {
  /** Which part of a spec a field belongs to, and so which part of the program uses it. */
  public enum Part {
    /** {@link Spec#id} and {@link Spec#name}. */
    IDENTITY,
    /** {@link Spec.Launch}. */
    LAUNCH,
    /** {@link ResourceLimits}. */
    RESOURCES,
    /** {@link TimeLimits}. */
    TIMES,
    /** {@link RestartPolicy}. */
    RESTART,
    /** {@link SuccessCriteria}. */
    SUCCESS,
    /** {@link Spec.Scheduling}. */
    SCHEDULING
  }

  /**
   * How a field is given on the command line.
   *
   * @param name with its dashes
   * @param label what stands for a value in the help; empty for an option without a value
   * @param repeatable whether it takes several values
   */
  public record CliOption(String name, String label, boolean repeatable) {}

  private static final List<RequestField<?>> ROWS = new ArrayList<>();

  public static final RequestField<String> ID =
      row("id", Part.IDENTITY, FieldType.id())
          .option("--id", "ID")
          .help("Set the id")
          .details("Ids are never reused.")
          .byDefault("the id in the config; a generated id for a command")
          .add();

  public static final RequestField<String> NAME =
      row("name", Part.IDENTITY, FieldType.line(200))
          .option("--name", "TEXT")
          .help("Set a descriptive name")
          .add();

  /** Not together with {@link #CONFIG}. */
  public static final RequestField<List<String>> COMMAND =
      row("command", Part.LAUNCH, FieldType.argumentVector()).help("Command to run").add();

  public static final RequestField<String> CONFIG =
      row("config", Part.LAUNCH, FieldType.text())
          .help("Text of a brain-in-jar experiment config to run")
          .add();

  public static final RequestField<Path> CONFIG_PATH =
      row("config_path", Part.LAUNCH, FieldType.absolutePath())
          .help("Path that the config was read from")
          .add();

  /** A config that names its own prevails. */
  public static final RequestField<Path> WORKING_DIRECTORY =
      row("working_directory", Part.LAUNCH, FieldType.absolutePath())
          .option("--workdir", "DIRECTORY")
          .help("Set the working directory")
          .byDefault("the current directory")
          .add();

  public static final RequestField<Map<String, String>> ENVIRONMENT =
      row("environment", Part.LAUNCH, FieldType.environment())
          .options("--env", "NAME[=VALUE]")
          .help("Set an environment variable; without VALUE, pass the caller's")
          .add();

  public static final RequestField<Long> RAM =
      row(
              "ram",
              Part.RESOURCES,
              FieldType.size(ResourceLimits.MIN_RAM_BYTES, ResourceLimits.MAX_RAM_BYTES))
          .option("--ram", "SIZE")
          .setting("EXPERIMENT_RAM_LIMIT")
          .help("Limit the memory")
          .details("The same amount is reserved while the experiment occupies a slot.")
          .byDefault("EXPERIMENT_RAM_LIMIT in coordinator.env, or 4G")
          .add();

  public static final RequestField<Integer> CPU =
      row("cpu", Part.RESOURCES, FieldType.percent(ResourceLimits.MAX_CPU_PERCENT))
          .option("--cpu", "PERCENT")
          .setting("EXPERIMENT_CPU_QUOTA")
          .help("Limit the CPU time; 100% is one core")
          .byDefault("EXPERIMENT_CPU_QUOTA in coordinator.env, or 80%")
          .add();

  public static final RequestField<Integer> PRIORITY =
      row("priority", Part.SCHEDULING, FieldType.wholeNumber(-1000, 1000))
          .option("--priority", "N")
          .help("Set the priority; higher priorities start first")
          .byDefault("0")
          .add();

  public static final RequestField<Integer> MAX_CRASHES =
      row("max_crashes", Part.RESTART, FieldType.wholeNumber(0, RestartPolicy.MAX_CRASHES))
          .option("--max-crashes", "N")
          .help("Restart after at most N crashes; the next crash is final")
          .byDefault("at most 3 restarts within the restart interval, without a total limit")
          .add();

  public static final RequestField<Duration> RESTART_DELAY =
      row("restart_delay", Part.RESTART, FieldType.duration(Duration.ZERO, RestartPolicy.MAX_DELAY))
          .option("--restart-delay", "TIME")
          .help("Set the delay before a restart")
          .byDefault(Durations.format(RestartPolicy.DEFAULT_DELAY))
          .add();

  public static final RequestField<Duration> RESTART_MAX_DELAY =
      row(
              "restart_max_delay",
              Part.RESTART,
              FieldType.duration(RestartPolicy.MIN_MAX_DELAY, RestartPolicy.MAX_DELAY))
          .option("--restart-max-delay", "TIME")
          .help("Double the restart delay after each crash, up to this time")
          .add();

  public static final RequestField<Duration> RESTART_INTERVAL =
      row(
              "restart_interval",
              Part.RESTART,
              FieldType.duration(RestartPolicy.MIN_INTERVAL, RestartPolicy.MAX_INTERVAL))
          .option("--restart-interval", "TIME")
          .help("Set the interval in which restarts are counted")
          .byDefault(Durations.format(RestartPolicy.DEFAULT_INTERVAL))
          .add();

  public static final RequestField<Duration> STOP_TIMEOUT =
      row(
              "stop_timeout",
              Part.TIMES,
              FieldType.duration(TimeLimits.MIN_STOP_TIMEOUT, TimeLimits.MAX_STOP_TIMEOUT))
          .option("--stop-timeout", "TIME")
          .help("Set the time between SIGTERM and SIGKILL")
          .byDefault("30s")
          .add();

  public static final RequestField<Duration> MAX_DURATION =
      row(
              "max_duration",
              Part.TIMES,
              FieldType.duration(TimeLimits.MIN_TIME, TimeLimits.MAX_DURATION))
          .option("--max-duration", "TIME")
          .help("Limit the total time of all runs")
          .add();

  public static final RequestField<Duration> WATCHDOG =
      row("watchdog", Part.TIMES, FieldType.duration(TimeLimits.MIN_TIME, TimeLimits.MAX_WATCHDOG))
          .option("--watchdog", "TIME")
          .help(
              "Require WATCHDOG=1 at least this often; otherwise the run is killed, which counts as"
                  + " a crash")
          .add();

  public static final RequestField<Duration> NO_PROGRESS =
      row(
              "no_progress",
              Part.TIMES,
              FieldType.duration(TimeLimits.MIN_TIME, TimeLimits.MAX_DURATION))
          .option("--no-progress", "TIME")
          .help(
              "Require a new cycle at least this often; otherwise the run is killed, which counts"
                  + " as a crash")
          .add();

  public static final RequestField<Path> SUCCESS_FILE =
      row("success_file", Part.SUCCESS, FieldType.path())
          .option("--success-file", "FILE")
          .help("Require this file for completion")
          .add();

  public static final RequestField<List<String>> SUCCESS_COMMAND =
      row("success_command", Part.SUCCESS, FieldType.argumentVector())
          .option("--success-command", "PROGRAM")
          .help(
              "Run a check after the experiment has exited with success; completion requires exit"
                  + " code 0")
          .details(
              "The check runs as the same user, in the same directory, with the same environment"
                  + " and limits, for at most two thirds of the stop timeout.")
          .add();

  public static final RequestField<List<Integer>> SUCCESS_CODES =
      row("success_codes", Part.SUCCESS, FieldType.wholeNumbers(0, 255))
          .options("--success-codes", "CODE")
          .help("Treat these exit codes as success, in addition to 0")
          .add();

  public static final RequestField<Boolean> ALLOW_CHILD_OOM =
      row("allow_child_oom", Part.SUCCESS, FieldType.flag())
          .option("--allow-child-oom", "")
          .help(
              "Let a run continue and succeed although the kernel killed one of its child processes"
                  + " for lack of memory")
          .byDefault("such a run is a crash")
          .add();

  public static final RequestField<String> NVPMODEL_MODE =
      row("nvpmodel_mode", Part.SCHEDULING, FieldType.powerMode())
          .option("--power-mode", "MODE")
          .setting("NVPMODEL_MODE")
          .help("Require a power mode of the board (nvpmodel)")
          .add();

  public static final RequestField<Integer> MAX_TEMP_CELSIUS =
      row(
              "max_temp_celsius",
              Part.SCHEDULING,
              FieldType.milliCelsius(Spec.Conditions.MIN_CELSIUS, Spec.Conditions.MAX_CELSIUS))
          .option("--max-temperature", "DEGREES")
          .setting("MAX_TEMP_CELSIUS")
          .help(
              "Stop the experiment above this temperature, and resume it when the board has cooled")
          .add();

  public static final RequestField<String> GROUP =
      row("group", Part.SCHEDULING, FieldType.id())
          .option("--group", "GROUP")
          .help("Add the experiment to a group, which can have slots of its own")
          .byDefault(Spec.Ordering.DEFAULT_GROUP)
          .add();

  public static final RequestField<List<String>> AFTER =
      row("after", Part.SCHEDULING, FieldType.ids(256))
          .options("--after", "ID")
          .help(
              "Start only after these experiments have completed; fail if one of them ends"
                  + " otherwise")
          .add();

  public static final RequestField<List<String>> AFTER_ANY =
      row("after_any", Part.SCHEDULING, FieldType.ids(256))
          .options("--after-any", "ID")
          .help("Start only after these experiments have ended, in whatever state")
          .add();

  public static final RequestField<Instant> NOT_BEFORE =
      row("not_before", Part.SCHEDULING, FieldType.instant())
          .option("--not-before", "WHEN")
          .help("Do not start before this time, for example 2026-11-22T08:00:00Z")
          .add();

  public static final RequestField<String> UNIQUE_KEY =
      row("unique_key", Part.SCHEDULING, FieldType.line(200))
          .option("--unique-key", "KEY")
          .help(
              "Refuse the request if another of your experiments with this key is queued or"
                  + " running")
          .add();

  private static final List<RequestField<?>> ALL = List.copyOf(ROWS);

  private final Row<T> row;

  private RequestField(Row<T> row) {
    this.row = row;
  }

  /** All rows, in the order of the table. */
  public static List<RequestField<?>> all() {
    return ALL;
  }

  /** The field's name in the JSON. */
  public String key() {
    return row.key;
  }

  public Part part() {
    return row.part;
  }

  public FieldType<T> type() {
    return row.type;
  }

  /** Empty for a field that has no option of its own on the command line. */
  public Optional<CliOption> option() {
    return row.option;
  }

  /** The key under which an administrator sets it for one experiment; empty if that cannot be. */
  public Optional<String> setting() {
    return row.setting;
  }

  /** What its option does, without a full stop. */
  public String help() {
    return row.help;
  }

  /** Sentences that the manual adds; empty for none. */
  public String details() {
    return row.details;
  }

  /** What holds where it is not given, in words; empty if nothing does. */
  public String defaultText() {
    return row.defaultText;
  }

  @Override
  public String toString() {
    return key();
  }

  private static <T> Row<T> row(String key, Part part, FieldType<T> type) {
    return new Row<>(key, part, type);
  }

  /** A row in the making. */
  private static final class Row<T> {
    private final String key;
    private final Part part;
    private final FieldType<T> type;
    private Optional<CliOption> option = Optional.empty();
    private Optional<String> setting = Optional.empty();
    private String help = "";
    private String details = "";
    private String defaultText = "";

    Row(String key, Part part, FieldType<T> type) {
      this.key = key;
      this.part = part;
      this.type = type;
    }

    Row<T> option(String name, String label) {
      option = Optional.of(new CliOption(name, label, false));
      return this;
    }

    Row<T> options(String name, String label) {
      option = Optional.of(new CliOption(name, label, true));
      return this;
    }

    Row<T> setting(String name) {
      setting = Optional.of(name);
      return this;
    }

    Row<T> help(String text) {
      help = text;
      return this;
    }

    Row<T> details(String sentences) {
      details = sentences;
      return this;
    }

    Row<T> byDefault(String text) {
      defaultText = text;
      return this;
    }

    RequestField<T> add() {
      RequestField<T> field = new RequestField<>(this);
      ROWS.add(field);
      return field;
    }
  }
}
