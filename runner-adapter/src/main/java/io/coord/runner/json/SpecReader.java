package io.coord.runner.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.Durations;
import io.coord.runner.NearestName;
import io.coord.runner.Quoting;
import io.coord.runner.ResourceLimits;
import io.coord.runner.RestartPolicy;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCriteria;
import io.coord.runner.TimeLimits;
import io.coord.runner.Validated;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Reads and checks requests. Whatever the text, the answer is a spec or the list of all that is
 * wrong with it; a request field given next to a config prevails over the config's own.
 *
 * <p>Threads may share it.
 */
public final class SpecReader {
  /**
   * The largest request in UTF-8. The arguments and variables allowed fit in it with room for a
   * config of half a megabyte; what is larger is not an experiment but a file given by mistake.
   */
  public static final int MAX_REQUEST_BYTES = 1 << 20;

  static final int MIN_PRIORITY = -1000;
  static final int MAX_PRIORITY = 1000;

  /** A year: beyond it, leave the limit out. */
  static final Duration MAX_DURATION = Duration.ofDays(365);

  /** systemd takes 0 as: wait for ever. */
  private static final Duration MIN_STOP_TIMEOUT = Duration.ofMillis(100);

  /** The check at its end gets a part of it, in which a program must be able to start. */
  private static final Duration MIN_STOP_TIMEOUT_WITH_CHECK = Duration.ofSeconds(3);

  /** When it is too hot, all must be stopped within a bounded time. */
  private static final Duration MAX_STOP_TIMEOUT = Duration.ofMinutes(10);

  private static final Duration MIN_MAX_DURATION = Duration.ofSeconds(1);

  /** systemd takes 0 as: no watchdog. */
  private static final Duration MIN_WATCHDOG = Duration.ofSeconds(1);

  private static final Duration MAX_WATCHDOG = Duration.ofDays(1);

  private static final int MAX_EXIT_CODE = 255;

  private static final int SHOWN_COMMAND = 80;

  private static final List<String> KNOWN =
      Arrays.stream(RequestField.values()).map(RequestField::key).toList();

  public SpecReader() {}

  /**
   * The spec that a request asks for.
   *
   * @param requestJson as {@link Requests#toJson} writes it or another client sent it
   */
  public Validated<Spec> read(String requestJson) {
    ValidationErrors faults = new ValidationErrors();
    Optional<Spec> spec = Optional.empty();
    if (isOfBearableSize(requestJson, faults)) {
      Optional<ObjectNode> object = JsonText.object(requestJson, "request", "the request", faults);
      spec = object.flatMap(fields -> spec(new Fields(fields, "", faults), faults));
    }
    return faults.none()
        ? new Validated.Valid<>(spec.orElseThrow())
        : new Validated.Invalid<>(faults.all());
  }

  private static boolean isOfBearableSize(String requestJson, ValidationErrors faults) {
    // A character is at least one byte, so a huge text is refused without being encoded.
    boolean bearable =
        requestJson.length() <= MAX_REQUEST_BYTES
            && Fields.utf8Bytes(requestJson) <= MAX_REQUEST_BYTES;
    if (!bearable) {
      faults.add(
          "request",
          "has "
              + requestJson.length()
              + " characters; at most "
              + MAX_REQUEST_BYTES
              + " bytes are taken");
    }
    return bearable;
  }

