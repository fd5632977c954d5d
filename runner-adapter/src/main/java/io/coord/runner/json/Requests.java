package io.coord.runner.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request in the making, from what a command line holds. It checks nothing: {@link SpecReader}
 * does, so that all faults are told at once. Not for several threads.
 */
public final class Requests {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,17})");
  private static final Pattern FRACTION = Pattern.compile("-?(0|[1-9]\\d{0,17})\\.\\d{1,18}");

  private final ObjectNode request;

  private Requests(ObjectNode request) {
    this.request = request;
  }

  /** A request to run any command. */
  public static Requests forCommand(List<String> argv) {
    Requests requests = new Requests(JsonNodeFactory.instance.objectNode());
    ArrayNode command = requests.request.putArray(RequestField.COMMAND.key());
    argv.forEach(command::add);
    return requests;
  }

  /**
   * A request to run a brain-in-jar experiment config.
   *
   * @param text the file's content as it is
   * @param path the file's absolute path
   */
  public static Requests forConfig(String text, String path) {
    Requests requests = new Requests(JsonNodeFactory.instance.objectNode());
    requests.request.put(RequestField.CONFIG.key(), text);
    requests.request.put(RequestField.CONFIG_PATH.key(), path);
    return requests;
  }

  /**
   * A request with defaults for what it does not say; itself, character by character, if it says
   * all of that.
   *
   * @param requestJson one that {@link SpecReader} takes
   * @param defaults each as in {@link #with}
   * @throws IllegalArgumentException if it is no JSON object
   */
  public static String completed(String requestJson, Map<RequestField, String> defaults) {
    ValidationErrors faults = new ValidationErrors();
    ObjectNode request =
        JsonText.object(requestJson, "request", "the request", faults)
            .orElseThrow(() -> new IllegalArgumentException(faults.all().toString()));
    Fields said = new Fields(request, "", faults);
    Requests completed = new Requests(request);
    boolean missed = false;
    for (Map.Entry<RequestField, String> each : defaults.entrySet()) {
      if (!said.has(each.getKey().key())) {
        completed.with(each.getKey(), each.getValue());
        missed = true;
      }
    }
    return missed ? completed.toJson() : requestJson;
  }

  /**
   * Adds a field as the user typed it.
   *
   * @param text null leaves the field out, as an option that was not given
   */
  public Requests with(RequestField field, @Nullable String text) {
    if (text == null) {
      return this;
    }
    switch (field) {
      case PRIORITY, MAX_CRASHES, MAX_TEMP_CELSIUS -> request.set(field.key(), number(text));
      case ID,
          NAME,
          CONFIG,
          CONFIG_PATH,
          WORKING_DIRECTORY,
          RAM,
          CPU,
          RESTART_DELAY,
          RESTART_INTERVAL,
          STOP_TIMEOUT,
          MAX_DURATION,
          WATCHDOG,
          SUCCESS_FILE,
          NO_PROGRESS,
          RESTART_MAX_DELAY,
          GROUP,
          NOT_BEFORE,
          UNIQUE_KEY,
          NVPMODEL_MODE ->
          request.put(field.key(), text);
      case COMMAND, ENVIRONMENT, AFTER, AFTER_ANY, SUCCESS_CODES, SUCCESS_COMMAND ->
          throw new IllegalArgumentException("field " + field.key() + " is not one text");
    }
    return this;
  }

  /** Adds a field that is a list of texts; an empty list leaves it out. */
  public Requests withAll(RequestField field, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode array = request.putArray(field.key());
      texts.forEach(array::add);
    }
    return this;
  }

  /** Adds the exit codes that claim success, as the user typed them; none leaves the field out. */
  public Requests withSuccessCodes(List<String> codes) {
    if (!codes.isEmpty()) {
      ArrayNode array = request.putArray(RequestField.SUCCESS_CODES.key());
      codes.forEach(code -> array.add(number(code)));
    }
    return this;
  }

  /** Adds the caller's variables, in the map's order. */
  public Requests withEnvironment(Map<String, String> environment) {
    ObjectNode variables = request.putObject(RequestField.ENVIRONMENT.key());
    environment.forEach(variables::put);
    return this;
  }

  /** The request as {@link SpecReader} reads it. */
  public String toJson() {
    return request.toString();
  }

  /** The number; a text that is none stays one: the reader refuses it and quotes it. */
  private static JsonNode number(String text) {
    if (WHOLE_NUMBER.matcher(text).matches()) {
      return JsonNodeFactory.instance.numberNode(Long.parseLong(text));
    }
    return FRACTION.matcher(text).matches()
        ? DecimalNode.valueOf(new BigDecimal(text))
        : JsonNodeFactory.instance.textNode(text);
  }
}
