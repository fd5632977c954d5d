package io.coord.daemon;

import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.UnitStatus;
import io.coord.thermal.CommandRunner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Changes the power mode in {@code coord-nvpmodel@ID.service}, so that the tool neither inherits
 * nor needs the coordinator's sandbox. systemd bounds it, and kills it with all that it started.
 */
final class PowerModeUnit implements CommandRunner {
  /** More than the tool writes; the unit ends a tool that writes more than 1 MiB. */
  private static final int OUTPUT_LIMIT_BYTES = 64 * 1024;

  /** What systemd may need beyond the tool's own limit, twice killing included. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final ServiceManager manager;
  private final Path outputs;

  /**
   * @param outputs the folder in which the unit leaves what the tool said
   */
  PowerModeUnit(ServiceManager manager, Path outputs) {
    this.manager = manager;
    this.outputs = outputs;
  }

  @Override
  public Result run(List<String> command, Duration limit) {
    String id = command.get(command.size() - 1);
    String unit = "coord-nvpmodel@" + id + ".service";
    try {
      // Held, so that how it ended can be read when it is over.
      manager.hold(unit);
      JobResult job = manager.start(unit).get(limit.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
      Optional<UnitStatus> status = manager.status(unit);
      String output = output(id);
      if (job == JobResult.DONE) {
        return new Ended(0, output);
      }
      return status.filter(ended -> ended.result().equals("timeout")).isPresent()
          ? new Killed(limit, output)
          : new Ended(
              status.map(last -> last.mainProcess().status()).filter(code -> code != 0).orElse(1),
              output);
    } catch (TimeoutException e) {
      return new Killed(limit, output(id));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new NotRun("coord is being ended");
    } catch (ExecutionException | RuntimeException e) {
      Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      return new NotRun(String.valueOf(cause.getMessage()));
    } finally {
      release(unit);
    }
  }

  private void release(String unit) {
    try {
      manager.release(unit);
    } catch (RuntimeException e) {
      // It stays loaded until the next start of it; nothing else depends on that.
      return;
    }
  }

  private String output(String id) {
    try (InputStream in = Files.newInputStream(outputs.resolve(id))) {
      return new String(in.readNBytes(OUTPUT_LIMIT_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "(its output cannot be read: " + e.getMessage() + ")";
    }
  }
}
