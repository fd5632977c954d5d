package io.coord.daemon;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One coordinator. {@link #start} is the one place that says in which order its parts are opened
 * and started; {@link #close} stops and closes them in the reverse order.
 */
final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** What people and scripts wait for: from here on requests are answered. */
  static final String READY = "ready on";

  private final Lifecycle lifecycle;
  private final Scheduler scheduler;

  private Daemon(Lifecycle lifecycle, Scheduler scheduler) {
    this.lifecycle = lifecycle;
    this.scheduler = scheduler;
  }

  /**
   * Starts a coordinator. If a part fails, those that were opened before it are closed.
   *
   * @throws IOException if a directory, the lock or the socket cannot be had
   */
  static Daemon start(Paths paths, Settings settings, Host host, ServiceEnvironment service)
      throws IOException {
    Lifecycle lifecycle = new Lifecycle();
    try {
      return start(new DaemonContext(paths, settings, host, new Clocks(), lifecycle), service);
    } catch (IOException | RuntimeException e) {
      lifecycle.close();
      throw e;
    }
  }

  private static Daemon start(DaemonContext context, ServiceEnvironment service)
      throws IOException {
    Paths paths = context.paths();
    Lifecycle lifecycle = context.lifecycle();
    // Opening connects the parts; no decision is made yet.
    StateDirectories directories = StateDirectories.open(paths, lifecycle);
    Stores stores = Stores.open(paths, lifecycle);
    SystemdConnection systemd = SystemdConnection.open(paths, lifecycle);
    LaunchEnvironment launch =
        LaunchEnvironment.open(paths, directories, context.settings(), lifecycle);
    Scheduler scheduler = Scheduler.open(context, stores, systemd, launch);
    Heartbeat heartbeat = heartbeat(context, service, scheduler);
    Instruments instruments =
        Instruments.open(context, stores, systemd.manager(), scheduler, heartbeat);
    OutputLimiter output =
        lifecycle.opened(
            "the limiter of output",
            new OutputLimiter(
                launch.output(),
                context.settings().kept().output(),
                () -> context.clocks().now().uptime(),
                scheduler.loop()::post));
    scheduler.loop().listen(output);
    RequestServer server =
        RequestServer.open(context, directories, stores, systemd, launch, scheduler, instruments);

    // Starting goes from the decisions to the requests; then systemd hears that coord is ready.
    scheduler.start(lifecycle);
    output.start(scheduler.active());
    instruments.start();
    server.start(service.socketPassed(), lifecycle);
    lifecycle.started("the last observation", scheduler::observeStoppedTarget);
    lifecycle.started("the watchdog pings", heartbeat);
    heartbeat.ready();
    stores.checkInBackground(paths.database());
    LOG.info(
        "{} {}: loaded {} experiments, {} slots",
        READY,
        paths.socket(),
        scheduler.restoredExperiments(),
        scheduler.limits().capacity().slots());
    // A start leaves more garbage than a day of work; the heap shrinks only when that is collected.
    System.gc();
    return new Daemon(lifecycle, scheduler);
  }

  private static Heartbeat heartbeat(
      DaemonContext context, ServiceEnvironment service, Scheduler scheduler) {
    return new Heartbeat(
        service.notifier(),
        scheduler.loop()::ask,
        () -> context.clocks().now().uptime(),
        context.lifecycle().thread("watchdog"));
  }

  /** Waits until the coordinator ends. */
  void join() throws InterruptedException {
    scheduler.join();
  }

  /** Ends the coordinator; experiments go on. */
  @Override
  public void close() {
    lifecycle.close();
  }
}
