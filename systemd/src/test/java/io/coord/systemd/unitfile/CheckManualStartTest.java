package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script before a start by hand, with a coord and a systemctl of a few lines. */
class CheckManualStartTest {
  private static final String UNIT = "brain-experiment@a1.service";

  private @TempDir Path folder;

  @BeforeEach
  void prepare() throws IOException {
    Files.writeString(folder.resolve("stops"), "");
    // As systemd stops what is before its start.
    program("systemctl", "echo \"$*\" >>\"${0%/*}/stops\"\nkill -TERM $PPID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"queued", "held", "completed", "failed"})
  void refusesAnExperimentOfTheCoordinatorWhateverItsState(String state) throws Exception {
    coord("echo '{ \"id\" : \"a1\", \"state\" : \"" + state + "\", \"owner\" : \"ada\" }'");

    assertThat(check())
        .isEqualTo(
            new UnitTestPrograms.Ended(
                0,
                "cannot start '"
                    + UNIT
                    + "' by hand: it is an experiment of the coordinator, "
                    + state
                    + ", which only the coordinator starts; see 'coord status a1'; nothing was"
                    + " started\n"));
    assertThat(folder.resolve("stops"))
        .as("or systemd would restart it")
        .content()
        .isEqualTo("--system --no-block stop -- " + UNIT + "\n");
    assertThat(folder.resolve("asked")).content().isEqualTo("status --json a1 RUN\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 69, 127})
  void startsWhatTheCoordinatorDoesNotKnowOrCannotBeAsked(int code) throws Exception {
    coord("exit " + code);

    assertThat(check()).isEqualTo(new UnitTestPrograms.Ended(0, ""));
    assertThat(folder.resolve("stops")).isEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(ints = {70, 75, 1})
  void refusesWhatTheCoordinatorDoesNotTell(int code) throws Exception {
    coord("exit " + code);

    assertThat(check().output()).contains("cannot ask the coordinator whether 'a1' is one of its");
    assertThat(folder.resolve("stops")).isNotEmptyFile();
  }

  @Test
  void failsRatherThanStartIfTheStopDoesNotCome() throws Exception {
    coord("echo '{\"state\":\"queued\"}'");
    program("systemctl", "exit 1");

    assertThat(check().code()).isEqualTo(1);
  }

  @Test
  void startsWhatTheCoordinatorHasPrepared() throws Exception {
    coord("echo '{\"state\":\"running\"}'");
    Files.createDirectories(folder.resolve(UNIT + ".d"));
    Files.writeString(folder.resolve(UNIT + ".d/50-coord.conf"), "");

    assertThat(check()).isEqualTo(new UnitTestPrograms.Ended(0, ""));
    assertThat(folder.resolve("asked")).doesNotExist();
  }

  private void coord(String answer) throws IOException {
    program("coord", "echo \"$* $COORD_RUNTIME_DIR\" >\"${0%/*}/asked\"\n" + answer);
  }

  private void program(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(
        folder.resolve(name), PosixFilePermissions.fromString("rwx------"));
  }

  private UnitTestPrograms.Ended check() throws Exception {
    Path script = folder.resolve("script");
    Files.writeString(script, UnitFiles.script(UnitFiles.CHECK_MANUAL_START));
    return UnitTestPrograms.run(
        Map.of("SYSTEMCTL", folder.resolve("systemctl").toString(), "SLEEP", "/bin/true"),
        List.of(
            "/bin/sh",
            script.toString(),
            "/run",
            UNIT,
            folder.toString(),
            folder.resolve("coord").toString(),
            "RUN",
            "a1"));
  }
}
