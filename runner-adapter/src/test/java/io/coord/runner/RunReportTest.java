package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunReportTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cycle 7/20 | 7 | 20",
        "Cycle 0 / 3 | 0 | 3",
        "epoch 2, cycle 7, loss 0.5 | 7 | -1",
        "cycle 7: 35 % | 7 | -1",
        "life cycle is fine, cycle 20/20. | 20 | 20",
        "cycle 999999999/999999999 | 999999999 | 999999999",
      })
  void readsProgress(String text, int cycle, int of) {
    assertThat(RunReport.in(text).cycle())
        .contains(new CycleReport(cycle, of < 0 ? OptionalInt.empty() : OptionalInt.of(of)));
    assertThat(RunReport.in(text).ignored()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "saving",
        "recycle 9",
        "cycle time is fine",
        "a new cycle begins",
        "cycles 3",
        "cycle"
      })
  void mostTextsReportNothing(String text) {
    assertThat(RunReport.in(text)).isEqualTo(RunReport.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "cycle 3/2 | 'cycle 3/2' (more than there are)",
        "cycle 0/0 | 'cycle 0/0' (no cycles in all)",
        "cycle 5/0 | 'cycle 5/0' (no cycles in all)",
        "cycle -1/5 | 'cycle -1/5' (no number of cycles)",
        "cycle 1/-5 | 'cycle 1/-5' (no number of cycles)",
        "cycle 3.5/9 | 'cycle 3.5/9' (no number of cycles)",
        "cycle 1e3/9 | 'cycle 1e3/9' (no number of cycles)",
        "cycle NaN | 'cycle NaN' (no number of cycles)",
        "cycle nan/inf | 'cycle nan/inf' (no number of cycles)",
        "cycle Infinity | 'cycle Infinity' (no number of cycles)",
        "cycle 1000000000 | 'cycle 1000000000' (no number of cycles)",
        "cycle 99999999999999999999/3 | 'cycle 99999999999999999999/3' (no number of cycles)",
        "cycle 4/ | 'cycle 4/' (no number of cycles)",
        "done early | 'done early' without a reason",
        "done early: | 'done early' without a reason",
      })
  void ignoresWhatCannotBe(String text, String ignored) {
    RunReport report = RunReport.in(text);
    assertThat(report.isProgress()).isFalse();
    assertThat(report.ignored()).contains(ignored);
  }

  @Test
  void readsAnEarlyEnd() {
    assertThat(RunReport.in("done early: converged\tat 1e-6").doneEarly())
        .contains("converged\\tat 1e-6");
    RunReport both = RunReport.in("cycle 4/9, done early: no cycle 5/2 needed");
    assertThat(both.cycle()).contains(new CycleReport(4, OptionalInt.of(9)));
    assertThat(both.doneEarly()).contains("no cycle 5/2 needed");
    assertThat(both.ignored()).isEmpty();
    assertThat(RunReport.in("done early: " + "x".repeat(300)).doneEarly().orElseThrow())
        .hasSize(201);
  }
}
