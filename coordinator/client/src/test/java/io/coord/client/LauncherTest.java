package io.coord.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bin/coord} with a Java that only says how it was called. */
final class LauncherTest {
  private static final Path LAUNCHER = Path.of("../../bin/coord").toAbsolutePath().normalize();

  private static final Path PERL_CLIENT = Path.of("src/main/perl/coord-client.pl").toAbsolutePath();

  @TempDir private Path folder;

  @BeforeEach
  void prepare() throws Exception {
    program("bin/coord", Files.readString(LAUNCHER));
    program("jdk/bin/java", "#!/bin/sh\nprintf '<%s>' \"$@\"\necho \" ${COORD_COLUMNS-unset}\"\n");
    Files.writeString(folder.resolve("jdk/release"), "X=\"1\"\nJAVA_VERSION=\"17.0.15\"\n");
    Files.createDirectories(folder.resolve("lib/coord"));
    Files.writeString(folder.resolve("lib/coord/coord-client.jar"), "");
  }

  private void program(String name, String text) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private ClientProcess.Outcome run(String script) throws Exception {
    return new ClientProcess(ClientProcess.Kind.JAVA, folder)
        .with("JAVA_HOME", folder.resolve("jdk").toString())
        .with("COORD_COLUMNS", "80")
        .shell(script);
  }

