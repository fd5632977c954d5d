package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuListTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0-3", "0,2", "0-3,5", "1-2,4-5,7,10-13", "8190-8191"})
  void readsAndWritesWhatTheKernelWrites(String text) {
    assertThat(CpuList.parse(text)).hasToString(text);
  }

  @Test
  void sortsAndMerges() {
    assertThat(CpuList.parse(" 3,0-1,1,2 \n")).hasToString("0-3");
    assertThat(CpuList.parse("0-2").numbers()).containsExactly(0, 1, 2);
  }

  @Test
  void tellsWhatIsMissing() {
    assertThat(CpuList.parse("0-11").without(CpuList.parse("0-7,10"))).hasToString("8-9,11");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "-1", "3-1", "0,", ",", "1-", "0-2-4", "8192", "0-99999999", "1 2"})
  void refusesWhatIsNoList(String text) {
    assertThatThrownBy(() -> CpuList.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cannot read '" + text + "' as a list of CPUs: '");
  }
}
