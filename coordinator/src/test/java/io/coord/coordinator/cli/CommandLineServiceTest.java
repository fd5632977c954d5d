package io.coord.coordinator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.coordinator.api.Caller;
import io.coord.coordinator.api.Coordinator;
import io.coord.coordinator.core.Climate;
import io.coord.coordinator.core.Decider;
import io.coord.coordinator.core.Event;
import io.coord.coordinator.core.Limits;
import io.coord.coordinator.core.Power;
import io.coord.coordinator.core.Remembered;
import io.coord.coordinator.core.Samples;
import io.coord.coordinator.core.State;
import io.coord.coordinator.core.Surroundings;
import io.coord.coordinator.loop.Folders;
import io.coord.coordinator.loop.Instances;
import io.coord.coordinator.loop.Loop;
import io.coord.coordinator.loop.Runner;
import io.coord.coordinator.quartz.QuartzCronTimes;
import io.coord.persistence.Experiment;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.runner.CheckOutcome;
import io.coord.runner.Checked;
import io.coord.runner.CycleReport;
import io.coord.runner.Fault;
import io.coord.runner.Launch;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Verdict;
import io.coord.runner.json.RequestField;
import io.coord.runner.json.Requests;
import io.coord.runner.json.SpecReader;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedPowerModes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Command lines against a coordinator whose hands do nothing: what is dispatched stays starting.
 */
class CommandLineServiceTest {
  private static final long GIB = 1L << 30;

  /** Launches everything, and finds everything complete. */
  private static final class Willing implements Runner, Folders {
    @Override
    public Checked<Launch> plan(Spec spec, Path folder) {
      return new Checked.Good<>(
          new Launch(List.of("/x"), Path.of("/"), Map.of(), Map.of(), List.of()));
    }

    @Override
    public Verdict verify(
        Spec spec, Path folder, Optional<CycleReport> last, Optional<CheckOutcome> check) {
      return new Verdict.Complete("all there");
    }