  /** The spec, empty only if a fault was added. */
  private static Optional<Spec> spec(Fields request, ValidationErrors faults) {
    refuseUnknown(request);
    Optional<Path> origin = request.absolutePath(RequestField.CONFIG_PATH.key());
    Optional<ConfigFile> config =
        request
            .text(RequestField.CONFIG.key(), "a config", "the text of the file, as one string")
            .flatMap(text -> ConfigFile.in(text, origin, faults));
    Optional<? extends Spec.Task> task = task(request, config);
    Optional<String> id =
        request.has(RequestField.ID.key())
            ? request.id(RequestField.ID.key())
            : config.flatMap(ConfigFile::id);
    Optional<String> name =
        request.has(RequestField.NAME.key())
            ? request.name(RequestField.NAME.key())
            : config.flatMap(ConfigFile::name);
    Optional<Path> workingDirectory = workingDirectory(request, config, origin);
    Map<String, String> environment = request.environment(RequestField.ENVIRONMENT.key());
    OptionalInt priority =
        request.has(RequestField.PRIORITY.key())
            ? request.whole(RequestField.PRIORITY.key(), MIN_PRIORITY, MAX_PRIORITY)
            : config.map(ConfigFile::priority).orElse(OptionalInt.empty());
    OptionalLong ramBytes =
        request.has(RequestField.RAM.key())
            ? request.ramBytes(RequestField.RAM.key())
            : config.map(ConfigFile::ramBytes).orElse(OptionalLong.empty());
    OptionalInt cpuQuotaPercent = cpuQuotaPercent(request, task);
    OptionalInt maxCrashes =
        request.whole(RequestField.MAX_CRASHES.key(), 0, RestartPolicy.MAX_CRASHES);
    Optional<Duration> restartDelay =
        request.duration(RequestField.RESTART_DELAY.key(), Duration.ZERO, RestartPolicy.MAX_DELAY);
    Optional<Duration> restartInterval =
        request.duration(
            RequestField.RESTART_INTERVAL.key(),
            RestartPolicy.MIN_INTERVAL,
            RestartPolicy.MAX_INTERVAL);
    Optional<Duration> stopTimeout =
        request.duration(RequestField.STOP_TIMEOUT.key(), MIN_STOP_TIMEOUT, MAX_STOP_TIMEOUT);
    Optional<Duration> maxDuration =
        request.has(RequestField.MAX_DURATION.key())
            ? request.duration(RequestField.MAX_DURATION.key(), MIN_MAX_DURATION, MAX_DURATION)
            : config.flatMap(ConfigFile::maxDuration);
    Optional<Duration> watchdog =
        request.duration(RequestField.WATCHDOG.key(), MIN_WATCHDOG, MAX_WATCHDOG);
    Optional<Path> successFile = request.path(RequestField.SUCCESS_FILE.key());
    Optional<Duration> noProgress =
        request.duration(RequestField.NO_PROGRESS.key(), MIN_WATCHDOG, MAX_DURATION);
    Optional<Duration> restartMaxDelay =
        request.duration(
            RequestField.RESTART_MAX_DELAY.key(),
            RestartPolicy.MIN_MAX_DELAY,
            RestartPolicy.MAX_DELAY);
    Spec.Ordering ordering = ordering(request, id);
    List<Integer> successCodes =
        request.wholes(RequestField.SUCCESS_CODES.key(), 0, MAX_EXIT_CODE, MAX_EXIT_CODE + 1);
    List<String> successCommand =
        request.argumentVector(RequestField.SUCCESS_COMMAND.key()).orElse(List.of());
    Spec.Conditions conditions = conditions(request, config);
    if (!successCommand.isEmpty()
        && stopTimeout
            .filter(time -> time.compareTo(MIN_STOP_TIMEOUT_WITH_CHECK) < 0)
            .isPresent()) {
      request.fault(
          RequestField.SUCCESS_COMMAND.key(),
          "takes part of the stop_timeout, which is too short for it; use at least "
              + Durations.format(MIN_STOP_TIMEOUT_WITH_CHECK)
              + " there");
    }
    if (!faults.none() || task.isEmpty() || workingDirectory.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Spec(
            id,
            name.or(() -> id).orElseGet(() -> inOneLine(task.get())),
            new Spec.Launch(task.get(), workingDirectory.get(), environment),
            new ResourceLimits(ramBytes, cpuQuotaPercent),
            new TimeLimits(stopTimeout, maxDuration, watchdog, noProgress),
            new RestartPolicy(maxCrashes, restartDelay, restartMaxDelay, restartInterval),
            new SuccessCriteria(successCodes, successFile, successCommand),
            new Spec.Scheduling(priority.orElse(0), ordering, conditions)));
  }

