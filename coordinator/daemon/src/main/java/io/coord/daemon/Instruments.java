package io.coord.daemon;

import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.executor.GpuClockExecutor;
import io.coord.scheduler.executor.PowerModeExecutor;
import io.coord.systemd.ServiceManager;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.Boards;
import io.coord.thermal.Cores;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.nvpmodel.BoardFiles;
import io.coord.thermal.nvpmodel.NvpModel;
import io.coord.thermal.process.ProcessRunner;
import io.coord.thermal.sysfs.IdentityFiles;
import io.coord.thermal.sysfs.SysfsBoardSensors;
import io.coord.thermal.sysfs.SysfsZones;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The board: its power modes, its sensors, and the telemetry that is kept of them. */
final class Instruments {
  private final PowerModeExecutor powerModes;
  private final TelemetryRecorder telemetry;
  private final SensorLoop sensors;
  private final Heartbeat heartbeat;
  private final Settings.CheckIntervals intervals;

  private Instruments(
      PowerModeExecutor powerModes,
      TelemetryRecorder telemetry,
      SensorLoop sensors,
      Heartbeat heartbeat,
      Settings.CheckIntervals intervals) {
    this.powerModes = powerModes;
    this.telemetry = telemetry;
    this.sensors = sensors;
    this.heartbeat = heartbeat;
    this.intervals = intervals;
  }

  static Instruments open(
      DaemonContext context,
      Stores stores,
      ServiceManager manager,
      Scheduler scheduler,
      Heartbeat heartbeat) {
    Paths paths = context.paths();
    Settings settings = context.settings();
    Clocks clocks = context.clocks();
    Lifecycle lifecycle = context.lifecycle();
    PowerModeExecutor powerModes =
        powerModes(paths, manager, lifecycle.thread("power-mode-executor"), scheduler.loop()::post);
    BoardDetection detection = Boards.detect(IdentityFiles.read(paths.hardware().board()));
    ExecutorService writer = lifecycle.finishingThread("telemetry");
    TelemetryRecorder telemetry =
        new TelemetryRecorder(
            stores.measurements(),
            stores.measurementsKept(),
            detection,
            scheduler.loop()::ask,
            clocks::now,
            writer,
            new RunCpuMeter(
                new UnitCpuCounters(manager, paths.hardware().cgroups()),
                () -> clocks.now().uptime(),
                (time, work) ->
                    CompletableFuture.delayedExecutor(
                            time.toMillis(), TimeUnit.MILLISECONDS, writer)
                        .execute(work)));
    scheduler.loop().listen(telemetry);
    SysfsBoardSensors board = new SysfsBoardSensors(paths.hardware().sysfs(), detection.board());
    GpuClockExecutor gpuClock =
        new GpuClockExecutor(
            new GpuClockUnit(manager, paths.gpuClock(), board::gpuClocks),
            lifecycle.thread("gpu-clock-executor"),
            scheduler.loop()::post);
    SensorLoop sensors =
        lifecycle.opened(
            "the sensors",
            new SensorLoop(
                new SysfsZones(paths.hardware().sysfs()),
                board,
                gpuClock::look,
                () -> clocks.now().uptime(),
                scheduler.loop()::post,
                telemetry,
                heartbeat::beat,
                () -> {
                  powerModes.checkForChange();
                  scheduler
                      .loop()
                      .ask(State::awaited)
                      .thenAcceptAsync(awaited -> stores.prune(settings.kept().history(), awaited));
                }));
    scheduler.executors().powerMode(powerModes::carryOut);
    scheduler.executors().gpuClock(gpuClock::carryOut);
    scheduler.executors().telemetry(telemetry::carryOut);
    scheduler.executors().sensors(sensors::carryOut);
    return new Instruments(powerModes, telemetry, sensors, heartbeat, settings.intervals());
  }

  private static PowerModeExecutor powerModes(
      Paths paths, ServiceManager manager, ExecutorService thread, Consumer<Event> post) {
    BoardFiles files = new BoardFiles(paths.hardware().board(), paths.hardware().sysfs());
    PowerModeControl control =
        new NvpModel(
            paths.hardware().nvpmodel(),
            files,
            new ProcessRunner(paths.nvpmodelOutput()),
            new PowerModeUnit(manager, paths.nvpmodelOutput()),
            MaximumClocks.NONE,
            NvpModel.Limits.DEFAULT);
    return new PowerModeExecutor(
        control,
        () -> files.online().map(Cores::count).orElse(Runtime.getRuntime().availableProcessors()),
        thread,
        post);
  }

  /** Starts with a reading of everything. */
  void start() {
    powerModes.checkForChange();
    sensors.start(intervals.temperature(), intervals.health());
    if (intervals.temperature().compareTo(heartbeat.interval()) > 0) {
      sensors.every(heartbeat.interval(), () -> heartbeat.beat(heartbeat.interval()));
    }
  }

  TelemetryRecorder telemetry() {
    return telemetry;
  }
}
