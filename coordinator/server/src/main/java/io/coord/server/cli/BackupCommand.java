package io.coord.server.cli;

import io.coord.persistence.LedgerException;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.BackupService;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code coord backup}. */
@Command(
    name = "backup",
    description =
        "Writes a copy of the database while the daemon runs. Operator only: the copy contains the"
            + " environment of all experiments.")
final class BackupCommand extends BaseCommand {
  private static final int PART_BYTES = 64 << 10;

  @Parameters(paramLabel = "FILE", description = "File for the copy.")
  String file = "";

  @Option(names = "--force", description = "Replace FILE if it exists.")
  boolean force;

  BackupCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    BackupService backup = session.coordinator.backup();
    Optional<Refusal> refusal = backup.refusal(session.caller);
    if (refusal.isPresent()) {
      return session.refuse(refusal.get(), json);
    }
    // The file first: if it cannot be written, no copy is needed.
    session.output.beginFile(file, force);
    try {
      backup.backup(
          copy -> {
            byte[] part = new byte[PART_BYTES];
            for (int length = copy.read(part); length >= 0; length = copy.read(part)) {
              session.output.file(part, 0, length);
            }
          });
    } catch (LedgerException e) {
      return session.refuse(
          new Refusal(Refusal.Code.STORAGE_FAILED, String.valueOf(e.getMessage())), json);
    } catch (IOException e) {
      return session.refuse(
          new Refusal(
              Refusal.Code.STORAGE_FAILED,
              "cannot read the copy: " + e.getMessage() + "; try again"),
          json);
    }
    session.output.endFile();
    return session.acknowledge("copy written to " + file, json);
  }
}
