package io.coord.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RestartPolicy;
import io.coord.scheduler.testing.ShippedUnits;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The unit template cannot ask the restart policy; it must say the same. */
class RestartDefaultsTest {
  @Test
  void theUnitTemplateHasTheDefaultsOfTheRestartPolicy() throws IOException {
    String template = ShippedUnits.text("brain-experiment@.service");
    assertThat(template.lines())
        .contains(
            "RestartSec=" + RestartPolicy.DEFAULT_DELAY.toSeconds(),
            "StartLimitIntervalSec=" + RestartPolicy.DEFAULT_INTERVAL.toSeconds(),
            // systemd counts starts, the first of which is no restart.
            "StartLimitBurst=" + (RestartPolicy.DEFAULT_RESTARTS + 1));
  }
}
