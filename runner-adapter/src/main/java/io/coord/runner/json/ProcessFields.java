package io.coord.runner.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.Quoting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The fields that a new process gets, within the kernel's limits: see {@code execve(2)}. */
final class ProcessFields {
  /** Far above any training script, and read in an instant. */
  static final int MAX_ARGUMENTS = 4096;

  /**
   * The kernel's MAX_ARG_STRLEN: one argument with its closing NUL. Taken for all of them together
   * too: escaped it must still be one line of a unit file, of which systemd reads 1 MiB.
   */
  static final int MAX_ARGUMENT_BYTES = 128 * 1024;

  /** Several times what a login shell exports. */
  static final int MAX_VARIABLES = 512;

  /** As for the arguments; they share the kernel's space for a new process. */
  static final int MAX_ENVIRONMENT_BYTES = 128 * 1024;

  /** What a variable's value is called in an error: it may be a secret. */
  private static final String VALUE = "its value";

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Fields fields;

  ProcessFields(Fields fields) {
    this.fields = fields;
  }

  Optional<List<String>> argumentVector(String field) {
    Optional<JsonNode> value = fields.given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode array = value.get();
    if (!array.isArray()) {
      fields.refuse(field, array, "an array of texts", "[\"program\", \"argument\", …]");
      return Optional.empty();
    }
    if (array.isEmpty()) {
      fields.error(field, "is empty; name at least the program");
      return Optional.empty();
    }
    if (array.size() > MAX_ARGUMENTS) {
      fields.error(field, "has " + array.size() + " arguments; use at most " + MAX_ARGUMENTS);
      return Optional.empty();
    }
    List<String> arguments = new ArrayList<>();
    long bytes = 0;
    boolean tooLong = false;
    for (int i = 0; i < array.size(); i++) {
      Optional<String> argument = argument(field + "[" + i + "]", array.get(i), i == 0);
      if (argument.isPresent()) {
        long argumentBytes = bytesOf(argument.get());
        bytes += argumentBytes;
        tooLong |= argumentBytes > MAX_ARGUMENT_BYTES;
        arguments.add(argument.get());
      }
    }
    if (bytes > MAX_ARGUMENT_BYTES && !tooLong) {
      fields.error(
          field,
          "has " + bytes + " bytes in all; use at most " + MAX_ARGUMENT_BYTES + " or a file");
    }
    return Optional.of(List.copyOf(arguments)).filter(all -> !all.isEmpty());
  }

  /** One argument; empty if it is no text that an argument can be. */
  private Optional<String> argument(String place, JsonNode element, boolean isProgram) {
    if (!element.isTextual()) {
      fields.refuse(place, element, "a text", "\"…\"");
      return Optional.empty();
    }
    String argument = element.textValue();
    if (!fields.isFit(place, argument)) {
      return Optional.empty();
    }
    if (isProgram && argument.isEmpty()) {
      fields.error(place, "is empty; name the program");
    }
    if (bytesOf(argument) > MAX_ARGUMENT_BYTES) {
      fields.error(
          place,
          Quoting.of(argument)
              + " has "
              + (bytesOf(argument) - 1)
              + " bytes; the kernel takes at most "
              + (MAX_ARGUMENT_BYTES - 1));
    }
    return Optional.of(argument);
  }

  Optional<Map<String, String>> environment(String field) {
    Map<String, String> variables = new LinkedHashMap<>();
    Fields given = fields.nested(field);
    if (given.object().size() > MAX_VARIABLES) {
      fields.error(
          field, "has " + given.object().size() + " variables; use at most " + MAX_VARIABLES);
      return Optional.empty();
    }
    long bytes = 0;
    for (Map.Entry<String, JsonNode> variable : given.object().properties()) {
      String name = variable.getKey();
      if (!VARIABLE.matcher(name).matches()) {
        given.error(
            Fields.shown(name),
            "is not a variable's name; use letters, digits and _, no digit first");
        continue;
      }
      if (!variable.getValue().isTextual()) {
        given.error(Fields.shown(name), VALUE + " is not a text; use \"…\"");
        continue;
      }
      String value = variable.getValue().textValue();
      if (!given.isFit(name, value, VALUE)) {
        continue;
      }
      // As the kernel holds it: NAME=value and a closing NUL.
      bytes += name.length() + 1L + bytesOf(value);
      variables.put(name, value);
    }
    if (bytes > MAX_ENVIRONMENT_BYTES) {
      fields.error(field, "has " + bytes + " bytes in all; use at most " + MAX_ENVIRONMENT_BYTES);
    }
    return Optional.of(Collections.unmodifiableMap(variables));
  }

  /** With the closing NUL. */
  private static long bytesOf(String text) {
    return Fields.utf8Bytes(text) + 1L;
  }
}