    @Override
    public Optional<RunnerFacts> facts(Spec spec, Path folder) {
      return Optional.empty();
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

  private static Path copies() {
    try {
      return Files.createTempDirectory("coord-copies-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Heard implements Output {
    final StringBuilder files = new StringBuilder();

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
    final List<String> errors = new ArrayList<>();

    @Override
    public void out(byte[] bytes, int offset, int length) {
      text.append(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void error(String line) {
      errors.add(line);
    }

    @Override
    public void keepAlive() {}

    @Override
    public void need(List<String> needs) {
      throw new AssertionError("asks for " + needs);
    }
  }

  private final SpecReader reader = new SpecReader();
  private final InMemoryLedger ledger = new InMemoryLedger();
  private final QuartzCronTimes times = new QuartzCronTimes(ZoneId.of("UTC"));
  private volatile Instant now = Samples.START;
  private final Limits limits =
      new Limits(2, 8 * GIB, GIB, Thresholds.DEFAULT, new TreeMap<>(Map.of("G", 1)));
  private final Decider decider = new Decider(limits, times);
  private final Loop loop =
      new Loop(
          new State(
              new Remembered(
                  List.of(),
                  0,
                  Optional.empty(),
                  List.of(),
                  List.of(),
                  name -> Optional.empty(),
                  id -> ledger.find(id).map(Experiment::state)),
              Surroundings.unknown(
                  Climate.unknown(Heat.unknown(Samples.START), Power.unknown(Optional.empty(), 4))),
              this::parsed),
          decider,
          ledger,
          () -> Samples.moment(now),
          post -> effect -> {});
  private final Thread thread = new Thread(loop::run, "loop");
  private final Willing willing = new Willing();
  private final CommandLineService service =
      new CommandLineService(
          new Coordinator(
              loop,
              decider,
              limits,
              ledger,
              new Coordinator.Checks(
                  reader::read, this::withWhatIsSet, willing, instance -> List.of()),
              willing,
              new Instances(Optional.empty()),
              copies(),
              new NoInstruments(),
              () -> Samples.moment(now)),
          () -> now);
  private Heard heard = new Heard();

  /** What the administrator has set, by id; a text that is no size is a fault of his file. */
  private final Map<String, String> ramSet = new TreeMap<>();

  private Checked<String> withWhatIsSet(String id, String request) {
    String ram = ramSet.getOrDefault(id, "");
    if (ram.equals("wrong")) {
      return new Checked.Bad<>(List.of(new Fault("/etc/x/" + id + ".env:2", "it is wrong")));
    }
    return new Checked.Good<>(
        ram.isEmpty() ? request : Requests.completed(request, Map.of(RequestField.RAM, ram)));
  }

  private Optional<Spec> parsed(String text) {
    return reader.read(text) instanceof Checked.Good<Spec> good
        ? Optional.of(good.value())
        : Optional.empty();
  }

  @BeforeEach
  void start() {
    thread.setDaemon(true);
    thread.start();
    loop.post(new Event.Surveyed(Samples.BOOT, List.of(), List.of(), List.of()));
    readZones();
  }

  @AfterEach
  void end() throws InterruptedException {
    loop.close();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private void readZones() {
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(new SimulatedBoard().read())));
    // Also whatever that event has posted is done by then.
    loop.ask(state -> 0).join();
    loop.ask(state -> 0).join();
  }

  private int coord(String... words) {
    return coord(new Caller("ada", true), words);
  }

  private int coord(Caller caller, String... words) {
    heard = new Heard();
    return service.run(
        new CommandLineRequest(
            List.of(words), "/home/ada", 80, Map.of("HOME", "/home/ada"), Map.of()),
        caller,
        heard);
  }

  @Test
  void aBackupIsSentToTheCallerAndForTheOperatorOnly() {
    assertThat(coord("enqueue", "--id", "secret", "--", "true")).isZero();
    assertThat(coord("backup", "copy.db")).isZero();
    assertThat(heard.files.toString()).startsWith("copy.db<").contains("secret").endsWith(">");
    assertThat(heard.text.toString()).isEqualTo("written to copy.db\n");
    assertThat(coord("backup", "--force", "copy.db")).isZero();
    assertThat(heard.files.toString()).startsWith("copy.db!<");
    assertThat(coord(new Caller("eve", false), "backup", "copy.db")).isEqualTo(2);
    assertThat(heard.files.toString()).isEmpty();
  }

  @Test
  void aDamagedLedgerTakesNothingInAndSaysWhatToDo() {
    ledger.damage("it is damaged: page 7");
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isEqualTo(75);
    assertThat(heard.errors.toString()).contains("page 7", "nothing new is taken in");
    assertThat(coord("schedule", "--id", "x", "--cron", "0 3 * * *", "--", "true")).isEqualTo(75);
    assertThat(coord("status")).isZero();
    assertThat(heard.text.toString()).contains("database", "page 7", "sets the damaged file aside");
  }

  @Test
  void aScheduleWhoseExperimentsWouldHaveTooLongIdsIsRefused() {
    String longest = "x".repeat(53);
    assertThat(coord("schedule", "--id", longest, "--cron", "0 3 * * *", "--", "true")).isZero();
    assertThat(coord("schedule", "--id", longest + "x", "--cron", "0 3 * * *", "--", "true"))
        .isEqualTo(2);
    assertThat(heard.errors.toString()).contains("numbered after it", "nothing was scheduled");
  }

  @Test
  void enqueuesWithAllThatAnExperimentCanWaitFor() {
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isZero();
    assertThat(heard.text.toString()).isEqualTo("x\n");
    assertThat(
            coord(
                "enqueue",
                "--id",
                "y",
                "--after",
                "x",
                "--after-any",
                "x",
                "--group",
                "G",
                "--not-before",
                "2026-11-22T08:00:00Z",
                "--unique-key",
                "k",
                "--max-duration",
                "2h",
                "--no-progress",
                "10min",
                "--restart-delay",
                "5s",
                "--restart-max-delay",
                "1min",
                "--",
                "train",
                "--after",
                "z"))
        .as(heard.errors.toString())
        .isZero();
    Spec spec = parsed(ledger.find("y").orElseThrow().spec()).orElseThrow();
    assertThat(spec.ordering())
        .isEqualTo(
            new Spec.Ordering(
                "G",
                List.of("x"),
                List.of("x"),
                Optional.of(Instant.parse("2026-11-22T08:00:00Z")),
                Optional.of("k")));
    assertThat(spec.task()).isEqualTo(new Spec.Command(List.of("train", "--after", "z")));
    assertThat(spec.maxDuration()).contains(java.time.Duration.ofHours(2));
    assertThat(spec.noProgress()).contains(java.time.Duration.ofMinutes(10));
    assertThat(spec.restartMaxDelay()).contains(java.time.Duration.ofMinutes(1));
    coord("status", "y");
    assertThat(heard.text.toString()).contains("waits for 'x' to end");
  }

  @Test
  void takesACheckWordByWordOrAsALine() {
    assertThat(
            coord(
                "enqueue",
                "--id",
                "words",
                "--success-argument=--strict",
                "--success-command",
                "./check.sh",
                "--success-argument",
                "two words, $x",
                "--",
                "true"))
        .as(heard.errors.toString())
        .isZero();
    assertThat(coord("enqueue", "--id", "line", "--success-shell", "test -s out", "--", "true"))
        .isZero();

    assertThat(parsed(ledger.find("words").orElseThrow().spec()).orElseThrow().successCommand())
        .containsExactly("./check.sh", "--strict", "two words, $x");
    assertThat(parsed(ledger.find("line").orElseThrow().spec()).orElseThrow().successCommand())
        .containsExactly("/bin/sh", "-c", "test -s out");
  }

  @Test
  void refusesACheckThatIsTwoOrHalf() {
    assertThat(coord("enqueue", "--success-argument", "x", "--", "true")).isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("--success-argument is given without --success-command");
    assertThat(coord("enqueue", "--success-shell", "x", "--success-command", "x", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("--success-command and --success-shell exclude each other");
  }

  @Test
  void takesWhatItAsksOfTheBoard() {
    SimulatedPowerModes board = new SimulatedPowerModes();
    loop.post(new Event.PowerSeen(Optional.of(board.modes()), board.current(), "", 8));
    assertThat(
            coord(
                "enqueue",
                "--id",
                "a",
                "--power-mode",
                "MODE_15W",
                "--max-temperature",
                "72.5",
                "--",
                "true"))
        .as(heard.errors.toString())
        .isZero();

    assertThat(parsed(ledger.find("a").orElseThrow().spec()).orElseThrow().conditions())
        .isEqualTo(new Spec.Conditions(Optional.of("MODE_15W"), OptionalInt.of(72_500)));
  }

  @Test
  void refusesWhatNoBoardCanDo() {
    assertThat(coord("enqueue", "--power-mode", "15 W", "--max-temperature", "200", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("nvpmodel_mode: '15 W' is not a power mode")
        .contains("max_temp_celsius: '200' is out of range; use 30 to 125 (°C)");
  }

  @Test
  void storesWhatTheAdministratorHasSetUnlessTheRequestSaysOtherwise() {
    ramSet.put("a", "512M");
    ramSet.put("b", "512M");
    assertThat(coord("enqueue", "--id", "a", "--", "true")).isZero();
    assertThat(coord("enqueue", "--id", "b", "--ram", "256M", "--", "true")).isZero();
    assertThat(coord("enqueue", "--id", "c", "--", "true")).isZero();

    assertThat(parsed(ledger.find("a").orElseThrow().spec()).orElseThrow().ramBytes())
        .hasValue(512L << 20);
    assertThat(ledger.find("a").orElseThrow().ramBytes()).isEqualTo(512L << 20);
    assertThat(ledger.find("b").orElseThrow().ramBytes()).isEqualTo(256L << 20);
    assertThat(ledger.find("c").orElseThrow().ramBytes()).isEqualTo(GIB);
  }

  @Test
  void aScheduleHasWhatIsSetForItsOwnId() {
    ramSet.put("nightly", "512M");
    assertThat(coord("schedule", "--id", "nightly", "--cron", "0 3 * * *", "--", "true")).isZero();

    assertThat(ledger.schedules())
        .singleElement()
        .satisfies(
            schedule ->
                assertThat(parsed(schedule.spec()).orElseThrow().ramBytes()).hasValue(512L << 20));
  }

  @Test
  void refusesWholeWhatTheAdministratorHasSetWrong() {
    ramSet.put("a", "wrong");
    assertThat(coord("enqueue", "--id", "a", "--", "true")).isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("/etc/x/a.env:2: it is wrong", "nothing was enqueued");
    assertThat(ledger.find("a")).isEmpty();
    assertThat(coord("schedule", "--id", "a", "--cron", "0 3 * * *", "--", "true")).isEqualTo(2);
    assertThat(heard.errors.toString())
        .contains("/etc/x/a.env:2: it is wrong", "nothing was scheduled");
  }

  @Test
  void refusesToRunAfterNobody() {
    assertThat(coord("enqueue", "--id", "y", "--after", "nobody", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors).hasSize(1).first().asString().contains("no experiment has that id");
    assertThat(ledger.find("y")).isEmpty();
  }

  @Test
  void drainsAndResumes() {
    assertThat(coord("drain")).isZero();
    coord("enqueue", "--id", "x", "--", "true");
    coord("list");
    assertThat(heard.text.toString()).contains("x").contains("queued");
    coord("status");
    assertThat(heard.text.toString()).contains("drain");
    assertThat(coord("resume")).isZero();
    coord("list");
    assertThat(heard.text.toString()).contains("starting");
    assertThat(coord(new Caller("eve", false), "drain")).isEqualTo(ExitCodes.USER);
  }

  @Test
  void enablesAndDisables() {
    coord("enqueue", "--id", "x", "--", "true");
    assertThat(coord("disable", "x")).isZero();
    assertThat(ledger.find("x").orElseThrow().autostart()).isFalse();
    assertThat(coord("enable", "x")).isZero();
    assertThat(ledger.find("x").orElseThrow().autostart()).isTrue();
  }

  @Test
  void schedulesAndShowsAndUnschedules() {
    assertThat(coord("schedule", "--id", "s", "--cron", "*/10 * * * *", "--", "true")).isZero();
    assertThat(heard.text.toString()).contains("fires first at 2026-11-20T12:10:00Z");
    coord("schedules");
    assertThat(heard.text.toString()).contains("s").contains("*/10 * * * *");
    now = now.plusSeconds(600);
    readZones();
    assertThat(ledger.find("s-0001")).isPresent();
    assertThat(coord("unschedule", "s")).isZero();
    assertThat(coord("schedule", "--id", "t", "--cron", "0 3 31 2 *", "--", "true"))
        .isEqualTo(ExitCodes.USER);
  }

  @Test
  void aScheduleLeavesOutAnIdThatIsTaken() {
    coord("drain");
    coord("enqueue", "--id", "s-0001", "--", "true");
    coord("stop", "s-0001");
    coord("schedule", "--id", "s", "--cron", "*/10 * * * *", "--", "true");
    now = now.plusSeconds(600);
    readZones();
    assertThat(ledger.find("s-0002")).isPresent();
    assertThat(ledger.schedules().get(0).nextNumber()).isEqualTo(3);
  }
}
