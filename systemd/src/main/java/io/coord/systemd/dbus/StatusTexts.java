package io.coord.systemd.dbus;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.types.Variant;

/**
 * Takes the status texts of services from the signals of their properties. systemd sends the values
 * with each change: first those of the service, then those of the unit, of the same moment. So each
 * text is told with its run, also one that another text has replaced when the properties are read.
 *
 * <p>For the one thread that receives signals.
 */
final class StatusTexts {
  private static final String SERVICE = "org.freedesktop.systemd1.Service";
  private static final String UNIT = "org.freedesktop.systemd1.Unit";

  /** A status text of a run. */
  record StatusText(String invocation, String text) {}

  private final Map<String, String> texts = new HashMap<>();
  private final Map<String, StatusText> told = new HashMap<>();

  /**
   * Takes the arguments of a signal {@code PropertiesChanged}.
   *
   * @return the unit's status text if it has a new one
   */
  Optional<StatusText> changed(String unit, Object[] arguments) {
    if (arguments.length < 2 || !(arguments[1] instanceof Map<?, ?> values)) {
      return Optional.empty();
    }
    if (SERVICE.equals(arguments[0])) {
      if (values.get("StatusText") instanceof Variant<?> variant
          && variant.getValue() instanceof String text
          && !text.isEmpty()) {
        texts.put(unit, text);
      } else {
        texts.remove(unit);
      }
      return Optional.empty();
    }
    String text = texts.remove(unit);
    if (!UNIT.equals(arguments[0]) || text == null) {
      return Optional.empty();
    }
    Optional<StatusText> now =
        new ServiceProperties(values).invocation().map(run -> new StatusText(run, text));
    if (now.isEmpty() || now.get().equals(told.put(unit, now.get()))) {
      return Optional.empty();
    }
    return now;
  }

  /** A signal of a unit was not read: the next one may not belong to the one before it. */
  void missed(String unit) {
    texts.remove(unit);
  }

  /** A unit is unloaded. */
  void removed(String unit) {
    texts.remove(unit);
    told.remove(unit);
  }
}
