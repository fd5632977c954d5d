package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and records say of which experiment they are: another one may have had the same id. */
class OriginOfRecordsTest {
  private static final String OWN = "0123456789abcdef0123456789abcdef";
  private static final String OTHER = "f".repeat(32);

  @TempDir private Path folder;
  private Path lib;
  private Path records;
  private InstanceFilesOnDisk files;

  @BeforeEach
  void install() throws IOException {
    lib = folder.resolve("lib");
    records = folder.resolve("state/exits/a.log");
    files = TestUnitFiles.instances(folder, folder.resolve("state"));
    TestUnitFiles.installer(folder).install();
  }

  private void prepare(Optional<String> origin, int seen) {
    InstanceSpec spec = InstanceSpecs.of("a", folder, "/bin/true").spec();
    files.prepare(
        new InstanceSpec(
            spec.instance(),
            spec.description(),
            spec.exec(),
            new RunContext(Map.of(), seen, origin),
            spec.resources(),
            spec.restart(),
            spec.timeouts(),
            spec.success()));
  }

  private Map<String, String> runs(String invocation) throws Exception {
    String context = folder.resolve("run/a.context").toString();
    script("prepare-run", records.toString(), folder.resolve("run/a.base").toString(), context);
    Map<String, String> told = SystemdGrammar.environmentFile(Files.readString(Path.of(context)));
    script("record-exit", records.toString(), context, invocation, "exit-code", "exited", "3");
    return told;
  }

  private void script(String name, String... arguments) throws Exception {
    List<String> command =
        new java.util.ArrayList<>(List.of("/bin/sh", lib.resolve(name).toString()));
    command.addAll(List.of(arguments));
    assertThat(UnitTestPrograms.run(Map.of("LOGGER", "/none"), command).code()).isZero();
  }

  private List<Optional<String>> origins() {
    return files.exitRecords("a", 0).stream().map(each -> each.evidence().origin()).toList();
  }

  @Test
  void dropInAndRecordNameTheExperiment() throws Exception {
    prepare(Optional.of(OWN), 0);
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("[Unit]\n")
        .contains("\nX-Coord-Origin=" + OWN + "\n");
    assertThat(runs("1".repeat(32)))
        .as("the program is told nothing of it")
        .containsOnlyKeys("COORD_RUN", "COORD_CRASH_COUNT", "COORD_RESUME");
    assertThat(runs("2".repeat(32))).containsEntry("COORD_RUN", "2");
    assertThat(origins()).containsExactly(Optional.of(OWN), Optional.of(OWN));
  }

  /** An instance that an earlier version has prepared, and records of it. */
  @Test
  void recordsWithoutAnOriginStay() throws Exception {
    prepare(Optional.empty(), 0);
    runs("1".repeat(32));
    prepare(Optional.of(OWN), 1);
    assertThat(runs("2".repeat(32))).as("the first was seen").containsEntry("COORD_RUN", "1");
    assertThat(runs("3".repeat(32))).containsEntry("COORD_RUN", "2");
    assertThat(origins()).containsExactly(Optional.empty(), Optional.of(OWN), Optional.of(OWN));
  }

  @Test
  void recordsOfAnotherExperimentAreSetAside() throws Exception {
    prepare(Optional.of(OTHER), 0);
    runs("1".repeat(32));
    String before = Files.readString(records);
    prepare(Optional.of(OWN), 0);
    assertThat(files.exitRecords("a", 0)).isEmpty();
    assertThat(records.resolveSibling("a.log.of-another-1")).hasContent(before);
    assertThat(runs("2".repeat(32))).containsEntry("COORD_RUN", "1");
    prepare(Optional.of(OWN), 1);
    assertThat(origins()).as("its own stay").containsExactly(Optional.of(OWN));
  }

  /** The ledger was restored in between: its experiment has left a record before. */
  @Test
  void whatWasCountedBeforeStaysCounted() throws Exception {
    prepare(Optional.of(OTHER), 0);
    runs("1".repeat(32));
    prepare(Optional.of(OWN), 2);
    assertThat(files.exitRecords("a", 2)).isEmpty();
    runs("2".repeat(32));
    assertThat(files.exitRecords("a", 2)).hasSize(1);
  }
}
