package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "512M, 536870912",
    "4G, 4294967296",
    "1.5G, 1610612736",
    "512MiB, 536870912",
    "512m, 536870912",
    "512 M, 536870912",
    "1K, 1024",
    "2T, 2199023255552",
    "100B, 100",
    "536870912, 536870912",
    "0, 0",
    "0.3K, 307",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807",
    "99999999999999T, 9223372036854775807",
  })
  void readsSizesInPowersOf1024(String text, long bytes) {
    assertThat(ByteSize.parse(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "M",
        "-1",
        "-5M",
        "+5M",
        "512MB",
        "512X",
        "5M5K",
        "1e3",
        "1.M",
        ".5G",
        "0x10",
        "NaN",
        "infinity",
        "50%",
        "١M",
        "5M\n",
        "11111111111111111111111111111111111111111111111"
      })
  void readsNothingElse(String text) {
    assertThat(ByteSize.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "100, 100B",
    "1023, 1023B",
    "1024, 1K",
    "536870912, 512M",
    "1610612736, 1.5G",
    "4294967296, 4G",
    "1000000, 976.6K",
    "1048575, 1M",
    "1073741823, 1G",
    "2199023255552, 2T",
    "9223372036854775807, 8388608T",
  })
  void printsThemShort(long bytes, String text) {
    assertThat(ByteSize.format(bytes)).isEqualTo(text);
  }

  @Test
  void sizesThatDifferAreNeverPrintedAlike() {
    assertThat(ByteSize.formatApart(4L << 30, 2L << 30)).containsExactly("4G", "2G");
    assertThat(ByteSize.formatApart(4L << 30, 4L << 30)).containsExactly("4G", "4G");
    assertThat(ByteSize.formatApart(20_186_000_000L, 20_179_000_000L))
        .containsExactly("18.8G", "18.79G");
  }

  @Test
  void printsNothingNegative() {
    assertThatThrownBy(() -> ByteSize.format(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void losesLessThanATwentiethOfAUnitInPrint() {
    Random random = new Random(2);
    for (int i = 0; i < 10_000; i++) {
      long bytes = random.nextLong() >>> (1 + random.nextInt(62));
      long back = ByteSize.parse(ByteSize.format(bytes)).orElseThrow();
      assertThat(Math.abs((double) back - bytes)).isLessThanOrEqualTo(bytes / 20.0);
    }
  }
}
