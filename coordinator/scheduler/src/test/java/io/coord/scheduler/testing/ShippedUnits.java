package io.coord.scheduler.testing;

import io.coord.systemd.InstanceSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The unit files as they are shipped. */
public final class ShippedUnits {
  private ShippedUnits() {}

  /** The text of one, before the paths of an installation are put in. */
  public static String text(String unit) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(InstanceSpec.class.getResourceAsStream("unitfile/" + unit), unit)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
