package io.coord.daemon;

import io.coord.systemd.ServiceNotifier;
import io.coord.systemd.notify.NotifyProgram;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * What the service manager gave this process.
 *
 * @param notifier for readiness and watchdog pings; empty if not asked for
 * @param socketPassed whether it passed the socket to listen on
 */
record ServiceEnvironment(Optional<ServiceNotifier> notifier, boolean socketPassed) {
  static ServiceEnvironment of(Map<String, String> environment) throws IOException {
    return new ServiceEnvironment(
        NotifyProgram.of(environment), System.inheritedChannel() instanceof ServerSocketChannel);
  }
}
