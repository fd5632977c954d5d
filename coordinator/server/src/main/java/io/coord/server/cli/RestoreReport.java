package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.LedgerDifferences;
import io.coord.persistence.LedgerDifferences.Difference;
import io.coord.persistence.LedgerDifferences.Group;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code coord restore} prints.
 *
 * @param backup the file that is restored
 * @param database the ledger's file
 * @param replaces whether there is a ledger now
 * @param differences how the present ledger differs; empty if there is none that can be read
 */
public record RestoreReport(
    Path backup, Path database, boolean replaces, Optional<LedgerDifferences> differences) {

  private static final String NONE = "-";

  /** Why nothing can be restored now. */
  public static String daemonRuns(String backup) {
    return "cannot restore '"
        + backup
        + "': the daemon is running; stop it, for example with"
        + " 'systemctl stop brain-experiment-coordinator'; nothing was changed";
  }

  /** What differs, in lines. */
  public String differencesAsText() {
    if (!replaces) {
      return "there is no database '" + database + "' to compare with\n";
    }
    if (differences.isEmpty()) {
      return "the database '"
          + database
          + "' cannot be read, and cannot be compared; ids that only it has used are not known\n";
    }
    LedgerDifferences found = differences.get();
    if (found.isEmpty()) {
      return "the database and the backup hold the same experiments in the same states\n";
    }
    StringBuilder text = new StringBuilder();
    Table table = new Table("EXPERIMENT", "DATABASE", "BACKUP");
    count(text, found.presentOnly(), "only in the database; unknown after the restore");
    count(text, found.backupOnly(), "only in the backup; known again after the restore");
    count(text, found.changed(), "in another state or with other runs");
    count(text, found.unlike(), "with an id that belongs to another experiment in the backup");
    text.append('\n');
    rows(table, found.presentOnly());
    rows(table, found.backupOnly());
    rows(table, found.changed());
    rows(table, found.unlike());
    return text.append(table.render(0)).toString();
  }

  private static void count(StringBuilder text, Group group, String what) {
    if (group.count() == 0) {
      return;
    }
    text.append(group.count()).append(group.count() == 1 ? " experiment " : " experiments ");
    text.append(what);
    if (group.count() > group.latest().size()) {
      text.append("; below are the latest ").append(group.latest().size());
    }
    text.append('\n');
  }

  private static void rows(Table table, Group group) {
    for (Difference each : group.latest()) {
      table.row(each.id(), word(each.present()), word(each.backup()));
    }
  }

  private static String word(Optional<ExperimentState> state) {
    return state.map(ExperimentState::word).orElse(NONE);
  }

  /** What was done, in lines. */
  public String restoredAsText(Optional<Path> kept) {
    return "restored '"
        + backup
        + "' as '"
        + database
        + "'\n"
        + kept.map(path -> "the database before is '" + path + "'\n").orElse("")
        + "start the daemon again; it takes over the experiments that run\n";
  }

  /**
   * Everything as JSON.
   *
   * @param restored whether the backup is in place
   * @param kept the name of the database before; empty if it was not replaced
   */
  public String asJson(boolean restored, Optional<Path> kept) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("restored", restored);
    json.put("file", backup.toString());
    json.put("database", database.toString());
    json.put("kept", kept.map(Path::toString).orElse(null));
    if (differences.isPresent()) {
      ObjectNode groups = json.putObject("differences");
      put(groups.putObject("database_only"), differences.get().presentOnly());
      put(groups.putObject("backup_only"), differences.get().backupOnly());
      put(groups.putObject("changed"), differences.get().changed());
      put(groups.putObject("other_experiment"), differences.get().unlike());
    } else {
      json.putNull("differences");
    }
    return json + "\n";
  }

  private static void put(ObjectNode json, Group group) {
    json.put("count", group.count());
    ArrayNode latest = json.putArray("latest");
    for (Difference each : group.latest()) {
      latest
          .addObject()
          .put("id", each.id())
          .put("database", each.present().map(ExperimentState::word).orElse(null))
          .put("backup", each.backup().map(ExperimentState::word).orElse(null));
    }
  }
}
