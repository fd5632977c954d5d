package io.coord.systemd.dbus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChangePaceTest {
  private static final long BEGIN = Long.MAX_VALUE - 5;

  private final ChangePace pace = new ChangePace(ChangePace.BURST, ChangePace.INTERVAL);

  /** How many of the changes of a second are reported at once, one each millisecond. */
  private int reportedInSecond(String unit, long second) {
    int reported = 0;
    for (int milli = 0; milli < 1_000; milli++) {
      long now = BEGIN + TimeUnit.SECONDS.toNanos(second) + TimeUnit.MILLISECONDS.toNanos(milli);
      if (pace.nanosToWait(unit, now) == 0) {
        reported++;
      }
    }
    return reported;
  }

  @Test
  void aUnitThatStartsOrEndsIsReportedAtOnce() {
    for (int i = 0; i < ChangePace.BURST; i++) {
      assertThat(pace.nanosToWait("a", BEGIN)).isZero();
    }
    assertThat(pace.nanosToWait("a", BEGIN)).isEqualTo(ChangePace.INTERVAL.toNanos());
  }

  @Test
  void aFloodIsReportedTenTimesInASecond() {
    assertThat(reportedInSecond("a", 0)).isBetween(ChangePace.BURST, ChangePace.BURST + 10);
    assertThat(reportedInSecond("a", 1)).isEqualTo(10);
  }

  @Test
  void theOtherUnitsAreNotSlowedDown() {
    reportedInSecond("a", 0);
    assertThat(pace.nanosToWait("b", BEGIN)).isZero();
  }

  @Test
  void isForgottenAfterTwoSeconds() {
    reportedInSecond("a", 0);
    assertThat(reportedInSecond("a", 3)).isGreaterThanOrEqualTo(ChangePace.BURST);
  }

  @Test
  void whatIsReportedAfterTheWaitIsReportedThen() {
    reportedInSecond("a", 0);
    long last = BEGIN + TimeUnit.MILLISECONDS.toNanos(999);
    long wait = pace.nanosToWait("a", last);
    assertThat(wait).isPositive();
    assertThat(pace.nanosToWait("a", last + wait - 1)).isPositive();
    assertThat(pace.nanosToWait("a", last + wait)).isZero();
  }
}
