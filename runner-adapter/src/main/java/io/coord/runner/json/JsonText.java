package io.coord.runner.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.Quoting;
import io.coord.runner.ValidationErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Text to JSON object, with the errors of the text as a whole: syntax and duplicate names. */
final class JsonText {
  /** Deeper than any hand-written config, and far from the end of a stack. */
  static final int DEEPEST_NESTING = 100;

  /** Numbers here have at most a dozen digits; long ones cost quadratic time. */
  static final int LONGEST_NUMBER = 100;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST_NESTING)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxStringLength(SpecReader.MAX_REQUEST_BYTES)
                  .maxNameLength(SpecReader.MAX_REQUEST_BYTES)
                  .build())
          // Names come from outside: they are not kept, and cannot fill the factory's table.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(FACTORY).enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private JsonText() {}

  /**
   * The object that the text holds.
   *
   * @param document what the text is, as the field of its errors
   * @param subject what the text is, as the start of a sentence
   * @return empty if there is none; then at least one error was added. With duplicate names it is
   *     there, so that the other errors are found as well
   */
  static Optional<ObjectNode> object(
      String text, String document, String subject, ValidationErrors errors) {
    try {
      if (!check(text, document, subject, errors)) {
        return Optional.empty();
      }
      JsonNode root = MAPPER.readTree(text);
      if (root instanceof ObjectNode object) {
        return Optional.of(object);
      }
      errors.add(document, subject + " is not a JSON object; use { … }");
    } catch (JsonProcessingException syntaxError) {
      errors.add(document, subject + " is not JSON: " + JsonErrors.inWords(syntaxError));
    } catch (IOException unexpected) {
      throw new UncheckedIOException("reading from a string", unexpected);
    }
    return Optional.empty();
  }

  /** Reads all of the text once; whether it is worth reading as a tree. */
  private static boolean check(
      String text, String document, String subject, ValidationErrors errors) throws IOException {
    Deque<Set<String>> namesSeen = new ArrayDeque<>();
    boolean rootSeen = false;
    boolean readable = true;
    try (JsonParser parser = FACTORY.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (rootSeen && namesSeen.isEmpty()) {
          errors.add(
              document,
              subject + " goes on after its end: " + inWords(parser.currentTokenLocation()));
          return false;
        }
        rootSeen = true;
        switch (token) {
          case START_OBJECT, START_ARRAY -> namesSeen.push(new HashSet<>());
          case END_OBJECT, END_ARRAY -> namesSeen.pop();
          case FIELD_NAME -> {
            String name = parser.currentName();
            if (!namesSeen.element().add(name)) {
              errors.add(
                  path(parser.getParsingContext()),
                  "is given twice, again at "
                      + inWords(parser.currentTokenLocation())
                      + "; give it once");
            }
          }
          case VALUE_NUMBER_FLOAT -> {
            if (!isInReach(parser)) {
              errors.add(
                  path(parser.getParsingContext()),
                  Quoting.of(parser.getText()) + " is out of any range");
              readable = false;
            }
          }
          default -> {}
        }
      }
    }
    if (!rootSeen) {
      errors.add(document, subject + " is empty; use a JSON object");
    }
    return rootSeen && readable;
  }

  /** Jackson reads exponents of ten digits, and throws at the longer ones. */
  private static boolean isInReach(JsonParser parser) throws IOException {
    try {
      parser.getDecimalValue();
      return true;
    } catch (NumberFormatException outOfReach) {
      return false;
    }
  }

  private static String path(JsonStreamContext context) {
    JsonStreamContext parent = context.getParent();
    if (parent == null) {
      return "";
    }
    String before = path(parent);
    if (context.inArray()) {
      return before + "[" + context.getCurrentIndex() + "]";
    }
    String name = context.getCurrentName();
    String shown = Fields.shown(name == null ? "" : name);
    return before.isEmpty() ? shown : before + "." + shown;
  }

  private static String inWords(JsonLocation location) {
    return JsonErrors.place(location);
  }
}
