package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.Cores;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ThermalException;
import io.coord.thermal.testing.PowerModesContract;
import io.coord.thermal.testing.SimulatedPowerModes.Trouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapter, and a stand-in for the tool in each of its moods, as real processes. */
class NvpModelTest extends PowerModesContract {

  /** For a tool that never ends; its other changes have to be done within the same time. */
  private static final NvpModel.Limits SHORT =
      new NvpModel.Limits(Duration.ofSeconds(10), Duration.ofSeconds(1));

  private static final Duration LONG = Duration.ofSeconds(60);

  private @TempDir Path folder;
  private @Nullable FakeBoard board;
  private @Nullable NvpModel control;

  private FakeBoard board() {
    if (board == null) {
      board = new FakeBoard(folder, XAVIER);
    }
    return board;
  }

  @AfterEach
  void neverReboots() {
    assertThat(board().rebooted()).as("the board was rebooted").isFalse();
    assertThat(board().takeCalls()).noneMatch(call -> call.contains("force"));
  }

  @Override
  protected PowerModeControl control() {
    if (control == null) {
      control = board().control();
    }
    return control;
  }

  @Override
  protected void set(int id) {
    board().set(id);
  }

  @Override
  protected void setNone() {
    board().setNone();
  }

  @Override
  protected void nextSwitch(Trouble trouble) {
    switch (trouble) {
      case REFUSES -> board().behaviour("mask-error");
      case HANGS -> hangs("hang");
      case ASKS -> board().behaviour("asks");
      case STUCK -> board().behaviour("partial stuck");
    }
  }

  private void hangs(String behaviour) {
    board().behaviour(behaviour);
    control = board().control(MaximumClocks.NONE, SHORT);
  }

  @Test
  void theCoresAreThoseOfTheMode() {
    control().switchTo(2);
    assertThat(board().online()).isEqualTo(Cores.parse("0-3"));
    control().switchTo(0);
    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
  }

  @Test
  void neverRequestsAModeThatNeedsAReboot() {
    assertThat(control().switchTo(1).sentence())
        .isEqualTo(
            "cannot switch to power mode 'MODE_10W' (1) without a reboot: the mode powers off other"
                + " parts of the GPU ({TPC_PG_MASK=5}) than power mode 'MAXN' (0)"
                + " ({TPC_PG_MASK=0}); run 'sudo nvpmodel -m 1'");
    assertThat(board().takeCalls()).containsExactly("-q");
  }

  @Test
  void acceptsSlowAndLongAnswers() {
    board().behaviour("slow warnings");
    assertThat(control().switchTo(2)).isEqualTo(new SwitchOutcome.Switched(MODE_15W, List.of()));
  }

