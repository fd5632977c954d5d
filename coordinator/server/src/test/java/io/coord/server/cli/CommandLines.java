package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.runner.CompletionResult;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RequestField;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.cron.ZonedCronTimes;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.executor.OutputRanges;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.quartz.QuartzExpression;
import io.coord.scheduler.testing.SampleInstallation;
import io.coord.scheduler.testing.Samples;
import io.coord.scheduler.testing.StubUserAccounts;
import io.coord.server.api.Caller;
import io.coord.server.api.Coordinator;
import io.coord.server.api.RequestReader;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.SimulatedBoard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A coordinator whose hands do nothing, and command lines for it: what is dispatched stays
 * starting.
 */
abstract class CommandLines {
  /** Only ends a test that hangs: a busy machine is no failure. */
  private static final int HANG_MILLIS = 180_000;

  static final long GIB = 1L << 30;

  /** Launches everything, and finds everything complete. */
  private static final class Willing implements Runner, ExperimentDirectories {
    @Override
    public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
      return new Validated.Valid<>(
          new LaunchPlan(List.of("/x"), Path.of("/"), Map.of(), Map.of(), List.of()));
    }

    @Override
    public CompletionResult verify(
        Spec spec, Path folder, String owner, RunClaim claim, Duration patience) {
      return new CompletionResult.Complete("all there");
    }

    @Override
    public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
      return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public Path of(String id) {
      return Path.of("/", id);
    }

    @Override
    public Path output(String id) {
      return of(id + ".log");
    }

    @Override
    public void prepare(String id, Optional<String> owner, Map<Path, String> files) {}
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("coord-copies-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static class Heard implements CommandOutput {
    final StringBuilder files = new StringBuilder();
    List<String> resumed = List.of();

    @Override
    public void beginFile(String name, boolean replace) {
      files.append(name).append(replace ? "!<" : "<");
    }

    @Override
    public void file(byte[] bytes, int offset, int length) {
      files.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void endFile() {
      files.append(">");
    }

    final StringBuilder text = new StringBuilder();
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<String> errors = new ArrayList<>();

    @Override
    public void out(byte[] bytes, int offset, int length) {
      this.bytes.write(bytes, offset, length);
      text.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void error(String line) {
      errors.add(line);
    }

    @Override
    public void keepAlive() {}

    @Override
    public void resumeWith(List<String> argv) {
      resumed = argv;
    }

    @Override
    public void need(List<String> needs) {
      throw new AssertionError("asks for " + needs);
    }
  }

  private final SpecReader reader = new SpecReader();
  final InMemoryLedger ledger = new InMemoryLedger();
  private final ZonedCronTimes times =
      new ZonedCronTimes(ZoneId.of("UTC"), QuartzExpression::parse);
  volatile Instant now = Samples.START;
  private final Limits limits =
      new Limits(
          new Limits.Capacity(2, 8 * GIB, new TreeMap<>(Map.of("G", 1))), GIB, Thresholds.DEFAULT);
  private final Decider decider = new Decider(limits, times);
  final SampleTelemetry instruments = new SampleTelemetry();
  final SampleInstallation inspection = new SampleInstallation();
  final Loop loop =
      new Loop(
          new State(
              new RestoredState(
                  ledger::eachActive,
                  0,
                  Optional.empty(),
                  List.of(),
                  List.of(),
                  CoordinatorState.INITIAL,
                  id -> ledger.find(id).map(Experiment::state),
                  id -> ledger.spec(id)),
              RuntimeState.unknown(
                  ThermalState.unknown(
                      Heat.unknown(Samples.START), PowerState.unknown(Optional.empty(), 4))),
              this::parsed),
          decider,
          ledger,
          () -> Samples.moment(now),
          post -> new CompositeExecutor());
  private final Thread thread = new Thread(loop::run, "loop");
  private final Willing willing = new Willing();
  final StubUserAccounts accounts = new StubUserAccounts();

  /** Where output goes, as set. */
  OutputDestination output() {
    return OutputDestination.FILE;
  }

  /** Nothing was removed of any output. */
  static final OutputRanges ALL_DATA =
      (file, offset) -> Optional.of(new OutputRanges.Range(offset, Long.MAX_VALUE));

  /** For backups; removed after each test. */
  private final Path copies = temporaryFolder();

  final Coordinator coordinator =
      Coordinator.of(
          new Coordinator.Engine(loop, decider, limits, ledger, () -> Samples.moment(now)),
          new RequestReader(reader, this::withWhatIsSet),
          accounts,
          new Coordinator.Launching(
              willing,
              willing,
              new InstanceSpecFactory(Optional.empty(), output()),
              ALL_DATA,
              instance -> List.of()),
          instruments,
          inspection,
          copies);
  final CommandLineService service =
      new CommandLineService(coordinator, () -> now, new EnvironmentRules(List.of("SITE_*")));
  Heard heard = new Heard();

  /** What the administrator has set, by id; a text that is no size is a fault of his file. */
  final Map<String, String> ramSet = new TreeMap<>();

  private Validated<Map<RequestField<?>, String>> withWhatIsSet(String id) {
    String ram = ramSet.getOrDefault(id, "");
    if (ram.equals("wrong")) {
      return new Validated.Invalid<>(
          List.of(new ValidationError("/etc/x/" + id + ".env:2", "it is wrong")));
    }
    return new Validated.Valid<>(ram.isEmpty() ? Map.of() : Map.of(RequestField.RAM, ram));
  }

  Optional<Spec> parsed(String text) {
    return reader.read(text) instanceof Validated.Valid<Spec> good
        ? Optional.of(good.value())
        : Optional.empty();
  }

  @BeforeEach
  void start() {
    thread.setDaemon(true);
    thread.start();
    loop.post(new Event.Resynced(Samples.BOOT, List.of(), List.of(), List.of()));
    readZones();
  }

  @AfterEach
  void end() throws InterruptedException {
    loop.close();
    thread.join(HANG_MILLIS);
    assertThat(thread.isAlive()).isFalse();
    assertThat(copies.toFile().delete()).as("no copy stays").isTrue();
  }

  void readZones() {
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(new SimulatedBoard().read())));
    // Also whatever that event has posted is done by then.
    loop.ask(state -> 0).join();
    loop.ask(state -> 0).join();
  }

  int coord(String... words) {
    return coord(new Caller("ada", true), words);
  }

  int coord(Caller caller, String... words) {
    return coord(80, caller, words);
  }

  int coord(int columns, Caller caller, String... words) {
    heard = new Heard();
    return service.run(
        new CommandLineRequest(
            List.of(words), "/home/ada", columns, Map.of("HOME", "/home/ada"), Map.of()),
        caller,
        heard);
  }
}
