package io.coord.thermal;

import java.util.List;

/**
 * The rule that decides which switches of the power mode need no reboot.
 *
 * @param kind what decides
 * @param parameters what must be equal in both modes, as named in {@code nvpmodel.conf}; a
 *     parameter that both modes lack is equal. Empty unless {@code kind} is EQUAL_PARAMETERS
 */
public record PowerModeRule(Kind kind, List<String> parameters) {

  /** What decides whether a switch needs a reboot. */
  public enum Kind {
    /** There are no power modes. */
    NO_MODES,
    /** No switch needs a reboot. */
    ALWAYS_LIVE,
    /** A switch is live if the parameters are equal: the GPU's masks are set once per boot. */
    EQUAL_PARAMETERS
  }

  public PowerModeRule {
    parameters = List.copyOf(parameters);
    if (parameters.isEmpty() == (kind == Kind.EQUAL_PARAMETERS)) {
      throw new IllegalArgumentException(
          "invalid power mode rule: " + kind + " with parameters " + parameters);
    }
  }
}
