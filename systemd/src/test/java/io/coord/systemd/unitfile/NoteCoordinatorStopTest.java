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

/** The script that notes a stop of the coordinator, with a systemctl of a few lines. */
class NoteCoordinatorStopTest {
  private static final String UNIT = "brain-experiment-coordinator.service";
  private static final String STOP_SOCKET =
      "--system --no-pager --no-block --job-mode=fail stop brain-experiment-coordinator.socket\n";

  private @TempDir Path folder;

  @BeforeEach
  void prepare() throws IOException {
    Files.createDirectory(folder.resolve("proc"));
    Files.writeString(folder.resolve("calls"), "");
    Files.writeString(folder.resolve("jobs"), "");
    Files.writeString(folder.resolve("target"), "ActiveState=active\n");
    Path systemctl = folder.resolve("systemctl");
    Files.writeString(
        systemctl,
        """
        #!/bin/sh
        cd "${0%/*}"
        case "$*" in
          *list-jobs*) cat jobs ;;
          *ActiveState*) cat target ;;
          *) echo "$*" >>calls ;;
        esac
        """);
    Files.setPosixFilePermissions(systemctl, PosixFilePermissions.fromString("rwx------"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "restart", "start", "try-restart"})
  void onlyARequestedStopIsNoted(String job) throws Exception {
    job(job);

    run();

    assertThat(folder.resolve("stopped")).doesNotExist();
    assertThat(folder.resolve("calls")).isEmptyFile();
  }

  @Test
  void theJobOfAnotherUnitDoesNotCount() throws Exception {
    Files.writeString(folder.resolve("jobs"), "7 x" + UNIT + " stop running\n");

    run();

    assertThat(folder.resolve("stopped")).doesNotExist();
  }

  @Test
  void namesTheUserWhoseSystemctlWaits() throws Exception {
    job("stop");
    process("10", "watch", "0", "systemctl", "stop", UNIT);
    process("11", "systemctl", "0", "systemctl", "status", UNIT);
    process("12", "systemctl", "0", "systemctl", "stop", "brain-experiment@a.service");
    process("13", "systemctl", "2", "systemctl", "stop", "brain-experiment-coordinator");

    run();

    assertThat(stopped())
        .matches(
            "stopped by bin at [0-9-]{10} [0-9:]{8} [A-Z]+; start it with 'systemctl start"
                + " brain-experiment-coordinator'\n");
    assertThat(folder.resolve("calls")).content().isEqualTo(STOP_SOCKET);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(marker())))
        .isEqualTo("rw-r--r--");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967295", ""})
  void withoutALoginItIsTheUserOfTheProcess(String login) throws Exception {
    job("stop");
    process("13", "systemctl", login, "/bin/systemctl", "stop", UNIT);

    run();

    assertThat(stopped()).startsWith("stopped by " + System.getProperty("user.name") + " at ");
  }

  @Test
  void namesNobodyIfNobodyWaits() throws Exception {
    job("stop");
    Files.writeString(folder.resolve("target"), "ActiveState=inactive\n");

    run();

    assertThat(stopped())
        .startsWith("stopped with systemctl at ")
        .endsWith("; start it with 'systemctl start brain-experiment.target'\n");
  }

  @Test
  void theFirstNoteOfAStopStays() throws Exception {
    job("stop");
    Files.writeString(marker(), "stopped by somebody\n");

    run();

    assertThat(stopped()).isEqualTo("stopped by somebody\n");
    assertThat(folder.resolve("calls")).content().isEqualTo(STOP_SOCKET);
  }

  private Path marker() {
    return folder.resolve("stopped");
  }

  private String stopped() throws IOException {
    return Files.readString(marker());
  }

  private void job(String type) throws IOException {
    String jobs = type.isEmpty() ? "" : "  42 " + UNIT + "  " + type + " running\n";
    Files.writeString(folder.resolve("jobs"), jobs);
  }

  private void process(String pid, String name, String login, String... words) throws IOException {
    Path process = Files.createDirectory(folder.resolve("proc").resolve(pid));
    Files.writeString(process.resolve("comm"), name + "\n");
    Files.writeString(process.resolve("loginuid"), login);
    Files.writeString(process.resolve("cmdline"), String.join("\0", words) + "\0");
  }

  private void run() throws Exception {
    Path script = folder.resolve("script");
    Files.writeString(script, UnitFiles.script(UnitFiles.NOTE_COORDINATOR_STOP));
    assertThat(
            UnitTestPrograms.run(
                Map.of(
                    "SYSTEMCTL", folder.resolve("systemctl").toString(),
                    "PROC_ROOT", folder.resolve("proc").toString()),
                List.of("/bin/sh", script.toString(), "--system", UNIT, marker().toString())))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }
}
