package io.coord.selftest.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChaosScheduleTest {
  private static List<Object> first(int count, long seed) {
    ChaosSchedule choices = new ChaosSchedule(seed);
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(choices.next());
      all.add(choices.pauseMillis());
    }
    return all;
  }

  @Test
  void followFromTheSeedAlone() {
    assertThat(first(300, 5)).isEqualTo(first(300, 5)).isNotEqualTo(first(300, 6));
  }

  @Test
  void doEverythingThatThereIsToDo() {
    List<Object> all = first(1000, 1);

    assertThat(all)
        .filteredOn(ChaosAction.Enqueue.class::isInstance)
        .extracting(one -> ((ChaosAction.Enqueue) one).experiment().part())
        .contains(ExperimentPart.values());
    assertThat(all)
        .filteredOn(ChaosAction.Enqueue.class::isInstance)
        .extracting(one -> ((ChaosAction.Enqueue) one).killedAfterMillis().isPresent())
        .contains(true, false);
    assertThat(all)
        .filteredOn(ChaosAction.End.class::isInstance)
        .extracting(one -> ((ChaosAction.End) one).litter())
        .contains(ChaosAction.Litter.values());
    assertThat(all)
        .filteredOn(ChaosAction.End.class::isInstance)
        .extracting(one -> ((ChaosAction.End) one).gently())
        .contains(true, false);
    assertThat(all)
        .filteredOn(ChaosAction.Ask.class::isInstance)
        .extracting(one -> ((ChaosAction.Ask) one).verb())
        .contains("stop", "hold", "release");
    assertThat(all)
        .filteredOn(ChaosAction.Signal.class::isInstance)
        .extracting(one -> ((ChaosAction.Signal) one).signal())
        .contains(9, 15);
  }
}
