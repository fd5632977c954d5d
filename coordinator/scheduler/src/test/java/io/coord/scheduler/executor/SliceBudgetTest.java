package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.Slices;
import io.coord.systemd.testing.ServiceSettings;
import io.coord.systemd.testing.SimulatedRun;
import io.coord.systemd.testing.SimulatedServiceManager;
import io.coord.systemd.testing.SimulatedUnits;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SliceBudgetTest {
  private static final String SLICE = "brain.slice";

  private final SimulatedServiceManager manager =
      new SimulatedServiceManager(Instant.parse("2026-11-20T12:00:00Z"), new NoUnits());
  private final Slices slices = manager.slices();
  private final SliceBudget budget =
      new SliceBudget(OptionalLong.of(1L << 33), new TreeSet<>(List.of(1, 2)));

  private static final class NoUnits implements SimulatedUnits {
    @Override
    public boolean exists(String unit) {
      return false;
    }

    @Override
    public ServiceSettings settings(String unit) {
      throw new AssertionError(unit);
    }

    @Override
    public SimulatedRun run(String unit, int number) {
      throw new AssertionError(unit);
    }

    @Override
    public void ended(String unit, ExitRecord exitRecord) {}
  }

  @Test
  void isSetOnceAndAgainWhenItIsFoundOtherwise() {
    assertThat(budget.keep(slices, SLICE).memoryBytes()).hasValue(1L << 33);
    assertThat(slices.status(SLICE).cores()).containsExactly(1, 2);
    int calls = manager.calls();
    budget.keep(slices, SLICE);
    assertThat(manager.calls() - calls).as("looks, and sets nothing").isEqualTo(1);

    slices.limitTotals(SLICE, OptionalLong.of(5), new TreeSet<>(List.of(1, 2)));
    assertThat(budget.keep(slices, SLICE).memoryBytes()).hasValue(1L << 33);
    slices.limitTotals(SLICE, OptionalLong.of(1L << 33), new TreeSet<>());
    assertThat(budget.keep(slices, SLICE).cores()).containsExactly(1, 2);
  }

  @Test
  void leavesTheThrottleAsItIs() {
    slices.limitProcessor(SLICE, OptionalInt.of(150));
    assertThat(budget.keep(slices, SLICE).processorPercent()).hasValue(150);
  }

  @Test
  void takesBackCoresThatAreSetNoMore() {
    budget.keep(slices, SLICE);
    new SliceBudget(OptionalLong.of(1L << 33), new TreeSet<>()).keep(slices, SLICE);
    assertThat(slices.status(SLICE).cores()).isEmpty();
  }
}
