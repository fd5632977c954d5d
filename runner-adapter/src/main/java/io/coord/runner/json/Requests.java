package io.coord.runner.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.FieldType;
import io.coord.runner.RequestField;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request from the values that a command line holds. It checks nothing: {@link SpecReader}
 * does, so that all errors are reported at once. Not for several threads.
 */
public final class Requests {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,18}");
  private static final Pattern FRACTION = Pattern.compile("-?\\d{1,18}\\.\\d{1,18}");

  private final ObjectNode request;

  /** Adds to this request. */
  Requests(ObjectNode request) {
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
    return new Requests(JsonNodeFactory.instance.objectNode())
        .with(RequestField.CONFIG, text)
        .with(RequestField.CONFIG_PATH, path);
  }

  /**
   * Adds a field that has one value, as the user typed it.
   *
   * @param text null leaves the field out, as an option that was not given
   * @throws IllegalArgumentException if the field has a list of values or variables
   */
  public Requests with(RequestField<?> field, @Nullable String text) {
    if (text == null) {
      return this;
    }
    request.set(
        field.key(),
        switch (field.type().form()) {
          case TEXT -> JsonNodeFactory.instance.textNode(text);
          case NUMBER -> number(text);
          case FLAG ->
              text.equals("true") || text.equals("false")
                  ? JsonNodeFactory.instance.booleanNode(text.equals("true"))
                  : JsonNodeFactory.instance.textNode(text);
          case TEXTS, NUMBERS, VARIABLES ->
              throw new IllegalArgumentException("field " + field + " is not one value");
        });
    return this;
  }

  /**
   * Adds a field that is a list of values, as the user typed them; an empty list leaves it out.
   *
   * @throws IllegalArgumentException if the field is no list
   */
  public Requests withAll(RequestField<?> field, List<String> texts) {
    FieldType.Form form = field.type().form();
    if (form != FieldType.Form.TEXTS && form != FieldType.Form.NUMBERS) {
      throw new IllegalArgumentException("field " + field + " is not a list");
    }
    if (!texts.isEmpty()) {
      ArrayNode array = request.putArray(field.key());
      texts.forEach(
          text -> {
            if (form == FieldType.Form.NUMBERS) {
              array.add(number(text));
            } else {
              array.add(text);
            }
          });
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
