package io.coord.scheduler.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputPolicyTest {
  private static final long MIB = 1L << 20;
  private static final OutputPolicy POLICY =
      new OutputPolicy(new OutputLimits(64 * MIB, 256 * MIB, 100 * MIB));

  private static OutputFile file(String name, long uid, long allocated, long length, long age) {
    return new OutputFile(name, uid, allocated, length, Instant.ofEpochSecond(1_000_000 - age));
  }

  private static OutputFile log(String name, long uid, long mib, long age) {
    return file(name, uid, mib * MIB, mib * MIB, age);
  }

  @Test
  void aLogWithinTheLimitStaysAsItIs() {
    assertThat(POLICY.overExperimentLimit(log("a.log", 1, 64, 0))).isEmpty();
  }

  @Test
  void ofALogBeyondTheLimitTheBeginningAndTheNewestOutputStay() {
    Cut cut = POLICY.overExperimentLimit(log("a.log", 1, 80, 0)).orElseThrow();

    // 48 MiB stay: the first 6, and the last 42.
    assertThat(cut.hole()).contains(new Cut.Hole(6 * MIB, (80 - 42) * MIB));
  }

  @Test
  void aHoleBeginsAndEndsWhereBlocksDo() {
    Cut cut = new Cut(file("a.log", 1, 9 * MIB, 9 * MIB + 12_345, 0), MIB + 777);

    Cut.Hole hole = cut.hole().orElseThrow();
    assertThat(hole.begin() % Cut.STEP).isZero();
    assertThat(hole.end() % Cut.STEP).isZero();
    assertThat(hole.begin() + cut.file().lengthBytes() - hole.end())
        .isBetween(MIB + 777, MIB + 777 + Cut.STEP);
  }

  @Test
  void lengthAloneCostsNothing() {
    assertThat(POLICY.overExperimentLimit(file("sparse.log", 1, MIB, 500L << 30, 0))).isEmpty();
  }

  @Test
  void whatIsReservedBeyondTheEndCounts() {
    Cut cut = POLICY.overExperimentLimit(file("reserved.log", 1, 500 * MIB, MIB, 0)).orElseThrow();

    assertThat(cut.hole()).isEmpty();
  }

  @Test
  void aUserLosesTheOldestLogsFirst() {
    List<Cut> cuts =
        POLICY.overUserLimit(
            260 * MIB,
            List.of(log("runs.log", 1, 60, 0)),
            List.of(
                log("new.log", 1, 100, 10),
                log("old.log", 1, 50, 99),
                log("older.log", 1, 50, 100)));

    // 260 - 7/8 of 256 = 36 MiB too much: the oldest suffices.
    assertThat(cuts).containsExactly(new Cut(log("older.log", 1, 50, 100), 0));
    assertThat(cuts.get(0).hole()).contains(new Cut.Hole(0, 50 * MIB));
  }

  @Test
  void whereOnlyRunningExperimentsAreLeftEachKeepsAPart() {
    List<OutputFile> active =
        List.of(log("a.log", 1, 60, 0), log("b.log", 1, 300, 0), log("c.log", 1, 10, 0));

    List<Cut> cuts = POLICY.overUserLimit(380 * MIB, active, List.of(log("old.log", 1, 10, 50)));

    assertThat(cuts).extracting(cut -> cut.file().name()).containsExactly("old.log", "b.log");
    assertThat(cuts.get(1).keepBytes()).isEqualTo(128 * MIB / 3);
  }

  @Test
  void aUserWithinTheLimitLosesNothing() {
    assertThat(POLICY.overUserLimit(256 * MIB, List.of(), List.of(log("a.log", 1, 256, 9))))
        .isEmpty();
  }

  @Test
  void logsWithoutDataAreLeftAlone() {
    assertThat(
            POLICY.overUserLimit(
                300 * MIB,
                List.of(),
                List.of(file("cut.log", 1, 0, 900 * MIB, 99), log("a.log", 1, 90, 9))))
        .extracting(cut -> cut.file().name())
        .containsExactly("a.log");
  }

  @Test
  void onANearlyFullDiskTheLogsOfWhoHasTheMostOutputAreCutFirst() {
    List<Cut> cuts =
        POLICY.onNearlyFullDisk(
            60 * MIB,
            List.of(log("small.log", 1, 50, 0), log("x.log", 2, 30, 0), log("y.log", 2, 40, 0)),
            Map.of(1L, 60 * MIB, 2L, 200 * MIB));

    // 40 MiB are missing; each keeps 8 MiB.
    assertThat(cuts)
        .containsExactly(
            new Cut(log("y.log", 2, 40, 0), 8 * MIB), new Cut(log("x.log", 2, 30, 0), 8 * MIB));
  }

  @Test
  void aDiskThatIsFullOfSomethingElseLeavesAnEighthOfEachLog() {
    assertThat(POLICY.onNearlyFullDisk(0, List.of(log("a.log", 1, 8, 0)), Map.of())).isEmpty();
  }

  @Test
  void limitsThatContradictEachOtherAreNone() {
    assertThatIllegalArgumentException().isThrownBy(() -> new OutputLimits(1, 1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new OutputLimits(4 * MIB, 2 * MIB, 0));
  }
}