  private static Spec.Ordering ordering(Fields request, Optional<String> id) {
    List<String> after = request.ids(RequestField.AFTER.key());
    List<String> afterAny = request.ids(RequestField.AFTER_ANY.key());
    for (RequestField field : List.of(RequestField.AFTER, RequestField.AFTER_ANY)) {
      List<String> ids = field == RequestField.AFTER ? after : afterAny;
      if (id.isPresent() && ids.contains(id.get())) {
        request.fault(field.key(), Quoting.of(id.get()) + " would wait for itself");
      }
    }
    return new Spec.Ordering(
        request.id(RequestField.GROUP.key()).orElse(Spec.Ordering.DEFAULT_GROUP),
        after,
        afterAny,
        request.instant(RequestField.NOT_BEFORE.key()),
        request.name(RequestField.UNIQUE_KEY.key()));
  }

  private static Spec.Conditions conditions(Fields request, Optional<ConfigFile> config) {
    String powerMode = RequestField.NVPMODEL_MODE.key();
    String maxTemperature = RequestField.MAX_TEMP_CELSIUS.key();
    return new Spec.Conditions(
        request.has(powerMode)
            ? request.powerMode(powerMode)
            : config.flatMap(ConfigFile::powerMode),
        request.has(maxTemperature)
            ? request.milliCelsius(maxTemperature)
            : config.map(ConfigFile::maxMilliCelsius).orElse(OptionalInt.empty()));
  }

  private static Optional<? extends Spec.Task> task(Fields request, Optional<ConfigFile> config) {
    String command = RequestField.COMMAND.key();
    boolean hasConfig = request.has(RequestField.CONFIG.key());
    if (request.has(command) && hasConfig) {
      request.fault(command, "is given next to a config; give one of the two");
    }
    if (!request.has(command) && !hasConfig) {
      request.fault(command, "is missing; give a command or a config");
    }
    if (request.has(RequestField.CONFIG_PATH.key()) && !hasConfig) {
      request.fault(RequestField.CONFIG_PATH.key(), "is given without a config; give both");
    }
    Optional<Spec.Command> given = request.argumentVector(command).map(Spec.Command::new);
    return given.isPresent() ? given : config.map(ConfigFile::task);
  }

  private static Optional<Path> workingDirectory(
      Fields request, Optional<ConfigFile> config, Optional<Path> origin) {
    String field = RequestField.WORKING_DIRECTORY.key();
    Optional<Path> ofCaller = request.absolutePath(field);
    if (config.isPresent() && config.get().namesWorkingDirectory()) {
      return config.get().workingDirectory(origin);
    }
    if (!request.has(field)) {
      request.fault(field, "is missing; give the absolute path of a folder");
    }
    return ofCaller;
  }

  private static OptionalInt cpuQuotaPercent(Fields request, Optional<? extends Spec.Task> task) {
    if (request.has(RequestField.CPU.key())) {
      return request.cpuPercent(RequestField.CPU.key());
    }
    if (task.isPresent()
        && task.get() instanceof Spec.Config config
        && config.cpuThreads().isPresent()) {
      return OptionalInt.of(100 * config.cpuThreads().getAsInt());
    }
    return OptionalInt.empty();
  }

  private static String inOneLine(Spec.Task task) {
    return task instanceof Spec.Command command
        ? Quoting.oneLine(String.join(" ", command.argv()), SHOWN_COMMAND)
        : "experiment";
  }

  private static void refuseUnknown(Fields request) {
    for (String name : request.names()) {
      if (!KNOWN.contains(name)) {
        request.fault(
            Fields.shown(name),
            "is not a field of a request; "
                + NearestName.of(name, KNOWN)
                    .map(nearest -> "did you mean " + Quoting.of(nearest) + "?")
                    .orElseGet(() -> "use " + KNOWN.stream().collect(Collectors.joining(", "))));
      }
    }
  }
}
