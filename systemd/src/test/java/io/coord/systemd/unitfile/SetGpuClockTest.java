package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of {@code coord-gpu-clock@PERCENT.service}, on files as of a sysfs. */
class SetGpuClockTest {
  private static final long FULL = 1_300_500_000;

  @TempDir private Path folder;
  private Path clock;

  @BeforeEach
  void write() throws Exception {
    TestUnitFiles.installer(folder).install();
    Files.createDirectories(folder.resolve("17000000.gpu"));
    clock = folder.resolve("17000000.gpu/max_freq");
    Files.writeString(clock, FULL + "\n");
    Files.writeString(notes("device"), clock.getParent() + "\n");
  }

  private Path notes(String name) throws Exception {
    Files.createDirectories(folder.resolve("notes"));
    return folder.resolve("notes").resolve(name);
  }

  private void set(int percent) throws Exception {
    UnitTestPrograms.Ended ended =
        UnitTestPrograms.run(
            Map.of(),
            List.of(
                "/bin/sh",
                folder.resolve("lib/set-gpu-clock").toString(),
                folder.resolve("notes").toString(),
                Integer.toString(percent)));
    assertThat(ended).isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  private long clock() throws Exception {
    return Long.parseLong(Files.readString(clock).strip());
  }

  @Test
  void eachCapIsOneOfWhatWasBeforeTheFirst() throws Exception {
    set(65);
    assertThat(clock()).isEqualTo(FULL / 100 * 65);
    set(40);
    assertThat(clock()).isEqualTo(FULL / 100 * 40);
    set(100);
    assertThat(clock()).isEqualTo(FULL);
    assertThat(notes("before")).doesNotExist();
    assertThat(notes("set")).doesNotExist();
  }

  @Test
  void whatSomebodyElseHasSetMeanwhileIsWhatIsPutBack() throws Exception {
    set(65);
    Files.writeString(clock, "612000000\n");
    set(50);
    assertThat(clock()).isEqualTo(306_000_000);
    set(100);
    assertThat(clock()).isEqualTo(612_000_000);
  }

  @Test
  void aCapThatWasUndoneBySomebodyElseStaysUndone() throws Exception {
    set(65);
    Files.writeString(clock, "612000000\n");
    set(100);
    assertThat(clock()).isEqualTo(612_000_000);
  }

  /** Killed after it had written the clock, before it had read it back. */
  @Test
  void aKillInBetweenDoesNotLoseWhatWasBefore() throws Exception {
    set(65);
    Files.writeString(notes("set"), "~520200000\n");
    Files.writeString(clock, "510000000\n");
    set(100);
    assertThat(clock()).isEqualTo(FULL);
  }

  @Test
  void withoutACapThereIsNothingToPutBack() throws Exception {
    set(100);
    assertThat(clock()).isEqualTo(FULL);
    assertThat(notes("before")).doesNotExist();
  }
}
