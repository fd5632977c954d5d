package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read back of a cap. */
class GpuClockUnitTest {
  @TempDir private Path folder;
  private Reading<Path> clocks = Reading.missing("none");

  private OptionalInt percent() {
    return GpuClockUnit.percent(folder, clocks);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    clocks = Reading.of(folder);
  }

  @Test
  void withoutAClockThereIsNoCap() {
    assertThat(percent()).isEmpty();
  }

  @Test
  void aClockThatCoordHasNotSetIsNotCapped() throws IOException {
    write("max_freq", "1300500000\n");
    assertThat(percent()).hasValue(100);
  }

  @Test
  void aCapIsInPercentOfWhatWasBefore() throws IOException {
    write("max_freq", "612000000\n");
    write("before", "1300500000\n");
    write("set", "612000000\n");
    assertThat(percent()).hasValue(47);
  }

  @Test
  void aClockThatSomebodyElseHasSetIsNotCapped() throws IOException {
    write("max_freq", "612000000\n");
    write("before", "1300500000\n");
    write("set", "910000000\n");
    assertThat(percent()).hasValue(100);
  }

  @Test
  void whatIsNoNumberIsNoClock() throws IOException {
    write("max_freq", "<not supported>\n");
    assertThat(percent()).isEmpty();
  }
}
