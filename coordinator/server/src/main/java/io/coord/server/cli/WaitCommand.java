package io.coord.server.cli;

import io.coord.runner.Durations;
import io.coord.server.api.ExitCodes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code coord wait}. */
@Command(
    name = "wait",
    description =
        "Waits until experiments have ended. Reports what it waits for if a person must act. Exit"
            + " code 0: all completed; 1: an experiment failed; 3: an experiment was stopped; 75:"
            + " not ended within the timeout.")
final class WaitCommand extends BaseCommand {
  /** A longer timeout is as good as none. */
  private static final Duration LONGEST = Duration.ofDays(100 * 365);

  @Parameters(arity = "1..*", paramLabel = "ID", description = "Experiment ids.")
  List<String> ids = new ArrayList<>();

  @Option(names = "--any", description = "Wait only until the first of them has ended.")
  boolean any;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "Wait no longer than this, such as 90s or 2h.")
  @Nullable String timeout;

  /** The end of the timeout, see {@link CommandOutput#resumeWith}. */
  @Option(names = "--until", hidden = true)
  @Nullable Long until;

  /** How many have been printed, see {@link CommandOutput#resumeWith}. */
  @Option(names = "--printed", hidden = true)
  int printed;

  /** Whether a stop is what was asked for, see {@link CommandOutput#resumeWith}. */
  @Option(names = "--stopping", hidden = true)
  boolean stopping;

  WaitCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    Optional<Instant> end = Optional.ofNullable(until).map(Instant::ofEpochMilli);
    if (timeout != null) {
      Optional<Duration> limit = Durations.parse(timeout);
      if (limit.isEmpty()) {
        session.output.error("coord: --timeout is a time such as 90s or 2h, not '" + timeout + "'");
        return ExitCodes.USER;
      }
      end = limit.map(time -> session.now().plus(time.compareTo(LONGEST) < 0 ? time : LONGEST));
    }
    return new Waiting(session, new Waiting.Request(ids, json, any, end, stopping))
        .run(Math.max(0, Math.min(printed, ids.size())));
  }
}
