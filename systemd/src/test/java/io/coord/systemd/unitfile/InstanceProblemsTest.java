package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.InstanceSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceProblemsTest {
  private static final Path FOLDER = Path.of("/work");

  @Test
  void findsNothingInAnOrdinarySpec() {
    assertThat(problems(InstanceSpecs.of("amnesiac_001", FOLDER, "/bin/true", "a", ""))).isEmpty();
  }

  @Test
  void reportsAllProblemsTogether() {
    assertThat(
            problems(
                InstanceSpecs.of("a/b", Path.of("rel"), "true", "x\0")
                    .description("a\nb")
                    .user("root\nx")
                    .environment(Map.of("INVOCATION_ID", "secret\u0001"))
                    .context(Map.of("HOME", "/"), -1)
                    .restarts(-1)
                    .resources(
                        new InstanceSpec.ResourceControl(
                            OptionalLong.of(0), OptionalInt.of(-5), OptionalInt.of(0)))
                    .timeouts(
                        new InstanceSpec.Timeouts(
                            Optional.of(Duration.ZERO),
                            Optional.of(Duration.ofSeconds(-1)),
                            Optional.of(Duration.ofDays(1_000_000))))))
        .hasSize(18)
        .noneMatch(problem -> problem.contains("secret"))
        .anyMatch(problem -> problem.startsWith("instance name 'a/b' is not"))
        .contains(
            "description contains the control character U+000A, which systemd refuses here",
            "program 'true' is not an absolute path",
            "argument 1 contains the character NUL, which cannot be passed to a program",
            "working directory is not an absolute path",
            "variable 'INVOCATION_ID' contains the control character U+0001, which systemd refuses"
                + " here",
            "variable 'INVOCATION_ID' is reserved for systemd or coord",
            "context variable 'HOME' does not begin with COORD_",
            "number of exit records seen is negative: -1",
            "memory limit is not above zero: 0",
            "stop timeout is not between 1 microsecond and 100 years: PT0S");
  }

  @Test
  void reportsProblemsOfASuccessCheck() {
    InstanceSpecs specs = InstanceSpecs.of("a", FOLDER, "/bin/true");
    Duration limit = Duration.ofSeconds(20);
    assertThat(problems(specs.check(limit, "/bin/test", "-s", "$x\n%n"))).isEmpty();
    assertThat(problems(specs.check(limit, "test", "x\0")))
        .containsExactly(
            "success check's program 'test' is not an absolute path",
            "success check's argument 1 contains the character NUL, which cannot be passed to a"
                + " program");
    assertThat(problems(specs.check(limit))).containsExactly("success check's command is empty");
    assertThat(problems(specs.check(Duration.ofSeconds(30), "/bin/true")))
        .containsExactly(
            "time limit of the success check is not less than the stop timeout PT30S: PT30S");
    assertThat(problems(specs.check(Duration.ZERO, "/bin/true")))
        .containsExactly(
            "time limit of the success check is not between 1 microsecond and 100 years: PT0S");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SERVICE_RESULT",
        "EXIT_CODE",
        "EXIT_STATUS",
        "INVOCATION_ID",
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "WATCHDOG_USEC",
        "COORD_RUN",
        "COORD_ANYTHING"
      })
  void refusesReservedVariables(String name) {
    assertThat(InstanceProblems.isReserved(name)).isTrue();
    assertThat(problems(InstanceSpecs.of("a", FOLDER, "/bin/true").environment(Map.of(name, "x"))))
        .containsExactly("variable '" + name + "' is reserved for systemd or coord");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"})
  void allowsOtherVariables(String name) {
    assertThat(InstanceProblems.isReserved(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", ".a", "-a", "a b", "a/b", "a\nb", "a@b", "a%b", "a\\x2db", "ä"})
  void refusesInstanceNames(String instance) {
    assertThat(problems(InstanceSpecs.of(instance, FOLDER, "/bin/true").description("")))
        .singleElement()
        .asString()
        .startsWith("instance name '")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "1", "amnesiac_001", "a-b.c:d"})
  void acceptsInstanceNames(String instance) {
    assertThat(problems(InstanceSpecs.of(instance, FOLDER, "/bin/true"))).isEmpty();
  }

  @Test
  void limitsTheTotalOfCommandAndEnvironment() {
    String big = "x".repeat(120_000);
    assertThat(
            problems(
                InstanceSpecs.of("a", FOLDER, "/bin/true")
                    .command(List.of("/bin/true", big, big, big, big, big, big, big, big, big))))
        .anyMatch(problem -> problem.startsWith("command is longer than"))
        .anyMatch(problem -> problem.startsWith("command and environment together have 1080"));
    // What is written is longer than what is meant.
    String escaped = "\u0001".repeat(60_000);
    assertThat(
            problems(
                InstanceSpecs.of("a", FOLDER, "/bin/true")
                    .command(List.of("/bin/true", escaped, escaped, escaped, escaped, escaped))))
        .hasSize(1);
  }

  @Test
  void refusesExitCodesAbove255() {
    assertThat(problems(InstanceSpecs.of("a", FOLDER, "/bin/true").successCodes(-1, 0, 255, 256)))
        .containsExactly(
            "accepted exit code is not between 0 and 255: -1",
            "accepted exit code is not between 0 and 255: 256");
  }

  @Test
  void countersOfTheContextAreNumbers() {
    assertThat(
            problems(
                InstanceSpecs.of("a", FOLDER, "/bin/true")
                    .context(
                        Map.of("COORD_RUN", "x", "COORD_CRASH_COUNT", "-1", "COORD_RESUME", "2"),
                        0)))
        .hasSize(3);
  }

  @Test
  void aBackoffNeedsARestartDelay() {
    assertThat(
            problems(
                InstanceSpecs.of("a", FOLDER, "/bin/true")
                    .backoff(Duration.ZERO, Duration.ZERO, -1)))
        .containsExactly(
            "maximum delay of the backoff is not between 1 microsecond and 100 years: PT0S",
            "number of crashes before the backoff is negative: -1",
            "restart delay is zero, which a backoff cannot double");
    assertThat(
            problems(
                InstanceSpecs.of("a", FOLDER, "/bin/true")
                    .backoff(Duration.ofSeconds(5), Duration.ofHours(1), 0)))
        .isEmpty();
  }

  private static List<String> problems(InstanceSpecs specs) {
    return InstanceProblems.problems(specs.spec());
  }
}
