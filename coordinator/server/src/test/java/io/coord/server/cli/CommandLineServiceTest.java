package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.runner.Spec;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.PowerState;
import io.coord.server.api.Caller;
import io.coord.server.api.ExitCodes;
import io.coord.thermal.testing.SimulatedPowerModes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Command lines about experiments. */
class CommandLineServiceTest extends CommandLines {

  /** The tests run from classes, the program from a jar whose manifest has the version. */
  @Test
  void noMessageHasControlCharactersOfItsCaller() {
    for (String[] line :
        new String[][] {
          {"w\u001b[31mb"},
          {"list", "--\u001b[31m"},
          {"status", "a\u001b[31m"},
          {"logs", "-n", "\u001b"}
        }) {
      assertThat(coord(line)).isEqualTo(2);
      assertThat(heard.errors).isNotEmpty().noneMatch(error -> error.contains("\u001b"));
    }
  }

  @Test
  void printsTheVersionOfTheBuild() {
    assertThat(coord("--version")).isZero();
    assertThat(heard.text.toString()).isEqualTo("coord (not packaged)\n");
  }

  @Test
  void saysWhatIsWrongWithACommandLine() {
    assertMisuse("coord: no command given; see 'coord --help'");
    assertMisuse("coord: unknown command 'staus'; did you mean 'status'?", "staus");
    assertMisuse("coord: unexpected argument 'y'", "status", "x", "y");
    assertMisuse("coord: unknown option '--nonsense'", "list", "--nonsense");
    assertMisuse("coord: unknown option '--jsn'; did you mean '--json'?", "list", "--jsn");
    assertMisuse(
        "coord: unknown option '--priorty'; did you mean '--priority'?", "enqueue", "--priorty=3");
    assertMisuse("coord: missing required parameter: 'FILE'", "backup");
  }

