package io.coord.server.api;

import io.coord.runner.ParsedRequest;
import io.coord.runner.RequestDefaults;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.json.SpecReader;
import java.util.Optional;

/**
 * Reads requests, in the thread of the request and never in the loop's: a large one takes a while.
 */
public final class RequestReader {
  private final SpecReader parser;
  private final RequestDefaults defaults;

  /**
   * @param defaults what holds for a request that does not say otherwise
   */
  public RequestReader(SpecReader parser, RequestDefaults defaults) {
    this.parser = parser;
    this.defaults = defaults;
  }

  /** Reads a request, with what the administrator has set for the id in it. */
  Validated<ParsedRequest> read(String text) {
    return parser.read(text, defaults);
  }

  /** Reads a request, with what the administrator has set for an id. */
  Validated<ParsedRequest> readFor(String id, String text) {
    return parser.readFor(id, text, defaults);
  }

  /** Reads a request that was stored; empty if this version cannot. */
  Optional<Spec> stored(String text) {
    return parser.read(text) instanceof Validated.Valid<Spec> valid
        ? Optional.of(valid.value())
        : Optional.empty();
  }
}
