package io.coord.systemd.dbus;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.systemd.ActiveState;
import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import io.coord.systemd.testing.ServiceManagerContract;
import io.coord.systemd.testing.ServiceSettings;
import io.coord.systemd.testing.SimulatedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs within {@code script/with-systemd}, against its private user manager. */
@Tag("systemd")
class DbusServiceManagerTest extends ServiceManagerContract {
  /** Only ends a test that hangs: a busy machine is no failure. */
  private static final int LIMIT_SECONDS = 180;

  private static final String LOST = "lost";
  private static final String BACK = "back";

  /** Kept, or the setting would be collected with it. */
  private static final Logger LIBRARY = Logger.getLogger("org.freedesktop");

  private final String slice =
      "coordtest" + UUID.randomUUID().toString().replace("-", "") + ".slice";

  @TempDir Path folder;
  private final List<String> installed = new ArrayList<>();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private DbusServiceManager manager = unopened();

  /** Opened before each test. */
  @SuppressWarnings("NullAway")
  private static DbusServiceManager unopened() {
    return null;
  }

  private final class Listening implements UnitWatcher {
    @Override
    public void unitChanged(String unit) {
      heard.add(unit);
    }

    @Override
    public void statusChanged(String unit, String invocation, String statusText) {
      texts.add(invocation + " " + statusText);
    }

    @Override
    public void connectionLost(String why) {
      heard.add(LOST);
    }

    @Override
    public void connectionBack() {
      heard.add(BACK);
    }
  }

  @BeforeEach
  void open() {
    LIBRARY.setLevel(Level.OFF);
    manager = DbusServiceManager.onUserBus();
    manager.watch("coord-test-*.service", new Listening());
  }

  @AfterEach
  void close() throws IOException {
    manager.slices().thaw(slice);
    for (String unit : installed) {
      stop(unit);
      manager.release(unit);
      Files.delete(unitFile(unit));
    }
    stop(slice);
    manager.close();
  }

  @Override
  protected List<String> statusTexts() {
    return List.copyOf(texts);
  }

  @Override
  protected ServiceManager manager() {
    return manager;
  }

