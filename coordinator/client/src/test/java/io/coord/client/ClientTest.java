package io.coord.client;

import static io.coord.client.ClientProcess.quote;
import static io.coord.client.ScriptedDaemon.exit;
import static io.coord.client.ScriptedDaemon.frame;
import static io.coord.client.ScriptedDaemon.head;
import static io.coord.client.ScriptedDaemon.ok;
import static io.coord.client.ScriptedDaemon.sends;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.client.ClientProcess.Outcome;
import io.coord.client.ScriptedDaemon.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each client does; they differ in nothing that a user can see. */
@ParameterizedClass
@EnumSource(ClientProcess.Kind.class)
final class ClientTest {
  private static final String CONNECTION_LOST =
      "coord: connection to the daemon lost; check 'coord status'\n";

  private final List<ScriptedDaemon> daemons = new ArrayList<>();

  @Parameter private ClientProcess.Kind kind = ClientProcess.Kind.JAVA;
  @TempDir private Path folder;
  private Path socket;
  private ClientProcess client;

  @BeforeEach
  void prepare() {
    socket = folder.resolve("coord.sock");
    client = new ClientProcess(kind, folder).with("COORD_RUNTIME_DIR", folder.toString());
  }

  @AfterEach
  void stopDaemons() throws Exception {
    for (ScriptedDaemon daemon : daemons) {
      daemon.stop();
    }
  }

  private ScriptedDaemon daemon(Script... scripts) throws IOException {
    ScriptedDaemon daemon = new ScriptedDaemon(socket, scripts);
    daemons.add(daemon);
    return daemon;
  }

