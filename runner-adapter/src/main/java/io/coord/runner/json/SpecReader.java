package io.coord.runner.json;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.Durations;
import io.coord.runner.FieldValues;
import io.coord.runner.NearestName;
import io.coord.runner.ParsedRequest;
import io.coord.runner.Quoting;
import io.coord.runner.RequestDefaults;
import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.runner.ValidationErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads and checks requests. Whatever the text, the answer is a spec or the list of all that is
 * wrong with the request; a request field given next to a config prevails over the config's own.
 *
 * <p>A request of a client is read once, by {@link #read(String, RequestDefaults)} or {@link
 * #readFor}: pass on the {@link ParsedRequest}, and parse its text again only after it was stored.
 *
 * <p>Threads may share it.
 */
public final class SpecReader {
  /**
   * The largest request in UTF-8. The arguments and variables allowed fit in it with room for a
   * config of half a megabyte; what is larger is not an experiment but a file given by mistake.
   */
  public static final int MAX_REQUEST_BYTES = 1 << 20;

  /** The check at its end gets a part of it, in which a program must be able to start. */
  private static final Duration MIN_STOP_TIMEOUT_WITH_CHECK = Duration.ofSeconds(3);

  private static final int SHOWN_COMMAND = 80;

  private static final List<String> KNOWN =
      RequestField.all().stream().<String>map(RequestField::key).toList();

  public SpecReader() {}

  /**
   * The spec of a request that was stored.
   *
   * @param requestJson as {@link Requests#toJson} wrote it or another client sent it
   */
  public Validated<Spec> read(String requestJson) {
    Validated<ParsedRequest> parsed = read(requestJson, RequestDefaults.NONE);
    return parsed instanceof Validated.Valid<ParsedRequest> valid
        ? new Validated.Valid<>(valid.value().spec())
        : new Validated.Invalid<>(((Validated.Invalid<ParsedRequest>) parsed).errors());
  }

  /**
   * A client's request with the defaults for the id in it; without an id there are none.
   *
   * @param defaults asked once, and only if there is no error in the request itself
   */
  public Validated<ParsedRequest> read(String requestJson, RequestDefaults defaults) {
    return parse(requestJson, defaults, Function.identity());
  }

  /**
   * A client's request with the defaults for an id that stands elsewhere, as that of a schedule.
   *
   * @param id need not be a valid one; then there are no defaults
   * @param defaults as of {@link #read(String, RequestDefaults)}
   */
  public Validated<ParsedRequest> readFor(String id, String requestJson, RequestDefaults defaults) {
    return parse(requestJson, defaults, idInRequest -> Optional.of(id).filter(Spec::isId));
  }

  /** What is wrong with the value of a field, as on the command line; empty if nothing is. */
  public static Optional<String> problem(RequestField<?> field, String text) {
    ValidationErrors errors = new ValidationErrors(field.key());
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    new Requests(object).with(field, text);
    new FieldValues().read(field, new Fields(object, "", errors));
    return errors.all().stream().map(ValidationError::problem).findFirst();
  }

  private static Validated<ParsedRequest> parse(
      String requestJson,
      RequestDefaults defaults,
      Function<Optional<String>, Optional<String>> idOfDefaults) {
    ValidationErrors errors = new ValidationErrors("request");
    Optional<ParsedRequest> parsed = Optional.empty();
    if (isWithinSizeLimit(requestJson, errors)) {
      parsed =
          JsonText.object(requestJson, "request", "the request", errors)
              .flatMap(
                  object -> new Reading(object, errors).all(requestJson, defaults, idOfDefaults));
    }
    return errors.validated(parsed::orElseThrow);
  }

  private static boolean isWithinSizeLimit(String requestJson, ValidationErrors errors) {
    // A character is at least one byte, so a huge text is refused without being encoded.
    boolean within =
        requestJson.length() <= MAX_REQUEST_BYTES
            && Fields.utf8Bytes(requestJson) <= MAX_REQUEST_BYTES;
    if (!within) {
      errors.add(
          "request",
          "has "
              + requestJson.length()
              + " characters; the limit is "
              + MAX_REQUEST_BYTES
              + " bytes");
    }
    return within;
  }

  /** The reading of one request whose JSON is parsed. */
  private static final class Reading {
    private final ObjectNode object;
    private final Fields request;
    private final ValidationErrors errors;
    private final FieldValues values = new FieldValues();
    private boolean completed;

    Reading(ObjectNode object, ValidationErrors errors) {
      this.object = object;
      this.request = new Fields(object, "", errors);
      this.errors = errors;
    }

    /** The request, empty only if an error was added. */
    Optional<ParsedRequest> all(
        String text,
        RequestDefaults defaults,
        Function<Optional<String>, Optional<String>> idOfDefaults) {
      refuseUnknown();
      for (RequestField<?> field : RequestField.all()) {
        values.read(field, request);
      }
      Optional<Path> origin = values.get(RequestField.CONFIG_PATH);
      Optional<ConfigFile> config =
          values.get(RequestField.CONFIG).flatMap(given -> ConfigFile.in(given, origin, errors));
      Optional<? extends Spec.Task> task = task(config);
      Optional<String> id =
          given(RequestField.ID) ? values.get(RequestField.ID) : config.flatMap(ConfigFile::id);
      if (errors.isEmpty()) {
        idOfDefaults.apply(id).ifPresent(known -> complete(defaults.of(known)));
      }
      config.ifPresent(file -> file.addTo(values, this::given));
      Optional<Path> workingDirectory = workingDirectory(config, origin);
      limitCpuToThreads(task);
      refuseOwnDependency(id);
      refuseShortStopTimeout();
      if (!errors.isEmpty() || task.isEmpty() || workingDirectory.isEmpty()) {
        return Optional.empty();
      }
      Spec spec =
          Spec.of(
              id,
              values.get(RequestField.NAME).or(() -> id).orElseGet(() -> inOneLine(task.get())),
              new Spec.Launch(
                  task.get(),
                  workingDirectory.get(),
                  values.get(RequestField.ENVIRONMENT).orElse(Map.of())),
              values);
      return Optional.of(new ParsedRequest(spec, completed ? object.toString() : text));
    }

    private boolean given(RequestField<?> field) {
      return request.has(field.key());
    }

    private void refuseUnknown() {
      for (String name : request.names()) {
        if (!KNOWN.contains(name)) {
          request.error(
              Fields.shown(name),
              "is not a field of a request; "
                  + NearestName.of(name, KNOWN)
                      .map(nearest -> "did you mean " + Quoting.of(nearest) + "?")
                      .orElseGet(() -> "use " + String.join(", ", KNOWN)));
        }
      }
    }

    private void complete(Validated<Map<RequestField<?>, String>> defaults) {
      if (defaults instanceof Validated.Invalid<Map<RequestField<?>, String>> invalid) {
        for (ValidationError error : invalid.errors()) {
          errors.add(error.field(), error.problem());
        }
        return;
      }
      Requests writer = new Requests(object);
      ((Validated.Valid<Map<RequestField<?>, String>>) defaults)
          .value()
          .forEach(
              (field, text) -> {
                if (!given(field)) {
                  writer.with(field, text);
                  values.read(field, request);
                  completed = true;
                }
              });
    }

    private Optional<? extends Spec.Task> task(Optional<ConfigFile> config) {
      String command = RequestField.COMMAND.key();
      boolean hasConfig = given(RequestField.CONFIG);
      if (given(RequestField.COMMAND) && hasConfig) {
        request.error(command, "is given next to a config; give one of the two");
      }
      if (!given(RequestField.COMMAND) && !hasConfig) {
        request.error(command, "is missing; give a command or a config");
      }
      if (given(RequestField.CONFIG_PATH) && !hasConfig) {
        request.error(RequestField.CONFIG_PATH.key(), "is given without a config; give both");
      }
      Optional<Spec.Command> given = values.get(RequestField.COMMAND).map(Spec.Command::new);
      return given.isPresent() ? given : config.map(ConfigFile::task);
    }

    private Optional<Path> workingDirectory(Optional<ConfigFile> config, Optional<Path> origin) {
      if (config.isPresent() && config.get().namesWorkingDirectory()) {
        return config.get().workingDirectory(origin);
      }
      if (!given(RequestField.WORKING_DIRECTORY)) {
        request.error(
            RequestField.WORKING_DIRECTORY.key(), "is missing; give the absolute path of a folder");
      }
      return values.get(RequestField.WORKING_DIRECTORY);
    }

    private void limitCpuToThreads(Optional<? extends Spec.Task> task) {
      if (!given(RequestField.CPU)
          && task.isPresent()
          && task.get() instanceof Spec.Config config
          && config.cpuThreads().isPresent()) {
        values.put(RequestField.CPU, Optional.of(100 * config.cpuThreads().getAsInt()));
      }
    }

    private void refuseOwnDependency(Optional<String> id) {
      for (RequestField<List<String>> field : List.of(RequestField.AFTER, RequestField.AFTER_ANY)) {
        if (id.isPresent() && values.get(field).orElse(List.of()).contains(id.get())) {
          request.error(field.key(), Quoting.of(id.get()) + " would wait for itself");
        }
      }
    }

    private void refuseShortStopTimeout() {
      boolean tooShort =
          values
              .get(RequestField.STOP_TIMEOUT)
              .filter(time -> time.compareTo(MIN_STOP_TIMEOUT_WITH_CHECK) < 0)
              .isPresent();
      if (tooShort && values.get(RequestField.SUCCESS_COMMAND).isPresent()) {
        request.error(
            RequestField.SUCCESS_COMMAND.key(),
            "takes part of the stop_timeout, which is too short for it; use at least "
                + Durations.format(MIN_STOP_TIMEOUT_WITH_CHECK)
                + " there");
      }
    }
  }

  private static String inOneLine(Spec.Task task) {
    return task instanceof Spec.Command command
        ? Quoting.oneLine(String.join(" ", command.argv()), SHOWN_COMMAND)
        : "experiment";
  }
}