  private void assertMisuse(String message, String... words) {
    assertThat(coord(words)).isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.get(0)).isEqualTo(message);
  }

  @Test
  void aBackupIsSentToTheCallerAndForTheOperatorOnly() {
    assertThat(coord("enqueue", "--id", "secret", "--", "true")).isZero();
    assertThat(coord("backup", "copy.db")).isZero();
    assertThat(heard.files.toString()).startsWith("copy.db<").contains("secret").endsWith(">");
    assertThat(heard.text.toString()).isEqualTo("copy written to copy.db\n");
    assertThat(coord("backup", "--force", "copy.db")).isZero();
    assertThat(heard.files.toString()).startsWith("copy.db!<");
    assertThat(coord(new Caller("eve", false), "backup", "copy.db")).isEqualTo(2);
    assertThat(heard.files.toString()).isEmpty();
  }

  @Test
  void aDamagedLedgerTakesNothingInAndSaysWhatToDo() {
    ledger.damage("the file is damaged: page 7");
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isEqualTo(75);
    assertThat(heard.errors.toString()).contains("page 7", "new requests are refused");
    assertThat(coord("schedule", "--id", "x", "--cron", "0 3 * * *", "--", "true")).isEqualTo(75);
    assertThat(coord("status")).isZero();
    assertThat(heard.text.toString()).contains("database", "page 7", "is renamed");
  }

  @Test
  void noValueOfAVariableIsEverShown() {
    String[] secret = {"--env", "TOKEN=geheim", "--", "true"};
    assertThat(coord(with(secret, "enqueue", "--id", "x", "--json"))).isZero();
    assertThat(ledger.spec("x").orElseThrow()).as("it is kept").contains("geheim");
    StringBuilder shown = new StringBuilder(heard.text);
    assertThat(coord(with(secret, "schedule", "--id", "s", "--cron", "0 3 * * *"))).isZero();
    shown.append(heard.text);
    for (String line :
        List.of(
            "status",
            "status --json",
            "status x",
            "status x --json",
            "list",
            "list --json",
            "schedules",
            "schedules --json",
            "hold x",
            "doctor",
            "stop --no-wait x",
            "status x --json")) {
      coord(line.split(" ", -1));
      shown.append(heard.text).append(heard.errors);
    }
    // Refused, for the name of another variable, for another reason, and as the value itself.
    assertThat(coord("enqueue", "--env", "A B=geheim", "--", "true")).isEqualTo(2);
    shown.append(heard.errors);
    assertThat(coord("enqueue", "--env", "A=geheim\0", "--", "true")).isEqualTo(2);
    shown.append(heard.errors);
    assertThat(coord(with(secret, "enqueue", "--ram", "much"))).isEqualTo(2);
    shown.append(heard.errors);
    assertThat(shown.toString()).contains("much", "A B").doesNotContain("geheim");
  }

  @Test
  void anExperimentGetsTheVariablesOfTheListAndThoseThatAreNamed() {
    heard = new Heard();
    int code =
        service.run(
            new CommandLineRequest(
                List.of("enqueue", "--id", "x", "--env", "MINE", "--", "true"),
                "/home/ada",
                80,
                Map.of("HOME", "/home/ada", "MINE", "1", "AWS_SECRET", "2", "CUDA_HOME", "/cuda"),
                Map.of()),
            new Caller("ada", false),
            heard);
    assertThat(code).as(heard.errors.toString()).isZero();
    assertThat(parsed(ledger.spec("x").orElseThrow()).orElseThrow().environment())
        .containsOnlyKeys("HOME", "MINE", "CUDA_HOME");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                  | http_proxy HF_TOKEN | HF_TOKEN, http_proxy",
        "--env-from HF_TOKEN                 | http_proxy HF_TOKEN | http_proxy",
        "--env-from HF_* --env http_proxy    | http_proxy HF_TOKEN | ''",
        "--env HF_TOKEN=other                | HF_TOKEN            | ''",
        "''                                  | AWS_X MINE OTHER    | AWS_X",
        "''                                  | CUDA_HOME SITE_ONE  | ''",
      })
  void namesTheKnownVariablesThatAreNotPassed(String options, String set, String named) {
    heard = new Heard();
    Map<String, String> environment = new TreeMap<>();
    for (String variable : set.split(" ", -1)) {
      environment.put(variable, "geheim");
    }
    List<String> argv = new ArrayList<>(List.of("enqueue", "--id", "x"));
    Stream.of(options.split(" ", -1)).filter(word -> !word.isEmpty()).forEach(argv::add);
    argv.addAll(List.of("--", "true"));

    int code =
        service.run(
            new CommandLineRequest(argv, "/home/ada", 80, environment, Map.of()),
            new Caller("ada", false),
            heard);

    assertThat(code).as(heard.errors.toString()).isZero();
    assertThat(heard.errors)
        .isEqualTo(
            named.isEmpty()
                ? List.of()
                : List.of(
                    "coord: not passed to the experiment: "
                        + named
                        + "; '--env-from NAME' passes one, PASS_ENVIRONMENT in coordinator.env"
                        + " always"));
    assertThat(parsed(ledger.spec("x").orElseThrow()).orElseThrow().environment())
        .doesNotContainKeys(named.split(", ", -1));
  }

  @Test
  void aVariableToTakeFromTheCallerMustBeThere() {
    assertThat(coord("enqueue", "--id", "x", "--env-from", "HF_TOKEN", "--", "true")).isEqualTo(2);
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot enqueue: --env-from HF_TOKEN: there is no such variable in your"
                + " environment; nothing was enqueued");
    assertThat(coord("enqueue", "--id", "x", "--env-from", "A=1", "--", "true")).isEqualTo(2);
    assertThat(heard.errors.toString()).contains("--env-from 'A=1' is not the name of a variable");
    assertThat(ledger.find("x")).isEmpty();
  }

  @Test
  void othersThanTheOwnerMayOnlyLook() {
    Caller eve = new Caller("eve", false);
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isZero();
    for (String verb : List.of("stop", "hold", "release", "enable", "disable", "logs")) {
      assertThat(coord(eve, verb, "x")).as(verb).isEqualTo(2);
      assertThat(heard.errors.toString()).as(verb).contains("owned by ada");
    }
    for (String verb : List.of("drain", "resume")) {
      assertThat(coord(eve, verb)).as(verb).isEqualTo(2);
      assertThat(heard.errors.toString()).as(verb).contains("only the operator may");
    }
    assertThat(coord(eve, "status", "x")).isZero();
  }

  @Test
  void whatCannotBeToldNowMayBeTriedAgain() {
    accounts.silent = true;
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isEqualTo(75);
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot enqueue: cannot look up 'ada'; nothing was enqueued, try again");
    assertThat(coord("schedule", "--id", "s", "--cron", "0 3 * * *", "--", "true")).isEqualTo(75);
    assertThat(heard.errors.toString()).contains("nothing was scheduled, try again");
    assertThat(ledger.find("x")).isEmpty();
    assertThat(coordinator.schedules().list().join()).isEmpty();
  }

  private static String[] with(String[] rest, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
  }

  @Test
  void whatWouldRunAsRootIsRefusedWithWhatToDo() {
    accounts.refused.put("root", "'root' is root; do this");
    Caller root = new Caller("root", true);
    assertThat(coord(root, "enqueue", "--id", "x", "--", "true")).isEqualTo(2);
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot enqueue: owner: 'root' is root; do this; nothing was enqueued");
    assertThat(coord(root, "schedule", "--id", "s", "--cron", "0 3 * * *", "--", "true"))
        .isEqualTo(2);
    assertThat(heard.errors.toString()).contains("do this", "nothing was scheduled");
    assertThat(ledger.find("x")).isEmpty();
  }

  @Test
  void anOperatorEnqueuesAndSchedulesForOthersWithoutWhatIsHisOwn() {
    accounts.refused.put("root", "'root' is root");
    Caller root = new Caller("root", true);
    assertThat(coord(root, "enqueue", "--as", "eve", "--id", "x", "--", "true"))
        .as(heard.errors.toString())
        .isZero();
    assertThat(ledger.find("x").orElseThrow().submission().owner()).isEqualTo("eve");
    assertThat(parsed(ledger.spec("x").orElseThrow()).orElseThrow().environment())
        .doesNotContainKey("HOME");
    assertThat(
            coord(
                root, "schedule", "--as", "eve", "--id", "s", "--cron", "0 3 * * *", "--", "true"))
        .isZero();
    assertThat(coordinator.schedules().list().join().get(0).schedule().owner()).isEqualTo("eve");
    assertThat(coord(root, "enqueue", "--as", "root", "--", "true")).isEqualTo(2);
    assertThat(coord(new Caller("eve", false), "enqueue", "--as", "eve", "--", "true"))
        .isEqualTo(2);
    assertThat(heard.errors.toString()).contains("as: ", "only the operator may");
    accounts.areOneUsers();
    assertThat(coord(root, "enqueue", "--as", "eve", "--", "true")).isEqualTo(2);
    assertThat(heard.errors.toString()).contains("run as one user");
  }

  @Test
  void aScheduleWhoseExperimentsWouldHaveTooLongIdsIsRefused() {
    String longest = "x".repeat(53);
    assertThat(coord("schedule", "--id", longest, "--cron", "0 3 * * *", "--", "true")).isZero();
    assertThat(coord("schedule", "--id", longest + "x", "--cron", "0 3 * * *", "--", "true"))
        .isEqualTo(2);
    assertThat(heard.errors.toString()).contains("shorten the id by 11", "nothing was scheduled");
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
    Spec spec = parsed(ledger.spec("y").orElseThrow()).orElseThrow();
    assertThat(spec.ordering())
        .isEqualTo(
            new Spec.Ordering(
                "G",
                List.of("x"),
                List.of("x"),
                Optional.of(Instant.parse("2026-11-22T08:00:00Z")),
                Optional.of("k")));
    assertThat(spec.task()).isEqualTo(new Spec.Command(List.of("train", "--after", "z")));
    assertThat(spec.times().maxDuration()).contains(java.time.Duration.ofHours(2));
    assertThat(spec.times().noProgress()).contains(java.time.Duration.ofMinutes(10));
    assertThat(spec.restart().maxDelay()).contains(java.time.Duration.ofMinutes(1));
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

    assertThat(parsed(ledger.spec("words").orElseThrow()).orElseThrow().success().command())
        .containsExactly("./check.sh", "--strict", "two words, $x");
    assertThat(parsed(ledger.spec("line").orElseThrow()).orElseThrow().success().command())
        .containsExactly("/bin/sh", "-c", "test -s out");
  }

  @Test
  void refusesACheckThatIsTwoOrHalf() {
    assertThat(coord("enqueue", "--success-argument", "x", "--", "true")).isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString()).contains("--success-argument requires --success-command");
    assertThat(coord("enqueue", "--success-shell", "x", "--success-command", "x", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("give only one of --success-command and --success-shell");
  }

  @Test
  void takesWhatItAsksOfTheBoard() {
    SimulatedPowerModes board = new SimulatedPowerModes();
    loop.post(
        new Event.PowerSeen(
            new PowerState.Reading(Optional.of(board.modes()), board.current(), "", 8)));
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

    assertThat(parsed(ledger.spec("a").orElseThrow()).orElseThrow().conditions())
        .isEqualTo(new Spec.Conditions(Optional.of("MODE_15W"), OptionalInt.of(72_500)));
  }

  @Test
  void refusesWhatNoBoardCanDo() {
    assertThat(coord("enqueue", "--power-mode", " ", "--max-temperature", "200", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors.toString())
        .contains("nvpmodel_mode: ' ' is not a power mode")
        .contains("max_temp_celsius: '200' is out of range; use 30 to 125 (°C)");
  }

  @Test
  void storesWhatTheAdministratorHasSetUnlessTheRequestSaysOtherwise() {
    ramSet.put("a", "512M");
    ramSet.put("b", "512M");
    assertThat(coord("enqueue", "--id", "a", "--", "true")).isZero();
    assertThat(coord("enqueue", "--id", "b", "--ram", "256M", "--", "true")).isZero();
    assertThat(coord("enqueue", "--id", "c", "--", "true")).isZero();

    assertThat(parsed(ledger.spec("a").orElseThrow()).orElseThrow().resources().ramBytes())
        .hasValue(512L << 20);
    assertThat(ledger.find("a").orElseThrow().submission().ramBytes()).isEqualTo(512L << 20);
    assertThat(ledger.find("b").orElseThrow().submission().ramBytes()).isEqualTo(256L << 20);
    assertThat(ledger.find("c").orElseThrow().submission().ramBytes()).isEqualTo(GIB);
  }

  @Test
  void aScheduleHasWhatIsSetForItsOwnId() {
    ramSet.put("nightly", "512M");
    assertThat(coord("schedule", "--id", "nightly", "--cron", "0 3 * * *", "--", "true")).isZero();

    assertThat(ledger.schedules())
        .singleElement()
        .satisfies(
            schedule ->
                assertThat(parsed(schedule.spec()).orElseThrow().resources().ramBytes())
                    .hasValue(512L << 20));
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
    assertThat(heard.errors)
        .hasSize(1)
        .first()
        .asString()
        .contains("dependency 'nobody' does not exist");
    assertThat(ledger.find("y")).isEmpty();
  }

  @Test
  void aListIsBoundedAndSaysWhatItLeavesOut() {
    coord("drain");
    for (int i = 0; i < 205; i++) {
      coord("enqueue", "--", "true");
    }

    coord("list");
    assertThat(heard.text.toString().lines()).hasSize(202);
    assertThat(heard.text.toString())
        .endsWith("(5 more that have not ended are left out; 'coord list --all' lists them)\n");
    coord("list", "--all");
    assertThat(heard.text.toString().lines()).hasSize(206);
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
    assertThat(heard.text.toString()).contains("first run at 2026-11-20T12:10Z, UTC");
    coord("schedules");
    assertThat(heard.text.toString())
        .contains("s")
        .contains("*/10 * * * *")
        .contains("NEXT TIMES, UTC")
        .contains("s   Fri 2026-11-20 12:10:00 +00:00")
        .contains("s   Fri 2026-11-20 12:50:00 +00:00")
        .doesNotContain("13:00:00");
    coord("schedules", "--json");
    assertThat(heard.text.toString())
        .contains("\"time_zone\" : \"UTC\"")
        .contains("\"next_times\" : [ \"2026-11-20T12:10:00Z\",")
        .contains("\"2026-11-20T12:50:00Z\" ]")
        .contains("\"problem\" : null");
    now = now.plusSeconds(600);
    readZones();
    assertThat(ledger.find("s-0001")).isPresent();
    assertThat(coord("unschedule", "s")).isZero();
    assertThat(coord("schedule", "--id", "t", "--cron", "0 3 31 2 *", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot schedule 't': cron expression '0 3 31 2 *' never fires; nothing was"
                + " scheduled");
    assertThat(coord("schedule", "--id", "t", "--cron", "61 * * * *", "--", "true"))
        .isEqualTo(ExitCodes.USER);
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot schedule 't': cron expression '61 * * * *': minute 61 is out of range"
                + " (0-59); nothing was scheduled");
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

  @ParameterizedTest
  @CsvSource({"stop", "status", "logs", "wait"})
  void namesTheIdThatWasProbablyMeant(String verb) {
    coord("drain");
    coord("enqueue", "--id", "ablation-3", "--", "true");
    coord("enqueue", "--id", "baseline", "--", "true");

    heard = new Heard();
    assertThat(coord(verb, "ablaton-3")).isEqualTo(ExitCodes.USER);

    assertThat(heard.errors)
        .singleElement()
        .asString()
        .endsWith(" 'ablaton-3': no such experiment; did you mean 'ablation-3'?");
  }

  @Test
  void aRequestForSeveralIsCarriedOutForAllThatAllowIt() throws Exception {
    coord("drain");
    for (String id : List.of("a", "b", "c")) {
      coord("enqueue", "--id", id, "--", "true");
    }
    assertThat(coord("stop", "b")).isZero();

    assertThat(coord("stop", "a", "b", "nosuch", "c")).isEqualTo(ExitCodes.USER);

    assertThat(heard.text.toString()).contains("a stopped", "c stopped");
    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot stop 'b': already stopped",
            "coord: cannot stop 'nosuch': no such experiment; see 'coord list'");
    coord("enqueue", "--id", "d", "--", "true");
    coord("hold", "--json", "a", "d");
    JsonNode results = new ObjectMapper().readTree(heard.text.toString());
    assertThat(results.get(0).path("id").asText()).isEqualTo("a");
    assertThat(results.get(0).path("code").asText()).isEqualTo("wrong-state");
    assertThat(results.get(1).path("state").asText()).isEqualTo("held");
  }

  @Test
  void showsTheFingerprintOfTheCommand() throws Exception {
    coord("enqueue", "--id", "a", "--", "train", "--seed", "7");
    heard = new Heard();

    assertThat(coord("status", "a", "--json")).isEqualTo(ExitCodes.OK);

    assertThat(new ObjectMapper().readTree(heard.text.toString()).get("fingerprint").asText())
        .matches("[0-9a-f]{16}");
  }
}
