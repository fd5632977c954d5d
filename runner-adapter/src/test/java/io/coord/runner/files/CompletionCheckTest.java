package io.coord.runner.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.CompletionResult;
import io.coord.runner.CompletionResult.Complete;
import io.coord.runner.Deadline;
import io.coord.runner.RunClaim;
import io.coord.runner.RunReport;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.UserFileAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCheckTest {
  private static final Spec.Task COMMAND = new Spec.Command(List.of("true"));

  private static final Deadline SOON = Deadline.in(3_000_000_000L, System::nanoTime);

  @TempDir private Path work;
  private RunnerReport report = new RunnerReport.Silent("is missing", true);

  @Test
  void takesACommandThatReportsNothingAtItsExitCode() {
    assertThat(verify(COMMAND, "")).isEqualTo(claimed("exited with 0; no progress reported"));
  }

  @Test
  void takesAConfigWhoseCyclesAreAllReported() {
    assertThat(verify(config(20), "cycle 20/20"))
        .isEqualTo(complete("exited with 0; 20 of 20 cycles, its runner's database is missing"));
    assertThat(verify(config(20), "cycle 21"))
        .isEqualTo(complete("exited with 0; 21 of 20 cycles, its runner's database is missing"));
  }

  @Test
  void missingEvidenceMeansNotComplete() {
    assertThat(verify(config(20), ""))
        .isEqualTo(incomplete("no progress reported, 20 cycles expected"));
    assertThat(verify(config(0), "")).isEqualTo(incomplete("its runner's database is missing"));
    assertThat(verify(config(0), "cycle 7"))
        .isEqualTo(incomplete("its runner's database is missing"));
    for (String why : List.of("is not an SQLite database", "knows no experiment 'a'")) {
      report = new RunnerReport.Damaged(why);
      assertThat(verify(config(20), "cycle 20/20"))
          .isEqualTo(incomplete("its runner's database " + why));
    }
    report = new RunnerReport.Silent("is not looked for", false);
    assertThat(verify(config(20), ""))
        .isEqualTo(incomplete("no progress reported, 20 cycles expected"));
    report = facts("completed", OptionalInt.empty(), OptionalInt.of(20));
    assertThat(verify(config(0), ""))
        .isEqualTo(incomplete("no progress reported, 20 cycles expected"));
  }

  private RunClaim unheard(String statusText) {
    return new RunClaim(
        RunReport.in(statusText), Optional.empty(), Optional.empty(), Optional.empty(), true);
  }

  @Test
  void cyclesThatNobodyHeardAreNeitherThereNorMissing() {
    Spec command = LaunchSpecs.of(COMMAND, work, Map.of());
    String doubt = ", and later ones may have been reported while coord was not running";
    for (String text : List.of("cycle 1/40", "cycle 1")) {
      assertThat(check().verify(command, work, "ada", unheard(text), SOON))
          .isEqualTo(
              new CompletionResult.NotVerifiable("the last cycle that is known is 1" + doubt));
    }
    for (Spec spec : List.of(command, LaunchSpecs.of(config(20), work, Map.of()))) {
      assertThat(check().verify(spec, work, "ada", unheard("saving"), SOON))
          .isEqualTo(new CompletionResult.NotVerifiable("no cycle is known" + doubt));
    }
    assertThat(check().verify(command, work, "ada", unheard("cycle 40/40"), SOON))
        .isEqualTo(complete("exited with 0; 40 of 40 cycles"));
  }

  @Test
  void otherEvidenceDecidesWhereNobodyHeardTheCycles() throws IOException {
    Spec file = LaunchSpecs.of(COMMAND, work, Map.of(), Optional.of(Path.of("m")), List.of());
    assertThat(check().verify(file, work, "ada", unheard("cycle 1/40"), SOON))
        .isEqualTo(incomplete("'m' does not exist"));
    Files.writeString(work.resolve("m"), "");
    assertThat(check().verify(file, work, "ada", unheard("cycle 1/40"), SOON))
        .isEqualTo(complete("exited with 0; 'm' exists"));
    report = facts("completed", OptionalInt.of(20), OptionalInt.of(20));
    assertThat(
            check()
                .verify(
                    LaunchSpecs.of(config(20), work, Map.of()),
                    work,
                    "ada",
                    unheard("cycle 1/20"),
                    SOON))
        .isEqualTo(complete("exited with 0; 20 of 20 cycles, status 'completed'"));
  }

  @Test
  void whatCannotBeReadNowLeavesItOpenUnlessTheRestIsCertain() {
    report = new RunnerReport.Unreadable("cannot be copied in time");
    assertThat(verify(config(20), "cycle 20/20"))
        .isEqualTo(
            new CompletionResult.NotVerifiable("its runner's database cannot be copied in time"));
    Spec file = LaunchSpecs.of(config(20), work, Map.of(), Optional.of(Path.of("m")), List.of());
    assertThat(check().verify(file, work, "ada", claim("", null), SOON))
        .isEqualTo(incomplete("'m' does not exist"));
  }

  @Test
  void aStatusThatIsOlderThanTheRunIsNoStatusOfIt() {
    Instant start = Instant.parse("2026-11-30T12:00:00.500Z");
    for (int seconds : List.of(-1, 0, 1)) {
      report =
          new RunnerFacts(
              Optional.of("completed"),
              OptionalInt.of(2),
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalInt.empty(),
              Optional.of(Instant.parse("2026-11-30T12:00:00Z").plusSeconds(seconds)));
      CompletionResult result =
          check()
              .verify(
                  LaunchSpecs.of(config(0), work, Map.of()),
                  work,
                  "ada",
                  new RunClaim(
                      RunReport.NONE, Optional.empty(), Optional.of(start), Optional.empty()),
                  SOON);
      assertThat(result)
          .isEqualTo(
              seconds < 0
                  ? incomplete("its runner's status 'completed' is older than the run")
                  : claimed("exited with 0; 2 cycles, status 'completed'"));
    }
  }

  @Test
  void aFileThatTheRunDidNotWriteIsOlderThanTheRun() throws IOException {
    Spec spec =
        LaunchSpecs.of(COMMAND, work, Map.of(), Optional.of(Path.of("model.pt")), List.of());
    Path file = Files.writeString(work.resolve("model.pt"), "abc");
    String stamp = new DirectFileAccess().facts("ada", file, SOON).stamp().orElseThrow();
    assertThat(stamp).matches(UserFileAccess.PathFacts.STAMP);
    assertThat(verify(spec, stamp)).isEqualTo(incomplete("'model.pt' is older than the run"));
    assertThat(verify(spec, "none"))
        .isEqualTo(complete("exited with 0; no progress reported, 'model.pt' exists"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertThat(verify(spec, stamp)).as("written in 1970").isInstanceOf(Complete.class);

    RunClaim unknown =
        new RunClaim(
            RunReport.NONE,
            Optional.empty(),
            Optional.of(Instant.ofEpochSecond(1)),
            Optional.empty());
    assertThat(check().verify(spec, work, "ada", unknown, SOON))
        .as("by the clock, where nothing was noted at the start")
        .isEqualTo(incomplete("'model.pt' is older than the run"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(2)));
    assertThat(check().verify(spec, work, "ada", unknown, SOON)).isInstanceOf(Complete.class);
  }

  private CompletionResult verify(Spec spec, String fileAtStart) {
    RunClaim claim =
        new RunClaim(
            RunReport.NONE, Optional.empty(), Optional.of(Instant.EPOCH), Optional.of(fileAtStart));
    return check().verify(spec, work, "ada", claim, SOON);
  }

  private static CompletionResult claimed(String evidence) {
    return new CompletionResult.Complete(evidence, false);
  }

  @Test
  void believesTheDatabaseRatherThanTheReport() {
    report = facts("completed", OptionalInt.of(20), OptionalInt.empty());
    assertThat(verify(config(20), "cycle 3/20"))
        .isEqualTo(complete("exited with 0; 20 of 20 cycles, status 'completed'"));

    report = facts("completed", OptionalInt.of(15), OptionalInt.of(15));
    assertThat(verify(config(20), "cycle 20/20")).isEqualTo(incomplete("15 of 20 cycles"));
  }

  @Test
  void refusesAStatusThatIsNotCompleted() {
    report = facts("running", OptionalInt.of(20), OptionalInt.empty());
    assertThat(verify(config(20), ""))
        .isEqualTo(incomplete("20 of 20 cycles, but its runner's status is 'running'"));
    assertThat(verify(config(0), ""))
        .isEqualTo(incomplete("20 cycles, but its runner's status is 'running'"));

    report = facts("running", OptionalInt.of(15), OptionalInt.empty());
    assertThat(verify(config(20), "")).isEqualTo(incomplete("15 of 20 cycles"));
  }

  @Test
  void takesTheRunnersOwnGoalWhereTheConfigHasNone() {
    report = facts("completed", OptionalInt.of(15), OptionalInt.of(20));
    assertThat(verify(config(0), "")).isEqualTo(incomplete("15 of 20 cycles"));
  }

  @Test
  void countsByTheReportWhereTheDatabaseKeepsNoCycles() {
    report = facts("completed", OptionalInt.empty(), OptionalInt.empty());
    assertThat(verify(config(20), "cycle 15")).isEqualTo(incomplete("15 of 20 cycles"));
    assertThat(verify(config(20), "cycle 20"))
        .isEqualTo(complete("exited with 0; 20 of 20 cycles, status 'completed'"));
  }

  @Test
  void asksNoDatabaseAboutACommand() {
    report = facts("running", OptionalInt.of(3), OptionalInt.of(20));
    assertThat(verify(COMMAND, "")).isEqualTo(claimed("exited with 0; no progress reported"));
  }

  @Test
  void refusesAConfigWithCyclesLeft() {
    assertThat(verify(config(20), "cycle 15/20")).isEqualTo(incomplete("15 of 20 cycles"));
    assertThat(verify(config(20), "cycle 15")).isEqualTo(incomplete("15 of 20 cycles"));
    assertThat(verify(config(20), "cycle 5/5")).isEqualTo(incomplete("5 of 20 cycles"));
  }

  @Test
  void measuresARunnerWithoutCountByItsOwnReport() {
    assertThat(verify(COMMAND, "cycle 3/4")).isEqualTo(incomplete("3 of 4 cycles"));
    assertThat(verify(COMMAND, "cycle 4/4")).isEqualTo(complete("exited with 0; 4 of 4 cycles"));
    assertThat(verify(COMMAND, "cycle 1")).isEqualTo(claimed("exited with 0; 1 cycle"));
    assertThat(verify(config(0), "cycle 3/4")).isEqualTo(incomplete("3 of 4 cycles"));
  }

  @Test
  void takesAnEarlyEndWhereCyclesAreTheOnlyEvidence() throws IOException {
    assertThat(verify(COMMAND, "cycle 4/9, done early: converged"))
        .isEqualTo(complete("exited with 0; done early after cycle 4 of 9: converged"));
    assertThat(verify(COMMAND, "done early: nothing to do"))
        .isEqualTo(complete("exited with 0; done early: nothing to do"));
    report = facts("completed", OptionalInt.of(4), OptionalInt.of(9));
    assertThat(verify(config(9), "cycle 4/9, done early: converged"))
        .isEqualTo(incomplete("4 of 9 cycles"));
    Spec file = LaunchSpecs.of(COMMAND, work, Map.of(), Optional.of(Path.of("m")), List.of());
    assertThat(check().verify(file, work, "ada", claim("done early: converged", null), SOON))
        .isEqualTo(incomplete("'m' does not exist"));
  }

  @Test
  void reportsWhatItIgnored() {
    assertThat(verify(COMMAND, "cycle 3/2"))
        .isEqualTo(
            claimed(
                "exited with 0; no progress reported, ignored 'cycle 3/2' (more than there are)"));
  }

  @Test
  void wantsTheSuccessFile() throws IOException {
    Spec spec =
        LaunchSpecs.of(COMMAND, work, Map.of(), Optional.of(Path.of("out/model.pt")), List.of());

    assertThat(check().verify(spec, work, "ada", claim("cycle 3/4", null), SOON))
        .isEqualTo(incomplete("3 of 4 cycles; 'out/model.pt' does not exist"));

    Files.createDirectories(work.resolve("out"));
    Files.createFile(work.resolve("out/model.pt"));

    assertThat(check().verify(spec, work, "ada", RunClaim.BARE, SOON))
        .isEqualTo(complete("exited with 0; no progress reported, 'out/model.pt' exists"));
  }

  @Test
  void takesALinkToNothingAsMissing() throws IOException {
    Path link = Files.createSymbolicLink(work.resolve("link"), Path.of("nothing"));
    Spec spec = LaunchSpecs.of(COMMAND, work, Map.of(), Optional.of(link), List.of());

    assertThat(check().verify(spec, work, "ada", RunClaim.BARE, SOON))
        .isEqualTo(incomplete("'" + link + "' does not exist"));
  }

  @Test
  void wantsTheCheckToHaveEndedWithZero() {
    assertThat(checked(Optional.empty(), new SuccessCheckOutcome.Ended(0)))
        .isEqualTo(
            complete(
                "exited with 0; no progress reported, the check './check.sh --strict' ended with"
                    + " exit code 0"));
    assertThat(checked(Optional.empty(), new SuccessCheckOutcome.Ended(3)))
        .isEqualTo(incomplete("the check './check.sh --strict' ended with exit code 3"));
    assertThat(checked(Optional.empty(), new SuccessCheckOutcome.OutOfTime(Duration.ofSeconds(20))))
        .isEqualTo(incomplete("the check './check.sh --strict' did not end within 20s"));
  }

  @Test
  void wantsFileAndCheckBoth() throws IOException {
    Optional<Path> file = Optional.of(Path.of("model.pt"));
    assertThat(checked(file, new SuccessCheckOutcome.Ended(0)))
        .isEqualTo(incomplete("'model.pt' does not exist"));
    assertThat(checked(file, new SuccessCheckOutcome.Ended(1)))
        .isEqualTo(
            incomplete(
                "'model.pt' does not exist; the check './check.sh --strict' ended with exit code"
                    + " 1"));
    assertThat(checked(file, null))
        .isEqualTo(
            incomplete(
                "'model.pt' does not exist; the check './check.sh --strict' left no record"));
    Files.createFile(work.resolve("model.pt"));
    assertThat(checked(file, new SuccessCheckOutcome.Ended(1)))
        .isEqualTo(incomplete("the check './check.sh --strict' ended with exit code 1"));
  }

  @Test
  void saysSoWhereWhatCameOfTheCheckIsLost() {
    assertThat(checked(Optional.empty(), null))
        .isEqualTo(
            new CompletionResult.Incomplete("the check './check.sh --strict' left no record"));
  }

  private CompletionResult checked(Optional<Path> file, @Nullable SuccessCheckOutcome outcome) {
    Spec spec = LaunchSpecs.of(COMMAND, work, Map.of(), file, List.of("./check.sh", "--strict"));
    return check().verify(spec, work, "ada", claim("", outcome), SOON);
  }

  private CompletionResult verify(Spec.Task task, String status) {
    return check()
        .verify(LaunchSpecs.of(task, work, Map.of()), work, "ada", claim(status, null), SOON);
  }

  private static RunClaim claim(String status, @Nullable SuccessCheckOutcome outcome) {
    return new RunClaim(
        RunReport.in(status), Optional.ofNullable(outcome), Optional.empty(), Optional.empty());
  }

  private CompletionCheck check() {
    return new CompletionCheck((spec, folder, owner, patience) -> report, new DirectFileAccess());
  }

  private static RunnerFacts facts(String status, OptionalInt cycles, OptionalInt maxCycles) {
    return new RunnerFacts(
        Optional.of(status), cycles, OptionalInt.empty(), OptionalInt.empty(), maxCycles);
  }

  private static Spec.Task config(int maxCycles) {
    return new Spec.Config(
        "{}",
        Optional.of("a"),
        List.of("true"),
        maxCycles == 0 ? OptionalInt.empty() : OptionalInt.of(maxCycles),
        OptionalInt.empty());
  }

  private static CompletionResult complete(String evidence) {
    return new CompletionResult.Complete(evidence);
  }

  private static CompletionResult incomplete(String why) {
    return new CompletionResult.Incomplete(why);
  }
}