  @Override
  protected String target() {
    String target = "coord-test-" + UUID.randomUUID() + ".target";
    try {
      Files.createDirectories(unitFile(target).resolveSibling("."));
      Files.writeString(unitFile(target), "[Unit]\nDescription=of a test\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    installed.add(target);
    manager.reload();
    // As the units that are part of one do; else it is forgotten when it is down.
    manager.hold(target);
    return target;
  }

  private static Path unitFile(String unit) {
    return Path.of(System.getenv("XDG_RUNTIME_DIR"), "systemd/user", unit);
  }

  @Override
  protected String unit(ServiceSettings settings, SimulatedRun... runs) {
    String unit = "coord-test-" + UUID.randomUUID() + ".service";
    Path count = folder.resolve(unit + ".count");
    Path program = folder.resolve(unit + ".sh");
    StringBuilder script = new StringBuilder("n=0\n");
    script.append("[ -e ").append(count).append(" ] && read -r n < ").append(count).append('\n');
    script.append("n=$((n + 1)); echo $n > ").append(count).append("\ncase $n in\n");
    for (int i = 0; i < runs.length; i++) {
      script.append(i + 1 < runs.length ? String.valueOf(i + 1) : "*").append(") ");
      script.append(commands(runs[i])).append(";;\n");
    }
    script.append("esac\n");
    List<String> optional = new ArrayList<>();
    settings.runtimeMax().ifPresent(most -> optional.add("RuntimeMaxSec=" + seconds(most)));
    settings.watchdog().ifPresent(time -> optional.add("WatchdogSec=" + seconds(time)));
    settings.successCodes().forEach(code -> optional.add("SuccessExitStatus=" + code));
    settings
        .restartSignals()
        .forEach(signal -> optional.add("RestartForceExitStatus=" + signalName(signal)));
    boolean missing = runs[0].end().orElse(null) instanceof SimulatedRun.NotExecutable;
    String text =
        String.join(
            "\n",
            "[Unit]",
            "StartLimitIntervalSec=" + seconds(settings.restarts().interval()),
            "StartLimitBurst=" + (settings.restarts().limit() + 1),
            "[Service]",
            "Type=exec",
            "NotifyAccess=all",
            "Restart=on-failure",
            "Slice=" + slice,
            "RestartSec=" + seconds(settings.restarts().delay()),
            "TimeoutStopSec=" + seconds(settings.stopTimeout()),
            "ExecStart=" + (missing ? "/no/such/program" : "/bin/sh " + program),
            String.join("\n", optional),
            "");
    try {
      Files.createDirectories(unitFile(unit).getParent());
      Files.writeString(program, script);
      Files.writeString(unitFile(unit), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    installed.add(unit);
    return unit;
  }

  private static String commands(SimulatedRun run) {
    StringBuilder commands = new StringBuilder(run.ignoresStop() ? "trap '' TERM; " : "");
    for (SimulatedRun.Report report : run.reports()) {
      commands.append("systemd-notify --status='").append(report.text()).append("'; ");
    }
    if (run.end().isEmpty() || run.end().get() instanceof SimulatedRun.Silent) {
      return commands.append("exec sleep 1000").toString();
    }
    commands.append("sleep ").append(seconds(run.end().get().after())).append("; ");
    if (run.end().get() instanceof SimulatedRun.Exit exit) {
      commands.append("exit ").append(exit.code());
    } else if (run.end().get() instanceof SimulatedRun.Signal signal) {
      commands.append("kill -").append(signal.number()).append(" $$");
    }
    return commands.toString();
  }

  private static String signalName(int number) {
    return switch (number) {
      case 1 -> "SIGHUP";
      case 2 -> "SIGINT";
      case 13 -> "SIGPIPE";
      case 15 -> "SIGTERM";
      default -> throw new IllegalArgumentException("no clean end: signal " + number);
    };
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.3f", time.toMillis() / 1e3);
  }

  @Override
  protected <T> T result(CompletableFuture<T> future) {
    return future.orTimeout(LIMIT_SECONDS, SECONDS).join();
  }

  @Override
  protected Optional<UnitStatus> await(String unit, Predicate<Optional<UnitStatus>> so) {
    Optional<UnitStatus> status = manager.status(unit);
    while (!so.test(status)) {
      String news = next();
      if (news == null) {
        throw new AssertionError("nothing more was heard of " + unit + ": " + status);
      }
      status = manager.status(unit);
    }
    return status;
  }

  private @Nullable String next() {
    try {
      return heard.poll(LIMIT_SECONDS, SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitNews(String wanted) {
    String news = next();
    while (news != null && !news.equals(wanted)) {
      news = next();
    }
    assertThat(news).isEqualTo(wanted);
  }

  @Override
  protected String slice() {
    return slice;
  }

  @Override
  protected int processes(String unit) {
    String group = manager.status(unit).map(status -> status.controlGroup().path()).orElse("");
    Path processes = Path.of("/sys/fs/cgroup/systemd" + group, "cgroup.procs");
    if (!Files.exists(Path.of("/sys/fs/cgroup/systemd"))) {
      processes = Path.of("/sys/fs/cgroup" + group, "cgroup.procs");
    }
    try {
      return group.isEmpty() || !Files.exists(processes) ? 0 : Files.readAllLines(processes).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(LIMIT_SECONDS, SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  /** What the kernel allows the slice, in percent of one core; -1 is no limit. */
  private int enforcedPercent() throws IOException {
    String group = manager.slices().status(slice).controlGroup();
    Path legacy = Path.of("/sys/fs/cgroup/cpu" + group);
    Path unified = Path.of("/sys/fs/cgroup" + group, "cpu.max");
    // Without a limit systemd may take the controller away, and its files with it.
    List<String> words = List.of("max");
    if (Files.exists(legacy.resolve("cpu.cfs_quota_us"))) {
      words =
          List.of(
              Files.readString(legacy.resolve("cpu.cfs_quota_us")).strip(),
              Files.readString(legacy.resolve("cpu.cfs_period_us")).strip());
    } else if (Files.exists(unified)) {
      words = List.of(Files.readString(unified).strip().split(" "));
    }
    boolean unlimited = words.get(0).equals("max") || words.get(0).equals("-1");
    return unlimited ? -1 : Integer.parseInt(words.get(0)) * 100 / Integer.parseInt(words.get(1));
  }

  @Test
  void theKernelLimitsTheProcessorTime() throws Exception {
    manager.slices().limitProcessor(slice, OptionalInt.of(30));
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    start(unit);
    assertThat(enforcedPercent()).isEqualTo(30);

    manager.slices().limitProcessor(slice, OptionalInt.of(50));
    assertThat(enforcedPercent()).isEqualTo(50);
    manager.reload();
    assertThat(enforcedPercent()).isEqualTo(50);
    try (DbusServiceManager next = DbusServiceManager.onUserBus()) {
      assertThat(next.slices().status(slice).processorPercent()).hasValue(50);
    }

    stop(unit);
    stop(slice);
    start(unit);
    assertThat(enforcedPercent()).as("when the slice was gone").isEqualTo(50);

    manager.slices().limitProcessor(slice, OptionalInt.empty());
    assertThat(enforcedPercent()).isEqualTo(-1);
  }

  @Test
  void freezesOnTheUnifiedHierarchyOnly() {
    assertThat(manager.slices().canFreeze())
        .isEqualTo(Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")));
    manager.close();
    assertThat(manager.slices().canFreeze()).isFalse();
    open();
  }

  @Test
  void refusesASliceWhoseNameIsMalformed() {
    assertThatThrownBy(() -> manager.slices().status("a/b.slice"))
        .isInstanceOf(SystemdException.class)
        .hasMessageStartingWith("cannot read slice 'a/b.slice': ");
  }

  @Test
  void isNotDownWhileItsStartIsQueued() throws Exception {
    String slow = unit(PATIENT, SimulatedRun.untilStopped());
    String waiting = unit(PATIENT, SimulatedRun.untilStopped());
    Path gate = folder.resolve("gate");
    run("mkfifo", gate.toString());
    Files.writeString(
        unitFile(slow), "ExecStartPre=/bin/sh -c 'read line <" + gate + "'\n", APPEND);
    Files.writeString(unitFile(waiting), "[Unit]\nAfter=" + slow + "\n", APPEND);
    CompletableFuture<JobResult> first = manager.start(slow);
    CompletableFuture<JobResult> second = manager.start(waiting);

    UnitStatus status = manager.status(waiting).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.jobQueued()).isTrue();
    assertThat(status.isDown()).isFalse();

    Files.writeString(gate, "go\n");
    assertThat(result(first)).isEqualTo(JobResult.DONE);
    assertThat(result(second)).isEqualTo(JobResult.DONE);
    assertThat(manager.status(waiting).orElseThrow().jobQueued()).isFalse();
  }

  @Test
  void reconnectsAfterTheBusWasKilled() throws Exception {
    String running = unit(PATIENT, SimulatedRun.untilStopped());
    String stopped = unit(PATIENT, SimulatedRun.untilStopped());
    String stubborn = startDeaf(new ServiceSettings(SOON, 0, HOUR, Duration.ofSeconds(2)));
    manager.hold(running);
    manager.hold(stopped);
    start(running);
    start(stopped);
    CompletableFuture<JobResult> stopping = manager.stop(stubborn);

    run("systemctl", "--user", "kill", "-s", "KILL", "dbus.service");

    awaitNews(LOST);
    awaitNews(BACK);
    assertThatThrownBy(() -> result(stopping)).cause().isInstanceOf(SystemdException.class);
    assertThat(manager.status(running).orElseThrow().active()).isEqualTo(ActiveState.ACTIVE);
    // Watched again, subscribed again, and held again.
    assertThat(stop(stopped)).isEqualTo(JobResult.DONE);
    awaitNews(stopped);
    assertThat(manager.status(stopped).orElseThrow().mainProcess().status()).isEqualTo(15);
    manager.release(stopped);
    await(stopped, Optional::isEmpty);
  }

  @Test
  void keepsItsHoldsWhenTheManagerReexecutes() throws Exception {
    String ended = unit(PATIENT, SimulatedRun.exits(0, SOON));
    manager.hold(ended);
    start(ended);
    await(
        ended, now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0);

    run("systemctl", "--user", "daemon-reexec");

    awaitNews(LOST);
    awaitNews(BACK);
    assertThat(manager.status(ended).orElseThrow().mainProcess().code()).isEqualTo(1);
    String next = unit(PATIENT, SimulatedRun.untilStopped());
    assertThat(start(next)).isEqualTo(JobResult.DONE);
    awaitNews(next);
    manager.release(ended);
    await(ended, Optional::isEmpty);
  }

  @Test
  void keepsItsHoldsOverAReload() {
    String ended = unit(PATIENT, SimulatedRun.exits(0, SOON));
    manager.hold(ended);
    start(ended);
    await(
        ended, now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0);

    manager.reload();

    awaitNews(LOST);
    awaitNews(BACK);
    assertThat(manager.status(ended).orElseThrow().mainProcess().code()).isEqualTo(1);
    manager.release(ended);
    await(ended, Optional::isEmpty);
  }

  @Test
  void noticesUnitsThatOthersStart() throws Exception {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    run("systemctl", "--user", "start", unit);
    awaitNews(unit);
    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.ACTIVE);
  }

  /** What tells the coordinator, on the same clock, for how long a unit has been active. */
  @Test
  void countsUptimeAsTheJvmCountsElapsedTime() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    Duration before = Duration.ofNanos(System.nanoTime());
    start(unit);
    Duration after = Duration.ofNanos(System.nanoTime());

    assertThat(manager.status(unit).orElseThrow().activation().activeSinceUptime().orElseThrow())
        .isBetween(before, after);
  }

  @Test
  void ignoresSignalsOfOtherClients() throws Exception {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    run(
        "busctl",
        "--user",
        "emit",
        "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager",
        "UnitRemoved",
        "so",
        "coord-test-forged.service",
        "/org/freedesktop/systemd1/unit/x");
    start(unit);

    assertThat(next()).isEqualTo(unit);
  }

  @Test
  void startsManyAtOnce() {
    List<String> units = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      units.add(unit(PATIENT, SimulatedRun.untilStopped()));
    }
    List<CompletableFuture<JobResult>> jobs = units.parallelStream().map(manager::start).toList();

    assertThat(jobs).allSatisfy(job -> assertThat(result(job)).isEqualTo(JobResult.DONE));
    assertThat(manager.units("coord-test-*.service")).hasSize(50);
  }

  @Test
  void refusesCallsOnceClosed() {
    manager.close();
    assertThatThrownBy(() -> manager.status("x.service"))
        .isInstanceOfSatisfying(
            SystemdException.class, e -> assertThat(e.errorName()).isEqualTo("disconnected"));
    open();
  }

  @Test
  void reportsAMissingBus() {
    assertThatThrownBy(() -> new DbusServiceManager("unix:path=" + folder + "/none"))
        .isInstanceOfSatisfying(
            SystemdException.class, e -> assertThat(e.errorName()).isEqualTo("disconnected"))
        .hasMessageStartingWith("cannot connect to bus 'unix:path=" + folder + "/none': ");
  }
}
