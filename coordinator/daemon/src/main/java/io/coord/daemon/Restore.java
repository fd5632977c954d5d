package io.coord.daemon;

import io.coord.persistence.LedgerException;
import io.coord.persistence.sqlite.LedgerRestore;
import io.coord.server.api.ExitCodes;
import io.coord.server.cli.RestoreReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** {@code coord restore}: puts a backup in the place of the database of a stopped daemon. */
final class Restore {
  private final Paths paths;
  private final String account;
  private final PrintStream out;
  private final PrintStream error;

  /**
   * @param account the account that runs this program
   * @param out for what differs and what was done
   * @param error for why nothing was done
   */
  Restore(Paths paths, String account, PrintStream out, PrintStream error) {
    this.paths = paths;
    this.account = account;
    this.out = out;
    this.error = error;
  }

  /**
   * Restores, and returns the exit code.
   *
   * @param dryRun changes nothing
   */
  int run(Path backup, boolean dryRun, boolean json) {
    try (Lifecycle lifecycle = new Lifecycle()) {
      Optional<String> owner = otherOwner();
      if (owner.isPresent()) {
        return refuse(
            "cannot restore '%s': only root and the owner of '%s', '%s', may; nothing was changed"
                .formatted(backup, paths.state(), owner.get()));
      }
      try {
        StateDirectories.open(paths, lifecycle);
      } catch (StateDirectories.InUseException e) {
        return refuse(RestoreReport.daemonRuns(backup.toString()));
      }
      return restore(backup, dryRun, json);
    } catch (LedgerException e) {
      error.println("coord: " + e.getMessage());
      return e.kind() == LedgerException.Kind.DISK_FULL ? ExitCodes.NOT_NOW : ExitCodes.USER;
    } catch (IOException e) {
      return refuse("cannot restore '" + backup + "': " + e + "; nothing was changed");
    }
  }

  private int refuse(String why) {
    error.println("coord: " + why);
    return ExitCodes.USER;
  }

  /** Whose the state directory is, if this account may not replace what is in it. */
  private Optional<String> otherOwner() throws IOException {
    if (account.equals("root") || !Files.exists(paths.state())) {
      return Optional.empty();
    }
    return Optional.of(Files.getOwner(paths.state()).getName())
        .filter(owner -> !owner.equals(account));
  }

  private int restore(Path backup, boolean dryRun, boolean json) {
    try (LedgerRestore restore = LedgerRestore.prepare(backup, paths.database())) {
      RestoreReport report =
          new RestoreReport(backup, paths.database(), restore.replaces(), restore.differences());
      if (!json) {
        out.print(report.differencesAsText());
      }
      Optional<Path> kept = Optional.empty();
      if (!dryRun) {
        kept = restore.putInPlace();
      }
      if (json) {
        out.print(report.asJson(!dryRun, kept));
      } else {
        out.print(dryRun ? "nothing was changed\n" : report.restoredAsText(kept));
      }
      return ExitCodes.OK;
    }
  }
}
