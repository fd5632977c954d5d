package io.coord.daemon;

import io.coord.server.api.Coordinator;
import io.coord.server.api.RequestReader;
import io.coord.server.cli.CommandLineService;
import io.coord.server.cli.EnvironmentRules;
import io.coord.server.http.ApiServer;
import io.coord.server.http.Callers;
import io.coord.systemd.unitfile.InstanceProblems;
import java.io.IOException;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests on the Unix socket. */
final class RequestServer {
  private static final Logger LOG = LoggerFactory.getLogger(RequestServer.class);

  private final Paths paths;
  private final ApiServer.Service service;

  private RequestServer(Paths paths, ApiServer.Service service) {
    this.paths = paths;
    this.service = service;
  }

  static RequestServer open(
      DaemonContext context,
      StateDirectories directories,
      Stores stores,
      SystemdConnection systemd,
      LaunchEnvironment launch,
      Scheduler scheduler,
      Instruments instruments) {
    Paths paths = context.paths();
    Settings.Capacity capacity = context.settings().capacity();
    MachineInspection inspection =
        new MachineInspection(
            paths,
            systemd.manager(),
            stores.ledger(),
            capacity.ramBytes(),
            capacity.cores(),
            context.clocks()::now);
    inspection.coresProblem().ifPresent(problem -> LOG.warn("{}", problem));
    Coordinator coordinator =
        Coordinator.of(
            new Coordinator.Engine(
                scheduler.loop(),
                scheduler.decider(),
                scheduler.limits(),
                stores.ledger(),
                context.clocks()::now),
            new RequestReader(
                scheduler.specReader(),
                new ExperimentFiles(
                    paths.config().resolve(ExperimentFiles.FOLDER), capacity.ramBytes())),
            launch.accounts(),
            new Coordinator.Launching(
                launch.sharedRunner(),
                launch.directories(),
                launch.instances(),
                launch.output(),
                InstanceProblems::problems),
            instruments.telemetry(),
            inspection,
            directories.databaseCopies());
    return new RequestServer(
        paths,
        new ApiServer.Service(
            coordinator,
            new CommandLineService(
                coordinator,
                context.clocks()::wall,
                new EnvironmentRules(context.settings().passEnvironment())),
            new Callers(System.getProperty("user.name", "root")),
            ApiServer.Deadlines.DEFAULT));
  }

  /**
   * Listens.
   *
   * @param socketPassed whether the service manager has passed the socket
   * @throws IOException if the socket cannot be had
   */
  void start(boolean socketPassed, Lifecycle lifecycle) throws IOException {
    lifecycle.opened(
        "the server",
        socketPassed
            ? ApiServer.takeOver(paths.socket(), service)
            // Everybody on the machine may ask; permissions depend on the caller.
            : ApiServer.listen(
                paths.socket(),
                PosixFilePermissions.fromString(paths.user() ? "rw-------" : "rw-rw-rw-"),
                service));
  }
}