  @ParameterizedTest
  @CsvSource({
    "bin/coord list, Client",
    "bin/coord --user list, Client",
    "bin/coord, Client",
    "bin/coord logs daemon, Client",
    "bin/coord daemon, DaemonMain",
    "bin/coord --user daemon, DaemonMain",
    "bin/coord demo, SelftestMain",
    "bin/coord selftest --chaos 5m, SelftestMain",
    "bin/coord config check, DaemonMain",
    "bin/coord restore backup.db, DaemonMain",
    "bin/coord --user restore --dry-run backup.db, DaemonMain",
    "ln -s bin/coord link; ./link list, Client",
    "cd bin; sh coord list, Client",
    "PATH=$PWD/bin:$PATH; coord list, Client",
    "mkdir l; ln -s ../bin l/bin; l/bin/coord list, Client",
  })
  void choosesTheProgram(String script, String program) throws Exception {
    ClientProcess.Outcome outcome = run(script);

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).contains("." + program + ">");
  }

  @Test
  void theClientHasOneJarAndTheDaemonNothingOfTheSelftest() throws Exception {
    assertThat(run("bin/coord list").out()).contains("<-cp><bin/../lib/coord/coord-client.jar>");
    assertThat(run("bin/coord daemon").out()).contains("<-cp><bin/../lib/coord/*>");
    assertThat(run("bin/coord demo").out())
        .contains("<-cp><bin/../lib/coord/selftest/*:bin/../lib/coord/*>");
  }

  @Test
  void findsTheJarsOfACheckout() throws Exception {
    Path target = Files.createDirectories(folder.resolve("coordinator/client/target"));
    Files.move(folder.resolve("lib/coord/coord-client.jar"), target.resolve("coord-client-2.jar"));
    Files.delete(folder.resolve("lib/coord"));
    String modules = "bin/../coordinator/";

    assertThat(run("bin/coord list").out())
        .contains("<-cp><" + modules + "client/target/coord-client-2.jar>");
    assertThat(run("bin/coord daemon").out()).contains("<-cp><" + modules + "daemon/target/lib/*>");
    assertThat(run("bin/coord demo").out())
        .contains("<-cp><" + modules + "selftest/target/lib/*:" + modules + "daemon/target/lib/*>");
  }

  @Test
  void handsArgumentsOnAsTheyAre() throws Exception {
    assertThat(run("bin/coord a '' 'b  c' '*' \"q'\\\"\\$x\"").out())
        .contains(".Client><a><><b  c><*><q'\"$x> ");
  }

  @Test
  void measuresNoTerminalWhereThereIsNone() throws Exception {
    assertThat(run("bin/coord list").out()).endsWith(" unset\n");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    assertThat(run("COORD_LIB=/nowhere bin/coord list").err())
        .startsWith("coord: cannot find '/nowhere/coord-client.jar': ");
    assertThat(run("JAVA_HOME=/nowhere bin/coord list").err())
        .startsWith("coord: cannot run '/nowhere/bin/java': ");
    assertThat(run("unset JAVA_HOME; PATH=/nowhere; bin/coord list").err())
        .startsWith("coord: cannot find 'java' in PATH: ");
  }

  @Test
  void prefersPerlUnlessJavaIsAskedFor() throws Exception {
    program("jdk/bin/perl", "#!/bin/sh\nprintf '<%s>' perl \"$@\" \"$COORD_LAUNCHER\"\n");
    Files.writeString(folder.resolve("lib/coord/coord-client.pl"), "");

    assertThat(run("PATH=$PWD/jdk/bin:$PATH; bin/coord list 'a b'").out())
        .isEqualTo("<perl><bin/../lib/coord/coord-client.pl><list><a b><bin/coord>");
    assertThat(run("PATH=$PWD/jdk/bin:$PATH; COORD_CLIENT=java bin/coord list").out())
        .contains(".Client><list>");
    assertThat(run("PATH=/nowhere; bin/coord list").out()).contains(".Client><list>");
    assertThat(run("PATH=$PWD/jdk/bin:$PATH; bin/coord daemon").out()).contains(".DaemonMain>");
  }

  @Test
  void worksWithAClosedInputAndALocaleThatDoesNotExist() throws Exception {
    ClientProcess.Outcome outcome = run("bin/coord list <&-");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEmpty();

    Files.writeString(folder.resolve("lib/coord/coord-client.pl"), "print 'perl';");
    assertThat(run("LC_ALL=xx_YY bin/coord list"))
        .isEqualTo(new ClientProcess.Outcome(0, "perl", ""));
  }

  @Test
  void answersHelpWithoutADaemon() throws Exception {
    assertThat(run("COORD_UNREACHABLE='coord: no' bin/coord lst --x").out())
        .contains(".HelpMain><lst><--x>");

    ClientProcess.Outcome outcome =
        run("rm lib/coord/*; COORD_UNREACHABLE='coord: no' bin/coord x");
    assertThat(outcome).isEqualTo(new ClientProcess.Outcome(69, "", "coord: no\n"));
  }

  @ParameterizedTest
  @CsvSource({"101, 1", "1, 70", "134, 70", "139, 70", "0, 0", "3, 3", "69, 69"})
  void aJavaThatCannotStartIsNoFailedExperiment(int code, int seen) throws Exception {
    program("jdk/bin/java", "#!/bin/sh\nexit " + code + "\n");

    assertThat(run("bin/coord wait x").exitCode()).isEqualTo(seen);
  }

  // On one processor the signal often comes before the launcher's next command.
  @RepeatedTest(20)
  void endsJavaWhenItIsAskedToEnd() throws Exception {
    program(
        "jdk/bin/java", "#!/bin/sh\ntrap 'echo ended; exit 5' TERM\nkill -TERM $PPID\nread x\n");

    ClientProcess.Outcome outcome =
        run(
            """
            processor=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/self/status)
            mkfifo never
            exec taskset -c "$processor" bin/coord wait x <>never
            """);

    assertThat(outcome).isEqualTo(new ClientProcess.Outcome(5, "ended\n", ""));
  }

  @Test
  void hasTheExitCodeOfJavaEvenIfASignalComesAtItsEnd() throws Exception {
    program(
        "jdk/bin/java",
        """
        #!/bin/sh
        kill -STOP $PPID
        kill -TERM $PPID
        parent=$PPID java=$$
        (until grep -q '^State:.Z' /proc/$java/status; do :; done; kill -CONT $parent) &
        exit 5
        """);

    assertThat(run("exec bin/coord wait x")).isEqualTo(new ClientProcess.Outcome(5, "", ""));
  }

  @Test
  void worksInADirectoryThatWasRemovedOrSaysWhyNot() throws Exception {
    String gone = "mkdir gone && cd gone && rmdir ../gone && ";
    ClientProcess.Outcome java = run(gone + "../bin/coord wait x 2>../said");
    assertThat(java.exitCode()).isEqualTo(70);

    ClientProcess.Outcome perl =
        new ClientProcess(ClientProcess.Kind.PERL, folder)
            .with("COORD_RUNTIME_DIR", folder.toString())
            .shell(gone + "perl " + PERL_CLIENT + " wait x");
    assertThat(perl.exitCode()).isEqualTo(69);
    assertThat(perl.err()).contains("the daemon is not running");
  }

  @ParameterizedTest
  @CsvSource({"1.8.0_392", "11.0.22", "16"})
  void refusesAnOldJava(String version) throws Exception {
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
    String line = "coord: cannot run with Java " + version + " ('" + folder + "/jdk/bin/java'): ";

    assertThat(run("bin/coord list").err()).startsWith(line);
    ClientProcess.Outcome outcome =
        run("unset JAVA_HOME; PATH=\"$PWD/jdk/bin:$PATH\"; bin/coord list");
    assertThat(outcome.err()).startsWith(line);
    assertThat(outcome.exitCode()).isEqualTo(70);
  }
}
