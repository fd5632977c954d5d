package io.coord.coordinator.cli;

import io.coord.coordinator.core.Answer;
import io.coord.persistence.LedgerException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coord backup}. */
@Command(
    name = "backup",
    description =
        "Writes a copy of the database while everything goes on. For the operator, as the"
            + " coordinator writes the file.")
final class BackupCommand extends BaseCommand {
  @Parameters(paramLabel = "FILE", description = "A file that does not exist yet.")
  String file = "";

  BackupCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    if (!session.caller.operator()) {
      return session.refuse(
          new Answer.Refused(
              Answer.Kind.USER, "cannot back up: that is for the operator; nothing was written"),
          json);
    }
    Path target = Path.of(session.request.cwd()).resolve(file);
    try {
      session.coordinator.backup(target);
    } catch (LedgerException e) {
      return session.refuse(
          new Answer.Refused(Answer.Kind.NOT_NOW, String.valueOf(e.getMessage())), json);
    }
    return session.tell(new Answer.Noted("written to " + target), json);
  }
}
