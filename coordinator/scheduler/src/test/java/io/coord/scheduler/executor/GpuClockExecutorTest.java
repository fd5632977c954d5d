package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.thermal.Gpu;
import io.coord.thermal.GpuClock;
import io.coord.thermal.Reading;
import io.coord.thermal.ThermalException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GpuClockExecutorTest {
  private final List<Event> posted = new ArrayList<>();
  private final Clock clock = new Clock();
  private final GpuClockExecutor executor = new GpuClockExecutor(clock, Runnable::run, posted::add);

  /** A clock that does what it is told, unless it cannot be set. */
  private static final class Clock implements GpuClock {
    private int percent = 100;
    private boolean fixed;

    @Override
    public OptionalInt percent() {
      return OptionalInt.of(percent);
    }

    @Override
    public void cap(int now) {
      if (fixed) {
        throw new ThermalException("GPU", "cannot set the clock", null);
      }
      percent = now;
    }
  }

  private void loads(double percent, int times) {
    for (int i = 0; i < times; i++) {
      executor.look(new Gpu(Reading.of(percent), Reading.of(1L), Reading.of(1L)));
    }
  }

  private static Event seen(int percent, boolean busy, long carriedOut) {
    return new Event.GpuSeen(OptionalInt.of(percent), busy, carriedOut);
  }

  @Test
  void reportsOnlyWhatHasChanged() {
    loads(0, 5);
    assertThat(posted).containsExactly(seen(100, false, 0));
  }

  @Test
  void aGpuWorksOnceItsMeanLoadIsHighAndUntilItIsLow() {
    loads(100, 3);
    assertThat(posted).containsExactly(seen(100, false, 0));
    loads(100, 10);
    assertThat(posted).containsExactly(seen(100, false, 0), seen(100, true, 0));
    loads(30, 100);
    assertThat(posted).hasSize(2);
    loads(0, 10);
    assertThat(posted).hasSize(3).last().isEqualTo(seen(100, false, 0));
  }

  @Test
  void aCapIsReadBackWhetherItWorkedOrNot() {
    executor.carryOut(new Effect.CapGpu(65, 1));
    clock.fixed = true;
    executor.carryOut(new Effect.CapGpu(40, 2));
    assertThat(posted).containsExactly(seen(65, false, 1), seen(65, false, 2));
  }
}
