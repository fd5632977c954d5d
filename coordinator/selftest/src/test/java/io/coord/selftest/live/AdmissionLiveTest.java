package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RequestField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Admission, as measured by those admitted. */
class AdmissionLiveTest extends LiveTest {
  private static final int MIB = 1 << 20;

  @Test
  void aQueueOfTwelveKeepsToTheSlotsAndTheMemory() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "3").set("TOTAL_RAM_LIMIT_GB", "1").start();
    RunJournal diary = new RunJournal(coord.work());
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      // Three small ones fit together, two large ones do, a large and two small ones do not quite.
      boolean large = i % 3 == 0;
      String id = (large ? "large" : "small") + i;
      ids.add(
          coord.enqueue(
              shell(id, RunJournal.script(id, "sleep 0.2"))
                  .with(RequestField.RAM, large ? "500M" : "300M")));
    }
    coord.awaitEnd(ids.toArray(String[]::new));

    assertThat(diary.beginnings()).hasSize(12).allSatisfy((id, n) -> assertThat(n).isEqualTo(1));
    for (Map<String, List<Long>> together : diary.moments()) {
      assertThat(together).hasSizeLessThanOrEqualTo(3);
      long ram =
          together.keySet().stream()
              .mapToLong(id -> (id.startsWith("large") ? 500L : 300L) * MIB)
              .sum();
      assertThat(ram).as("%s", together).isLessThanOrEqualTo(1L << 30);
    }
    assertThat(diary.moments()).as("they do run side by side").anyMatch(m -> m.size() >= 2);
  }

  @Test
  void threeSlotsAreThreeAtOnce() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "3").start();
    RunJournal diary = new RunJournal(coord.work());
    // Each waits until three have begun, so that they end only if three may run at once.
    String waits = "until [ $(grep -c start diary) -ge 3 ]; do sleep 0.05; done";
    for (String id : List.of("one", "two", "three", "four")) {
      coord.enqueue(shell(id, RunJournal.script(id, waits)));
    }
    coord.awaitEnd("one", "two", "three", "four");

    assertThat(diary.moments()).anyMatch(m -> m.size() == 3).noneMatch(m -> m.size() > 3);
  }

  @Test
  void priorityGoesFirstThenAge() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "1").start();
    RunJournal diary = new RunJournal(coord.work());
    coord.enqueue(
        shell("first", RunJournal.script("first", "until [ -e go ]; do sleep 0.05; done")));
    coord.awaitState("first", "running");
    for (String[] one :
        new String[][] {{"a", "0"}, {"b", "5"}, {"c", "-5"}, {"d", "5"}, {"e", "0"}, {"f", "9"}}) {
      coord.enqueue(
          shell(one[0], RunJournal.script(one[0], ":")).with(RequestField.PRIORITY, one[1]));
    }
    assertThat(coord.experiment("f").path("reason").asText()).contains("waits for a slot");
    coord.touch("go");
    coord.awaitEnd("a", "b", "c", "d", "e", "f");

    assertThat(diary.order()).containsExactly("first", "f", "b", "d", "a", "e", "c");
  }

  @Test
  void oneThatAsksForMoreThanThereIsIsRefused() throws Exception {
    coord.set("TOTAL_RAM_LIMIT_GB", "1").start();

    assertThat(
            coord
                .refusal(shell("huge", ":").with(RequestField.RAM, "2G").toJson(), 400)
                .path("error")
                .asText())
        .contains("TOTAL_RAM_LIMIT_GB")
        .contains("nothing was enqueued");
    assertThat(coord.get("/v1/experiments").size()).isZero();
  }
}