  private static List<String> argv(JsonNode request) {
    List<String> argv = new ArrayList<>();
    request.get("argv").forEach(argument -> argv.add(argument.textValue()));
    return argv;
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  // What is sent.

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void argumentsArriveAsTheyAre(String locale) throws Exception {
    String[] odd = {
      "enqueue",
      "--",
      "it's \"quoted\"",
      "",
      "line\nend\ttab\rreturn",
      "back\\slash \\n",
      "$HOME `x` * %n %s",
      "ünïcödé 漢字 \uD83D\uDE00",
      "\u0001\u001b[31m\u007f\u0085\u2028",
      "-Dx=y",
      "@file",
      "io.coord.client.Client",
      ""
    };
    ScriptedDaemon daemon = daemon(sends(ok(), exit(0)));

    assertThat(client.with("LC_ALL", locale).run(odd)).isEqualTo(new Outcome(0, "", ""));

    assertThat(argv(daemon.requests().get(0))).containsExactly(odd);
  }

  @Test
  void sendsOneHttpRequest() throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), exit(0)));

    client.run("list");

    assertThat(daemon.heads().get(0))
        .startsWith("POST /v1/cli HTTP/1.0\r\n")
        .contains("\r\nHost: coord\r\n", "\r\nContent-Type: application/json\r\n");
    JsonNode request = daemon.requests().get(0);
    assertThat(request.get("cwd").textValue()).isEqualTo(folder.toRealPath().toString());
    assertThat(request.get("environment")).isEmpty();
    assertThat(request.get("files")).isEmpty();
  }

  @Test
  void worksWithoutArguments() throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), exit(2)));

    assertThat(client.run().exitCode()).isEqualTo(2);

    assertThat(argv(daemon.requests().get(0))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void workingDirectoryArrivesAsItIs(String locale) throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), exit(0)));

    Outcome outcome =
        client
            .with("LC_ALL", locale)
            .shell("mkdir 'dür %41\n😀' && cd 'dür %41\n😀' && " + client.line("list"));

    assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
    assertThat(daemon.requests().get(0).get("cwd").textValue())
        .isEqualTo(folder.toRealPath() + "/dür %41\n😀");
  }

  @Test
  void refusesWorkingDirectoryThatIsNotUtf8() throws Exception {
    Outcome outcome =
        client.shell("d=$(printf 'd\\377'); mkdir \"$d\" && cd \"$d\" && " + client.line("list"));

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                2,
                "",
                "coord: the path of the working directory is not UTF-8; nothing was sent\n"));
  }

  @Test
  void refusesArgumentThatIsNotUtf8() throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), exit(0)));

    Outcome outcome = client.shell(client.line("enqueue", "--") + " \"$(printf 'a\\377')\"");

    assertThat(outcome)
        .isEqualTo(new Outcome(2, "", "coord: argument 3 is not UTF-8; nothing was sent\n"));
    assertThat(daemon.requests()).isEmpty();
  }

  @Test
  void refusesVariableThatIsNotUtf8() throws Exception {
    Outcome outcome = client.shell("COORD_COLUMNS=$(printf '\\377') " + client.line("list"));

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                2,
                "",
                "coord: environment variable 'COORD_COLUMNS' is not UTF-8; nothing was sent\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "120, xterm, '', 120, true",
    "120, xterm, 1, 120, false",
    "120, dumb, '', 120, false",
    "'', xterm, '', 0, false",
    "wide, xterm, '', 0, false",
    "99999999999, xterm, '', 0, false",
  })
  void saysWhatTheTerminalCanShow(
      String columns, String terminal, String noColor, int width, boolean color) throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), exit(0)));

    client
        .with("COORD_COLUMNS", columns)
        .with("TERM", terminal)
        .with("NO_COLOR", noColor)
        .run("list");

    JsonNode request = daemon.requests().get(0);
    assertThat(request.get("columns").intValue()).isEqualTo(width);
    assertThat(request.get("color").booleanValue()).isEqualTo(color);
  }

  // What comes back.

  @Test
  void printsFramesAndEndsWithTheExitCode() throws Exception {
    String large = "0123456789abcdé\n".repeat(20_000);
    Script script =
        sends(
            ok(),
            frame('o', "out ü😀\n"),
            frame('k', ""),
            frame('e', "err ü\n"),
            frame('k', "ignored"),
            frame('o', ""),
            frame('o', large),
            exit(75));
    daemon(script);

    assertThat(client.run("list")).isEqualTo(new Outcome(75, "out ü😀\n" + large, "err ü\n"));
  }

  @Test
  void understandsFramesThatComeByteByByte() throws Exception {
    Script script =
        out -> {
          for (byte[] piece : List.of(ok(), frame('o', "ab\n"), exit(3))) {
            for (byte b : piece) {
              out.write(b);
            }
          }
        };
    daemon(script);

    assertThat(client.run("list")).isEqualTo(new Outcome(3, "ab\n", ""));
  }

  @Test
  void eachFrameIsShownAtOnce() throws Exception {
    CountDownLatch shown = new CountDownLatch(1);
    Script script =
        out -> {
          out.write(ok());
          out.write(frame('o', "first\n"));
          await(shown);
          out.write(frame('o', "second\n"));
          out.write(exit(0));
        };
    daemon(script);

    Process process = client.start("logs", "-f", "x");
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("first");
      shown.countDown();
      assertThat(out.readLine()).isEqualTo("second");
      assertThat(ClientProcess.exitCodeOf(process)).isZero();
    }
  }

  @Test
  void doesNotWaitForTheEndOfTheStreamOnceItHasTheExitCode() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    daemon(
        out -> {
          out.write(ok());
          out.write(exit(4));
          await(never);
        });

    assertThat(client.run("stop", "x").exitCode()).isEqualTo(4);
  }

  @Test
  void endsQuietlyWhenNobodyReadsOn() throws Exception {
    Script endless =
        out -> {
          out.write(ok());
          byte[] lines = frame('o', "line\n".repeat(2_000));
          // Ends when the client does.
          while (true) {
            out.write(lines);
          }
        };
    daemon(endless);

    Outcome outcome = client.shell("{ " + client.line("list") + "; echo $? >code; } | head -n 1");

    assertThat(outcome).isEqualTo(new Outcome(0, "line\n", ""));
    assertThat(folder.resolve("code")).hasContent("141");
  }

  @Test
  void saysThatOutputCannotBeWritten() throws Exception {
    daemon(sends(ok(), frame('o', "x\n"), exit(0)));

    assertThat(client.shell(client.line("list") + " >/dev/full"))
        .isEqualTo(
            new Outcome(
                74, "", "coord: cannot write to standard output: No space left on device\n"));
  }

  @ParameterizedTest
  @CsvSource({"400, 2", "404, 70", "413, 2", "500, 70", "503, 75"})
  void printsWhatAnotherStatusSays(int status, int exitCode) throws Exception {
    byte[] text = "coord: cannot do that: ä\n".getBytes(StandardCharsets.UTF_8);
    daemon(sends(head(status, "No"), text));

    assertThat(client.run("list"))
        .isEqualTo(new Outcome(exitCode, "", "coord: cannot do that: ä\n"));
  }

  @Test
  void printsARefusalOfARequestThatWasNotReadToItsEnd() throws Exception {
    daemon(sends(head(413, "No"), "coord: too large\n".getBytes(StandardCharsets.UTF_8)))
        .withoutReading();

    assertThat(client.run("enqueue", "--", "x".repeat(100_000)))
        .isEqualTo(new Outcome(2, "", "coord: too large\n"));
  }

  @Test
  void namesAStatusThatSaysNothing() throws Exception {
    daemon(sends(head(500, "Oops")));

    assertThat(client.run("list"))
        .isEqualTo(new Outcome(70, "", "coord: the daemon responded with HTTP status 500\n"));
  }

  @Test
  void noticesThatTheDaemonWentAway() throws Exception {
    byte[] whole = frame('o', "half a frame\n");
    List<Script> cuts =
        List.of(
            sends(),
            sends(ok()),
            sends(ok(), frame('k', "")),
            sends(ok(), new byte[] {'x', 0, 0}),
            sends(ok(), new byte[] {'x', 0, 0, 0, 4, 0}),
            sends(ok(), Arrays.copyOf(whole, 9)));
    daemon(cuts.toArray(new Script[0]));

    for (int i = 0; i < cuts.size(); i++) {
      Outcome outcome = client.run("list");

      assertThat(outcome.exitCode()).as("cut %d", i).isEqualTo(70);
      assertThat(outcome.err()).as("cut %d", i).isEqualTo(CONNECTION_LOST);
    }
  }

  @Test
  void noticesWhatIsNoCoordinator() throws Exception {
    List<Script> strangers =
        List.of(
            sends("SSH-2.0-OpenSSH\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
            sends("HTTP/1.1 ok\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
            sends("HTTP/1.1 200 OK\r\nCut: h".getBytes(StandardCharsets.US_ASCII)),
            sends(ok(), frame('?', "x")),
            sends(ok(), frame('x', "too long")),
            sends(ok(), new byte[] {'o', -1, -1, -1, -1}),
            sends(ok(), frame('n', new byte[] {(byte) 0xff})),
            sends("x".repeat(100_000).getBytes(StandardCharsets.US_ASCII)));
    daemon(strangers.toArray(new Script[0]));

    for (int i = 0; i < strangers.size(); i++) {
      Outcome outcome = client.run("list");

      assertThat(outcome.exitCode()).as("stranger %d", i).isEqualTo(70);
      assertThat(outcome.err())
          .as("stranger %d", i)
          .startsWith("coord: the daemon's response is not understood");
    }
  }

  // A daemon that restarts.

  @Test
  void continuesAfterARestartWithTheCommandThatTheDaemonNamed() throws Exception {
    ScriptedDaemon daemon =
        daemon(
            sends(
                ok(),
                frame('r', "[\"wait\",\"a\",\"b\"]"),
                frame('o', "a completed\n"),
                frame('r', "[\"wait\",\"é\"]"),
                new byte[] {'o', 0, 0}),
            sends(head(503, "Unavailable")),
            sends(),
            sends(ok(), frame('o', "b failed\n"), exit(1)));

    assertThat(client.run("wait", "a", "b"))
        .isEqualTo(new Outcome(1, "a completed\nb failed\n", ""));

    assertThat(daemon.requests())
        .extracting(ClientTest::argv)
        .containsExactly(
            List.of("wait", "a", "b"),
            List.of("wait", "é"),
            List.of("wait", "é"),
            List.of("wait", "é"));
  }

  /** A daemon that a 'wait' for 'a' waits at; it can be continued with the next one. */
  private ScriptedDaemon waitingUntil(CountDownLatch gone) throws IOException {
    return daemon(
        out -> {
          out.write(ok());
          out.write(frame('r', "[\"wait\",\"a\"]"));
          out.write(frame('o', "waiting\n"));
          await(gone);
        });
  }

  @Test
  void waitsForASocketThatIsAway() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    ScriptedDaemon first = waitingUntil(gone);

    Process process = client.start("wait", "a");
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("waiting");
      Files.move(socket, folder.resolve("old.sock"));
      gone.countDown();
      first.stop();
      daemon(sends(ok(), frame('o', "a completed\n"), exit(0)));
      assertThat(out.readLine()).isEqualTo("a completed");
      assertThat(ClientProcess.exitCodeOf(process)).isZero();
    }
  }

  // A daemon that somebody has stopped.

  private static final String STOPPED =
      "stopped by ö at 2026-11-30 20:15:00 UTC; start it with 'systemctl start x'";

  private void markStopped(String text) throws IOException {
    Files.writeString(folder.resolve("stopped"), text);
  }

  @Test
  void saysWhoHasStoppedTheDaemon() throws Exception {
    markStopped(STOPPED + "\nmore\n");

    assertThat(client.run("list"))
        .isEqualTo(
            new Outcome(
                69,
                "",
                "coord: cannot connect to '" + socket + "': the daemon was " + STOPPED + "\n"));
    daemon(sends(ok()), sends(ok(), exit(0)));
    assertThat(client.run("list"))
        .isEqualTo(
            new Outcome(
                70,
                "",
                "coord: connection to the daemon lost: the daemon was "
                    + STOPPED
                    + ", then check 'coord status'\n"));
    assertThat(client.run("list")).isEqualTo(new Outcome(0, "", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "stopped by x", "away\n", "stopped by \u001b[31m\n", "stopped \u0085\n"})
  void ignoresANoteThatIsNotOne(String text) throws Exception {
    markStopped(text);

    assertThat(client.run("list").err()).contains("the daemon is not running; start it with");
  }

  @Test
  void waitsForADaemonThatSomebodyHasStoppedAndSaysSo() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    ScriptedDaemon first = waitingUntil(gone);

    Process process = client.start("wait", "a");
    try (BufferedReader out =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        BufferedReader err =
            new BufferedReader(
                new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("waiting");
      Files.delete(socket);
      markStopped(STOPPED + "\n");
      gone.countDown();
      first.stop();
      assertThat(err.readLine())
          .isEqualTo("coord: the daemon was " + STOPPED + ". This command waits for it for 300 s");
      daemon(sends(ok(), frame('o', "a completed\n"), exit(0)));
      assertThat(out.readLine()).isEqualTo("a completed");
      assertThat(ClientProcess.exitCodeOf(process)).isZero();
      assertThat(err.readLine()).isNull();
    }
  }

  @Test
  void leavesACommandWithoutADaemonToTheLauncher() throws Exception {
    Files.writeString(
        folder.resolve("launcher"), "printf '<%s>' \"$COORD_UNREACHABLE\" \"$@\"; exit 9\n");

    Outcome outcome =
        client.with("COORD_LAUNCHER", folder.resolve("launcher") + "").run("lst", "x y");

    assertThat(outcome.exitCode()).isEqualTo(9);
    assertThat(outcome.out())
        .startsWith("<coord: cannot connect to '" + socket + "': the daemon is not running")
        .endsWith("><lst><x y>");
  }

  // What the daemon needs.

  @Test
  void givesFilesAndVariablesThatTheDaemonNeeds() throws Exception {
    Files.writeString(folder.resolve("a b.json"), "{\"x\": \"\u0007é😀\\\"}\n");
    String need =
        "file a b.json\nfile dür/é.json\nfile "
            + folder.resolve("a b.json")
            + "\nenv SET\nenv UNSET\nenv EMPTY\nenv LC_*\nenv SE";
    ScriptedDaemon daemon =
        daemon(sends(ok(), frame('n', need)), sends(ok(), frame('o', "warmup\n"), exit(0)));

    Outcome outcome =
        client
            .with("EMPTY", "")
            .shell(
                "mkdir dür && printf %s 'content ü' >dür/é.json\n"
                    + "export SET='a=b\nü😀' LC_TIME=x\n"
                    + client.line("enqueue", "a b.json"));

    assertThat(outcome).isEqualTo(new Outcome(0, "warmup\n", ""));
    assertThat(daemon.requests()).hasSize(2);
    JsonNode again = daemon.requests().get(1);
    assertThat(argv(again)).containsExactly("enqueue", "a b.json");
    assertThat(again.get("cwd")).isEqualTo(daemon.requests().get(0).get("cwd"));
    assertThat(again.get("files").properties())
        .extracting(file -> file.getKey() + " -> " + file.getValue().textValue())
        .containsExactlyInAnyOrder(
            "a b.json -> {\"x\": \"\u0007é😀\\\"}\n",
            "dür/é.json -> content ü",
            folder.resolve("a b.json") + " -> {\"x\": \"\u0007é😀\\\"}\n");
    assertThat(again.get("environment").properties())
        .extracting(variable -> variable.getKey() + "=" + variable.getValue().textValue())
        .containsExactlyInAnyOrder("SET=a=b\nü😀", "EMPTY=", "LC_ALL=C", "LC_TIME=x");
  }

  @Test
  void readsFilesFromFolderWithAnyName() throws Exception {
    ScriptedDaemon daemon = daemon(sends(ok(), frame('n', "file x.json\n")), sends(ok(), exit(0)));

    client.shell(
        "mkdir dür && cd dür && printf here >x.json && " + client.line("enqueue", "x.json"));

    assertThat(daemon.requests().get(1).get("files").get("x.json").textValue()).isEqualTo("here");
  }

  @Test
  void namesEachFileThatCannotBeRead() throws Exception {
    Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);
    Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff});
    String need = "file no\u001b.json\nfile large\nfile binary\nfile .\nfile large/x\nenv PATH";
    ScriptedDaemon daemon = daemon(sends(ok(), frame('n', need)), sends(ok(), exit(0)));

    Outcome outcome = client.run("enqueue", "x");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualTo(
            """
            coord: cannot read 'no\\u001b.json': no such file; nothing was enqueued
            coord: cannot read 'large': larger than 1 MiB; nothing was enqueued
            coord: cannot read 'binary': not UTF-8; nothing was enqueued
            coord: cannot read '.': is a directory; nothing was enqueued
            coord: cannot read 'large/x': Not a directory; nothing was enqueued
            """);
    assertThat(daemon.requests()).hasSize(1);
  }

  @Test
  void givesTheLargestFileThatIsAllowed() throws Exception {
    String largest = "\u0001é".repeat((1 << 20) / 3) + "x";
    Files.writeString(folder.resolve("largest"), largest);
    ScriptedDaemon daemon = daemon(sends(ok(), frame('n', "file largest")), sends(ok(), exit(0)));

    assertThat(client.run("enqueue", "largest")).isEqualTo(new Outcome(0, "", ""));

    assertThat(daemon.requests().get(1).get("files").get("largest").textValue()).isEqualTo(largest);
  }

  @Test
  void readsAConfigFromAPipe() throws Exception {
    ScriptedDaemon daemon =
        daemon(sends(ok(), frame('n', "file /dev/stdin")), sends(ok(), exit(0)));

    assertThat(client.shell("printf piped | " + client.line("enqueue", "/dev/stdin")).err())
        .isEmpty();

    assertThat(daemon.requests().get(1).get("files").get("/dev/stdin").textValue())
        .isEqualTo("piped");
  }

  @Test
  void refusesVariableThatTheDaemonNeedsAndThatIsNotUtf8() throws Exception {
    daemon(sends(ok(), frame('n', "env BAD*")));

    Outcome outcome =
        client.shell("export BAD_ONE=\"$(printf '\\377')\"; " + client.line("enqueue", "x"));

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                2,
                "",
                "coord: environment variable 'BAD_ONE' is not UTF-8; nothing was enqueued\n"));
  }

  @Test
  void sendsInputOnlyOnce() throws Exception {
    Script need = sends(ok(), frame('n', "env PATH"));
    daemon(need, need);

    Outcome outcome = client.run("enqueue", "x");

    assertThat(outcome.exitCode()).isEqualTo(70);
    assertThat(outcome.err()).startsWith("coord: the daemon requested files twice");
  }

  // The socket.

  @Test
  void dropsTheFlagForTheUsersOwnDaemon() throws Exception {
    Path runtime = Files.createDirectories(folder.resolve("run/coord"));
    socket = runtime.resolve("coord.sock");
    Script end = sends(ok(), exit(0));
    ScriptedDaemon daemon = daemon(end, end);

    client.with("COORD_RUNTIME_DIR", "").with("XDG_RUNTIME_DIR", folder.resolve("run") + "");
    assertThat(client.run("--user", "stop", "--user")).isEqualTo(new Outcome(0, "", ""));
    assertThat(client.with("COORD_USER", "1").run("list")).isEqualTo(new Outcome(0, "", ""));

    assertThat(argv(daemon.requests().get(0))).containsExactly("stop", "--user");
    assertThat(argv(daemon.requests().get(1))).containsExactly("list");
  }

  @Test
  void findsASocketWithAnyNameAndFromAnyFolder() throws Exception {
    Files.createDirectories(folder.resolve("run"));
    socket = folder.resolve("run/coord.sock");
    daemon(sends(ok(), exit(0)));

    Outcome outcome =
        client.shell(
            "mkdir ü && ln -s ../run ü/rün && cd ü && COORD_RUNTIME_DIR=rün " + client.line());

    assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
  }

  @Test
  void refusesAUserWithoutRuntimeDirectory() throws Exception {
    Outcome outcome = client.with("COORD_RUNTIME_DIR", "").run("--user", "list");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("XDG_RUNTIME_DIR is not set");
  }

  @Test
  void reportsADaemonThatIsNotRunning() throws Exception {
    String line =
        "coord: cannot connect to "
            + quote(socket.toString())
            + ": the daemon is not running; start it with 'coord daemon'\n";
    assertThat(client.run("list")).isEqualTo(new Outcome(69, "", line));

    // The socket of a daemon that was killed stays.
    daemon().stop();
    assertThat(socket).exists();
    assertThat(client.run("list")).isEqualTo(new Outcome(69, "", line));
  }

  @Test
  void namesTheOwnerOfASocketThatIsDenied() throws Exception {
    assumeFalse(Files.isReadable(Path.of("/proc/1/environ")), "root may use any socket");
    daemon(sends(ok(), exit(0)));

    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("---------"));
    Outcome outcome = client.run("list");

    assertThat(outcome.exitCode()).isEqualTo(69);
    assertThat(outcome.err())
        .contains(
            "permission denied; the socket belongs to user '", "' and group '", "(---------)");
  }

  @Test
  void saysWhenThePathOfTheSocketIsTooLong() throws Exception {
    Outcome outcome = client.with("COORD_RUNTIME_DIR", "/tmp/" + "x".repeat(100)).run("list");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("the path has 116 bytes, a socket path at most 107");
  }

  // Files that the daemon sends.

  @Test
  void aFileThatIsCutInTheMiddleLeavesNothing() throws Exception {
    daemon(sends(ok(), frame('w', "new copy.db"), frame('d', "one"), frame('k', "")));
    assertThat(client.run("backup", "copy.db").exitCode()).isEqualTo(70);
    assertThat(folder.resolve("copy.db")).as("cut").doesNotExist();
    assertNoPartIsLeft();
  }

  @Test
  void aFileThatCameWholeHasItsNameAndReplacesNothingUnasked() throws Exception {
    byte[][] whole = {
      ok(), frame('w', "new copy.db"), frame('d', "one"), frame('d', "two"), frame('c', ""), exit(0)
    };
    byte[][] forced = {
      ok(), frame('w', "replace copy.db"), frame('d', "new"), frame('c', ""), exit(0)
    };
    daemon(sends(whole), sends(whole), sends(forced), sends(whole));
    assertThat(client.run("backup", "copy.db").exitCode()).isZero();
    assertThat(folder.resolve("copy.db")).hasContent("onetwo");
    Outcome again = client.run("backup", "copy.db");
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("file exists", "--force");
    assertThat(client.run("backup", "--force", "copy.db").exitCode()).isZero();
    assertThat(folder.resolve("copy.db")).hasContent("new");
    Outcome other = client.run("backup", "other.db");
    assertThat(other.exitCode()).isEqualTo(70);
    assertThat(other.err()).contains("not requested");
    assertThat(folder.resolve("other.db")).doesNotExist();
    assertNoPartIsLeft();
  }

  private void assertNoPartIsLeft() throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".partial"));
    }
  }
}
