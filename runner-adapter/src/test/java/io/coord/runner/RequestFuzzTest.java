package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.files.DirectFileAccess;
import io.coord.runner.files.LaunchPlanner;
import io.coord.runner.json.Requests;
import io.coord.runner.json.SpecReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a request looks like, the answer is a spec or faults, each a line for a person. */
class RequestFuzzTest {
  /** Seconds in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 5_000);

  private static final String COMMAND =
      Requests.forCommand(List.of("python3", "train.py", "--lr", "3"))
          .with(RequestField.ID, "warmup")
          .with(RequestField.NAME, "Warm up")
          .with(RequestField.WORKING_DIRECTORY, "/tmp")
          .withEnvironment(Map.of("PATH", "/usr/bin:/bin"))
          .with(RequestField.PRIORITY, "3")
          .with(RequestField.RAM, "1.5G")
          .with(RequestField.CPU, "80%")
          .with(RequestField.MAX_CRASHES, "3")
          .with(RequestField.RESTART_DELAY, "5s")
          .with(RequestField.MAX_DURATION, "1h30min")
          .with(RequestField.SUCCESS_FILE, "model.pt")
          .withAll(RequestField.SUCCESS_COMMAND, List.of("./check.sh", "model.pt"))
          .with(RequestField.NVPMODEL_MODE, "15W")
          .with(RequestField.MAX_TEMP_CELSIUS, "72.5")
          .toJson();

  private static final String CONFIG =
      """
      {"experiment_id": "amnesiac_001", "name": "Amnesia", "mode": "amnesiac_loop",
       "resource_constraints": {"ram_limit_gb": 2.0, "cpu_threads": 4}, "max_cycles": 20,
       "max_duration_seconds": null, "runner": ["python3", "runner.py"],
       "working_directory": "..", "priority": 0, "tags": ["memory", {"x": [1, 2.5, true]}]}
      """;

  private static final List<String> SPLINTERS =
      List.of(
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "null",
          "true",
          "-",
          "1e999999999",
          "1E-99999",
          "-0",
          "99999999999999999999999",
          "0.1",
          "\\u0000",
          "\\ud800",
          "\\udc00",
          "\0",
          "\n",
          "\ud800",
          "\udc00",
          "🧠",
          "ü",
          "\u001b",
          "\u2028",
          "%",
          "$",
          "/",
          "..",
          "\"\"",
          "{}",
          "[[[[",
          "\"id\":",
          "\"ram\":\"1G\",",
          "'",
          "\uFEFF",
          " ");

  @TempDir private Path folder;

  @Test
  void answersEveryMutationOfACommand() {
    Random random = new Random(1);
    int taken = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      taken += answers(mutate(COMMAND, random)) ? 1 : 0;
    }
    // Else the mutations are so wild that they test the parser only.
    assertThat(taken).isBetween(MUTATIONS / 100, MUTATIONS / 2);
  }

  @Test
  void answersEveryMutationOfAConfig() {
    Random random = new Random(2);
    int taken = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String request =
          Requests.forConfig(mutate(CONFIG, random), "/tmp/a/b.json")
              .with(RequestField.WORKING_DIRECTORY, "/tmp")
              .toJson();
      taken += answers(request) ? 1 : 0;
    }
    assertThat(taken).isBetween(MUTATIONS / 100, MUTATIONS / 2);
  }

  /** Whether the request was taken; a failure shows the request. */
  private boolean answers(String request) {
    Validated<Spec> checked;
    Validated<LaunchPlan> planned;
    try {
      checked = new SpecReader().read(request);
      if (!(checked instanceof Validated.Valid<Spec> good)) {
        areForPeople(((Validated.Invalid<Spec>) checked).errors(), request);
        return false;
      }
      planned = new LaunchPlanner(new DirectFileAccess()).plan(good.value(), folder, "ada");
    } catch (RuntimeException | StackOverflowError thrown) {
      throw new AssertionError("thrown at " + Quoting.oneLine(request, 5_000), thrown);
    }
    if (planned instanceof Validated.Invalid<LaunchPlan> bad) {
      areForPeople(bad.errors(), request);
    }
    return true;
  }

  private static void areForPeople(List<ValidationError> faults, String request) {
    assertThat(faults).as(request).isNotEmpty();
    for (ValidationError fault : faults) {
      boolean oneLine =
          !fault.problem().isBlank()
              && fault.toString().codePoints().noneMatch(Quoting::isUnprintable)
              && fault.toString().length() < 600;
      if (!oneLine) {
        throw new AssertionError(Quoting.oneLine(fault.toString(), 5_000) + " for " + request);
      }
    }
  }

  private static String mutate(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(mutated.length());
      int end = Math.min(mutated.length(), at + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> mutated.delete(at, end);
        case 1 -> mutated.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 2 -> mutated.replace(at, end, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 3 -> mutated.insert(random.nextInt(mutated.length()), mutated.substring(at, end));
        default -> mutated.setCharAt(at, (char) (' ' + random.nextInt(95)));
      }
    }
    return mutated.toString();
  }
}
