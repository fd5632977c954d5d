package io.coord.daemon;

import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SystemdException;
import io.coord.thermal.GpuClock;
import io.coord.thermal.Reading;
import io.coord.thermal.ThermalException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Caps the clock of the GPU in {@code coord-gpu-clock@PERCENT.service}, as the coordinator cannot
 * write sysfs. The unit notes in a folder what the clock was before.
 */
final class GpuClockUnit implements GpuClock {
  /** Somewhat more than the unit may take. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final int MAX_BYTES = 64;
  private static final int WHOLE = 100;
  private static final OptionalLong NONE = OptionalLong.empty();

  private final ServiceManager manager;
  private final Path folder;
  private final Supplier<Reading<Path>> clocks;

  /**
   * @param folder the unit's
   * @param clocks finds the folder of the GPU's clock in sysfs
   */
  GpuClockUnit(ServiceManager manager, Path folder, Supplier<Reading<Path>> clocks) {
    this.manager = manager;
    this.folder = folder;
    this.clocks = clocks;
  }

  @Override
  public OptionalInt percent() {
    return percent(folder, clocks.get());
  }

  static OptionalInt percent(Path folder, Reading<Path> clocks) {
    OptionalLong now =
        clocks.value().map(device -> number(device.resolve("max_freq"))).orElse(NONE);
    if (now.isEmpty()) {
      return OptionalInt.empty();
    }
    OptionalLong before = number(folder.resolve("before"));
    OptionalLong set = number(folder.resolve("set"));
    // Whoever has set the clock since then has undone the cap.
    return before.isEmpty() || !set.equals(now) || before.getAsLong() <= now.getAsLong()
        ? OptionalInt.of(WHOLE)
        : OptionalInt.of((int) (now.getAsLong() * WHOLE / before.getAsLong()));
  }

  @Override
  public void cap(int percent) {
    Path device = clocks.get().value().orElseThrow(() -> failed(percent, "it has no clock", null));
    String unit = "coord-gpu-clock@" + percent + ".service";
    try {
      Files.writeString(folder.resolve("device"), device + "\n");
      manager.hold(unit);
      JobResult result = manager.start(unit).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (result != JobResult.DONE) {
        throw failed(percent, "'" + unit + "' has failed: " + result, null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(percent, "coord is being ended", e);
    } catch (TimeoutException e) {
      throw failed(percent, "'" + unit + "' did not end in time", e);
    } catch (IOException | ExecutionException | SystemdException e) {
      throw failed(percent, "'" + unit + "': " + e.getMessage(), e);
    } finally {
      release(unit);
    }
  }

  private static ThermalException failed(int percent, String why, @Nullable Throwable cause) {
    return new ThermalException(
        "GPU", "cannot set the clock of the GPU to " + percent + " %: " + why, cause);
  }

  private void release(String unit) {
    try {
      manager.release(unit);
    } catch (SystemdException e) {
      // It stays loaded until the next start of it; nothing else depends on that.
      return;
    }
  }

  private static OptionalLong number(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
      return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : NONE;
    } catch (IOException e) {
      return NONE;
    }
  }
}