  @ParameterizedTest
  @CsvSource({"asks, 255", "asks, 0", "asks thor, 255", "asks thor, 0", "decline-partial asks, 1"})
  void neverAnswersAQuestion(String behaviour, int exitCode) {
    board().behaviour(behaviour, "FAILURE=" + exitCode);

    assertThat(control().switchTo(2)).isInstanceOf(SwitchOutcome.NeedsReboot.class);

    assertThat(control().current()).contains(MAXN);
    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255})
  void anErrorIsAFailureWithAnyExitCode(int exitCode) {
    board().behaviour("mask-error", "FAILURE=" + exitCode);

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome.sentence())
        .isEqualTo(
            ("cannot switch to power mode 'MODE_15W' (2): '%s -m 2': NVPM ERROR: Error writing 2 to"
                    + " /sys/devices/gpu.0/fbp_pg_mask: 19; the board is still in 'MAXN' (0)")
                .formatted(board().tool()));
    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(board().takeCalls())
        .as("nothing was changed, so nothing is put back")
        .containsExactly("-q", "-q", "-m 2", "-q");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255})
  void needsNoRebootWhereTheToolDidNotAskForOne(int exitCode) {
    board().behaviour("write-error", "FAILURE=" + exitCode);

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(outcome.sentence())
        .contains("Error writing 1 to /sys/devices/system/cpu/cpu4/online: 13; ")
        .doesNotContain("reboot");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255})
  void aSwitchThatIsDoneIsDoneWhateverTheToolSays(int exitCode) {
    board().behaviour("complains", "FAILURE=" + exitCode);

    assertThat(control().switchTo(2))
        .isEqualTo(
            new SwitchOutcome.Switched(
                MODE_15W,
                List.of(
                    "'%s -m 2' reported: NVPM ERROR: failed to write PARAM EMC: ARG MAX_FREQ: VAL: 0"
                        .formatted(board().tool()))));
    assertThat(board().takeCalls()).containsExactly("-q", "-q", "-m 2", "-q");
  }

  @Test
  void aSwitchThatIsDoneIsDoneAlthoughTheToolHangs() {
    hangs("hang-done");
    SwitchOutcome.Switched outcome = (SwitchOutcome.Switched) control().switchTo(2);
    assertThat(outcome.now()).isEqualTo(MODE_15W);
    assertThat(outcome.sentence()).contains("no answer within 1.0 s");
  }

  @Test
  void undoesAPartialSwitch() {
    board().behaviour("partial");

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(outcome.sentence())
        .endsWith(
            "; 'MAXN' (0) was restored because the board is in 'MAXN' (0) with cores"
                + " 0-3,6-7; the board is still in 'MAXN' (0)");
    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
    assertThat(board().takeCalls()).containsExactly("-q", "-q", "-m 2", "-q", "-m 0", "-q");
  }

  @Test
  void undoesASilentPartialSwitch() {
    board().behaviour("partial-silent");

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(outcome.sentence())
        .contains("no error was reported, but the board is in 'MODE_15W' (2) with cores 0-3,6-7");
    assertThat(control().current()).contains(MAXN);
    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
  }

  @Test
  void reportsAPartialSwitchThatCannotBeUndone() {
    board().behaviour("partial stuck");

    SwitchOutcome.Unverified outcome = (SwitchOutcome.Unverified) control().switchTo(2);

    assertThat(outcome.now()).contains(MAXN);
    assertThat(outcome.why()).endsWith("; now the board is in 'MAXN' (0) with cores 0-3,6-7");
  }

  @Test
  void verifiesASwitchThatTheToolReportsAsDone() {
    board().behaviour("lies");

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(outcome.sentence())
        .contains("no error was reported, but the board is in 'MAXN' (0)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hang", "hang-partial"})
  void killsAHangingToolAndKeepsTheMode(String behaviour) {
    hangs(behaviour);

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome).isInstanceOf(SwitchOutcome.TimedOut.class);
    assertThat(outcome.sentence()).contains("-m 2': no answer within 1.0 s");
    assertThat(control().current()).contains(MAXN);
    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
  }

  @Test
  void changesNothingIfTheModeCannotBeRead() {
    board().behaviour("hang-query");
    NvpModel impatient =
        board().control(MaximumClocks.NONE, new NvpModel.Limits(Duration.ofMillis(300), LONG));

    assertThatThrownBy(impatient::current)
        .isInstanceOf(ThermalException.class)
        .hasMessageEndingWith("-q': no answer within 0.3 s");
    assertThat(impatient.switchTo(2)).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(board().takeCalls()).noneMatch(call -> call.startsWith("-m"));
  }

  @Test
  void exitCodeZeroWithoutAModeIsAnError() {
    board().behaviour("silent");
    assertThatThrownBy(control()::current).hasMessageEndingWith("-q': the answer is empty");
    assertThat(control().switchTo(2)).isInstanceOf(SwitchOutcome.Refused.class);
  }

  @Test
  void anAnswerThatIsNotUnderstoodIsNotNone() {
    board().behaviour("garbled");
    assertThatThrownBy(control()::current)
        .hasMessageEndingWith("-q': the answer is not understood: 'Usage: see the manual'");
    assertThat(control().switchTo(2).sentence()).contains("not understood").contains("nothing was");
  }

  @Test
  void theNameOfTheModeCountsAlthoughSomethingElseCannotBeRead() {
    board().behaviour("emc-error");
    assertThat(control().current()).contains(MAXN);
    assertThat(control().switchTo(2)).isEqualTo(new SwitchOutcome.Switched(MODE_15W, List.of()));
  }

  @Test
  void anIncompleteAnswerIsAnError() {
    board().write("bin/nvpmodel", "#!/bin/sh\necho 'NV Power Mode: MINE'\n");
    assertThatThrownBy(control()::current)
        .isInstanceOf(ThermalException.class)
        .hasMessageEndingWith("the answer is not understood: 'NV Power Mode: MINE'");
  }

  @Test
  void doesNotSwitchFromAnUnknownMode() {
    board().write("bin/nvpmodel", "#!/bin/sh\nprintf 'NV Power Mode: MAXN\\n7\\n'\n");
    assertThat(control().switchTo(2).sentence())
        .isEqualTo(
            "cannot switch to power mode 'MODE_15W' (2): the board is in 'MAXN' (7), which is not"
                + " in its configuration; nothing was changed");
  }

  @Test
  void setsTheModeAgainIfItsCoresAreOffline() {
    board().write("sys/devices/system/cpu/cpu5/online", "0\n");
    board().write("sys/devices/system/cpu/online", "0-4,6-7\n");

    assertThat(control().switchTo(0)).isEqualTo(new SwitchOutcome.Switched(MAXN, List.of()));

    assertThat(board().online()).isEqualTo(Cores.parse("0-7"));
  }

  @Test
  void reportsAMissingNvpmodel() {
    NvpModel none =
        new NvpModel(
            folder.resolve("none"),
            board().files(),
            board().runner(),
            board().runner(),
            MaximumClocks.NONE,
            NvpModel.Limits.DEFAULT);
    assertThat(none.switchTo(2).sentence())
        .isEqualTo(
            ("cannot switch to power mode 2: cannot read the power mode from '%1$s -q': cannot run"
                    + " '%1$s': not found or not executable; nothing was changed")
                .formatted(folder.resolve("none")));
  }

  @Test
  void changesNothingIfTheTableIsTruncated() {
    board().write("root/etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=MAXN >\n");
    assertThat(control().switchTo(2)).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(board().takeCalls()).isEmpty();
  }

  @Test
  void theClocksArePinnedAgainAfterASwitch() {
    JetsonClocks clocks = board().clocks(LONG);
    clocks.pin();
    board().takeCalls();

    assertThat(board().control(clocks, FakeBoard.LIMITS).switchTo(2))
        .isEqualTo(new SwitchOutcome.Switched(MODE_15W, List.of()));

    assertThat(board().pinned()).isTrue();
    String note = folder.resolve("note").toString();
    assertThat(board().takeCalls())
        .containsExactly(
            "-q",
            "-q",
            "jetson_clocks --show",
            "jetson_clocks --restore " + note,
            "-m 2",
            "-q",
            "jetson_clocks --show",
            "jetson_clocks --store " + note,
            "jetson_clocks ");
  }

  @Test
  void theClocksArePinnedAgainAfterASwitchThatFailed() {
    JetsonClocks clocks = board().clocks(LONG);
    clocks.pin();
    board().behaviour("partial");

    assertThat(board().control(clocks, FakeBoard.LIMITS).switchTo(2))
        .isInstanceOf(SwitchOutcome.Refused.class);

    assertThat(board().pinned()).isTrue();
  }

  @Test
  void doesNotPinClocksThatWereNotPinned() {
    board().control(board().clocks(LONG), FakeBoard.LIMITS).switchTo(2);
    assertThat(board().pinned()).isFalse();
    assertThat(board().takeCalls())
        .containsExactly("-q", "-q", "jetson_clocks --show", "-m 2", "-q");
  }

  @Test
  void switchesEvenIfTheClocksCannotBeRead() {
    board().behaviour("clocks-fail");

    SwitchOutcome.Switched outcome =
        (SwitchOutcome.Switched)
            board().control(board().clocks(LONG), FakeBoard.LIMITS).switchTo(2);

    assertThat(outcome.now()).isEqualTo(MODE_15W);
    assertThat(outcome.warnings())
        .containsExactly(
            "cannot run '%s --show': exit code 1: 'Can't access resource'"
                .formatted(folder.resolve("bin/jetson_clocks")));
  }

  @Test
  void theFakeWouldReboot() {
    // If it could not, the check after each test would be worth nothing.
    FakeBoard other = new FakeBoard(folder.resolve("other"), XAVIER);
    other
        .runner()
        .run(List.of(other.tool().toString(), "-m", "1", "--force"), FakeBoard.LIMITS.change());
    assertThat(other.rebooted()).isTrue();
    assertThat(other.takeCalls()).containsExactly("-m 1 --force");
    assertThat(other.control().current()).contains(new CurrentMode(0, "MAXN"));
  }
}
