package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private final Logger root = Logger.getLogger("");
  private final Level level = root.getLevel();
  private final List<Handler> handlers = List.of(root.getHandlers());

  @AfterEach
  void restore() {
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    handlers.forEach(root::addHandler);
    root.setLevel(level);
  }

  @Test
  void aWrongRequestIsNoEventOfTheLog() {
    Logging.setUp(Map.of());

    // HttpFuzzTest shows that no other place of the HTTP server logs what a client sends.
    for (String name :
        List.of(
            "org.eclipse.jetty.http.HttpParser",
            "org.eclipse.jetty.util.HostPort",
            "org.eclipse.jetty.util.thread.SerializedInvoker")) {
      assertThat(Logger.getLogger(name).isLoggable(Level.SEVERE)).as(name).isFalse();
    }
    assertThat(Logger.getLogger("org.eclipse.jetty.io").isLoggable(Level.WARNING)).isTrue();
  }
}
