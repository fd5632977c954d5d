package io.coord.server.api;

import io.coord.runner.Spec;
import io.coord.runner.Validated;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads requests, in the thread of the request and never in the loop's: a large one takes a while.
 */
public final class RequestReader {
  private final Function<String, Validated<Spec>> parser;
  private final RequestDefaults defaults;

  /**
   * @param defaults what holds for a request that does not say otherwise
   */
  public RequestReader(Function<String, Validated<Spec>> parser, RequestDefaults defaults) {
    this.parser = parser;
    this.defaults = defaults;
  }

  /**
   * Reads a request, with what the administrator has set now.
   *
   * @param idOf the id for which the administrator may have set something; empty if there is none
   */
  Validated<ParsedRequest> read(String text, Function<Spec, Optional<String>> idOf) {
    Validated<Spec> read = parser.apply(text);
    if (read instanceof Validated.Invalid<Spec> invalid) {
      return new Validated.Invalid<>(invalid.faults());
    }
    Spec spec = ((Validated.Valid<Spec>) read).value();
    Optional<String> id = idOf.apply(spec).filter(Spec::isId);
    if (id.isEmpty()) {
      return new Validated.Valid<>(new ParsedRequest(text, spec));
    }
    Validated<String> completed = defaults.completed(id.get(), text);
    if (completed instanceof Validated.Invalid<String> invalid) {
      return new Validated.Invalid<>(invalid.faults());
    }
    String whole = ((Validated.Valid<String>) completed).value();
    if (whole.equals(text)) {
      return new Validated.Valid<>(new ParsedRequest(text, spec));
    }
    Validated<Spec> again = parser.apply(whole);
    return again instanceof Validated.Invalid<Spec> invalid
        ? new Validated.Invalid<>(invalid.faults())
        : new Validated.Valid<>(new ParsedRequest(whole, ((Validated.Valid<Spec>) again).value()));
  }

  /** Reads a request that was stored; empty if this version cannot. */
  Optional<Spec> stored(String text) {
    return parser.apply(text) instanceof Validated.Valid<Spec> valid
        ? Optional.of(valid.value())
        : Optional.empty();
  }
}
