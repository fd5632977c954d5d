package io.coord.selftest.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoicesTest {
  private static List<Object> first(int count, long seed) {
    Choices choices = new Choices(seed);
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
        .filteredOn(Choice.Enqueue.class::isInstance)
        .extracting(one -> ((Choice.Enqueue) one).player().part())
        .contains(Part.values());
    assertThat(all)
        .filteredOn(Choice.Enqueue.class::isInstance)
        .extracting(one -> ((Choice.Enqueue) one).killedAfterMillis().isPresent())
        .contains(true, false);
    assertThat(all)
        .filteredOn(Choice.End.class::isInstance)
        .extracting(one -> ((Choice.End) one).litter())
        .contains(Choice.Litter.values());
    assertThat(all)
        .filteredOn(Choice.End.class::isInstance)
        .extracting(one -> ((Choice.End) one).gently())
        .contains(true, false);
    assertThat(all)
        .filteredOn(Choice.Ask.class::isInstance)
        .extracting(one -> ((Choice.Ask) one).verb())
        .contains("stop", "hold", "release");
    assertThat(all)
        .filteredOn(Choice.Strike.class::isInstance)
        .extracting(one -> ((Choice.Strike) one).signal())
        .contains(9, 15);
  }
}
