package io.coord.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.scheduler.verify.Fact;
import io.coord.scheduler.verify.Verification;
import java.util.List;
import java.util.Locale;

/** The JSON output of the checks of the installation; for the keys see {@link Views}. */
public final class VerifyViews {
  private VerifyViews() {}

  /** All facts, and whether any of them is a fault. */
  public static ObjectNode of(List<Fact> facts) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("fault", Verification.anyFault(facts));
    ArrayNode list = node.putArray("facts");
    for (Fact fact : facts) {
      ObjectNode one = list.addObject();
      one.put("name", fact.name());
      one.put("severity", fact.verdict().name().toLowerCase(Locale.ROOT));
      one.put("measured", fact.measured());
      one.put("wanted", fact.wanted());
      one.put("remedy", fact.remedy().isEmpty() ? null : fact.remedy());
    }
    return node;
  }
}
