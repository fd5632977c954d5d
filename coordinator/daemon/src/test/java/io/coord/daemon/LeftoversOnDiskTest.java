package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What experiments leave outside of the database is found in each place. */
class LeftoversOnDiskTest {
  @TempDir private Path folder;
  private Path state;
  private Path units;

  @BeforeEach
  void makeFolders() {
    state = folder.resolve("state");
    units = folder.resolve("units");
  }

  private LeftoversOnDisk leftovers() {
    return new LeftoversOnDisk(state, units);
  }

  private void file(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }

  @Test
  void nothingIsLeftWhereNothingIs() {
    assertThat(leftovers().of("exp-1")).isEmpty();
    assertThat(leftovers().largestNumber()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "state/exits/exp-7.log, state/exits/exp-7.log",
    "state/output/exp-7.log, state/output/exp-7.log",
    "state/experiments/exp-7/memory.db, state/experiments/exp-7",
    "units/brain-experiment@exp-7.service.d/50-coord.conf,"
        + " units/brain-experiment@exp-7.service.d/50-coord.conf",
  })
  void findsWhatIsLeft(String made, String told) throws IOException {
    file(made);
    assertThat(leftovers().of("exp-7").orElseThrow())
        .isEqualTo(
            "'"
                + folder.resolve(told)
                + "' is left of an experiment that the database does not know; use another id, or"
                + " remove it");
    assertThat(leftovers().of("exp-8")).isEmpty();
    assertThat(leftovers().largestNumber()).isEqualTo(7);
  }

  @Test
  void looksPastTheLargestNumber() throws IOException {
    file("state/exits/exp-9.log");
    file("state/exits/exp-10.log");
    file("state/exits/exp-x.log");
    file("state/exits/train-99.log");
    file("state/exits/exp-9999999999999999.log");
    file("state/output/exp-2.log");
    assertThat(leftovers().largestNumber()).isEqualTo(10);
  }

  /** A drop-in of the operator is nothing that an experiment has left. */
  @Test
  void somebodyElsesDropInIsNoLeftover() throws IOException {
    file("units/brain-experiment@x.service.d/local.conf");
    assertThat(leftovers().of("x")).isEmpty();
  }
}
