package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import io.coord.systemd.SystemdException;
import io.coord.systemd.testing.ExitRecordBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceFilesOnDiskTest {
  private static final String WHOLE =
      "0123456789abcdef0123456789abcdef\t5d4b7e56-2db3-4c92-9238-736f3a559524\t1790000000"
          + "\texit-code\texited\t3\t0\t4096\t61230\t-\t.\n";

  private static final String NOTHING_KNOWN = "-\t-\t2\tsuccess\t-\t-\t-\t-\t-\t.\n";

  private @TempDir Path folder;
  private InstanceFilesOnDisk files;

  @BeforeEach
  void open() {
    files =
        new InstanceFilesOnDisk(
            "brain-experiment",
            folder.resolve("units"),
            folder.resolve("run"),
            folder.resolve("state"),
            Path.of("/usr/lib/coord"));
  }

  @Test
  void writesTheWholeDropIn() throws IOException {
    files.prepare(
        InstanceSpecs.of("a1", Path.of("/home/j/50% \\"), "/usr/bin/python3", "-m", "x; $HOME\n")
            .description("title 100%")
            .user("nobody")
            .environment(Map.of("TOKEN", "secret"))
            .restarts(3)
            .resources(
                new InstanceSpec.ResourceControl(
                    OptionalLong.of(1 << 30), OptionalInt.of(150), OptionalInt.of(64)))
            .timeouts(
                new InstanceSpec.Timeouts(
                    Optional.of(Duration.ofSeconds(20)),
                    Optional.of(Duration.ofHours(2)),
                    Optional.of(Duration.ofMillis(1500))))
            .spec());

    assertThat(folder.resolve("units/brain-experiment@a1.service.d/50-coord.conf"))
        .hasContent(
            """
            # Written by coord for this instance; removed by a reboot.
            [Unit]
            Description=title 100%%
            RequiresMountsFor=/usr/bin/python3
            StartLimitIntervalSec=300
            StartLimitBurst=4

            [Service]
            User=nobody
            WorkingDirectory=-/home/j/50%% \\/
            StandardOutput=append:/home/j/50%% \\/output.log
            StandardError=append:/home/j/50%% \\/output.log
            StateDirectory=
            EnvironmentFile=FOLDER/run/a1.env
            EnvironmentFile=-FOLDER/run/a1.context
            ExecStartPre=
            UnsetEnvironment=
            ExecStartPre="/bin/sh" "-c" "[ . -ef \\"$$0\\" ] || exit 200" "/home/j/50%% \\\\"
            ExecStartPre=!/usr/bin/env -i /bin/sh "/usr/lib/coord/prepare-run" \
            "FOLDER/state/exits/a1.log" "FOLDER/run/a1.base" "FOLDER/run/a1.context" \
            "/home/j/50%% \\\\/output.log"
            ExecStart=
            ExecStart="/usr/bin/python3" "-m" "x; $$HOME\\n"
            ExecStop=-!/usr/bin/env -i /bin/sh "/usr/lib/coord/note-stop" "FOLDER/run/a1.context" \
            ${MAINPID} ${SERVICE_RESULT}
            ExecStopPost=!/usr/bin/env -i /bin/sh "/usr/lib/coord/record-exit" \
            "FOLDER/state/exits/a1.log" "FOLDER/run/a1.context" \
            ${INVOCATION_ID} ${SERVICE_RESULT} ${EXIT_CODE} ${EXIT_STATUS} \
            "/home/j/50%% \\\\/output.log" %t %n 5.000
            MemoryMax=1073741824
            CPUQuota=150%
            TasksMax=64
            RestartSec=1000us
            TimeoutStopSec=20
            RuntimeMaxSec=7200
            WatchdogSec=1500000us
            """
                .replace("FOLDER", folder.toString()));
    assertThat(modes())
        .containsExactly(
            "run rwx--x--x",
            "run/a1.base rw-------",
            "run/a1.context rw-------",
            "run/a1.env rw-------",
            "state/exits rwx--x--x",
            "state/exits/a1.log rw-------",
            "units/brain-experiment@a1.service.d rwxr-xr-x",
            "units/brain-experiment@a1.service.d/50-coord.conf rw-r--r--");
    assertThat(folder.resolve("run/a1.env")).hasContent("TOKEN=\"secret\"\n");
  }

  @Test
  void allFilesBelongToUsAndEarlierRecordsAreTakenOver() throws IOException {
    Assumptions.assumeTrue(isRoot(), "needs root: gives files away");
    InstanceSpec spec = InstanceSpecs.of("a", folder, "/bin/true").user("nobody").spec();
    Path log = folder.resolve("state/exits/a.log");
    append("a", WHOLE + "cut");
    Path other = Files.createLink(folder.resolve("other-name"), log);
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw----"));
    UserPrincipal nobody =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Files.setOwner(log, nobody);

    files.prepare(spec);
    files.updateContext("a", new RunContext(Map.of("COORD_RUN", "2"), 1));

    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all.filter(path -> !path.equals(other)))
          .allSatisfy(path -> assertThat(Files.getOwner(path)).isEqualTo(Files.getOwner(folder)));
    }
    Files.writeString(other, WHOLE, StandardOpenOption.APPEND);
    assertThat(files.exitRecords("a", 0)).as("not what another name leads to").hasSize(1);
    append("a", WHOLE);
    assertThat(files.exitRecords("a", 0)).hasSize(2);
  }

  @Test
  void whatTheLoaderActsOnIsNotInTheEnvironmentOfRoot() throws IOException {
    Map<String, String> variables =
        Map.of(
            "A",
            "b",
            "LD_PRELOAD",
            "/home/j/x.so",
            "GLIBC_TUNABLES",
            "t",
            "LANG",
            "de_DE.UTF-8",
            "LC_ALL",
            "../evil",
            "LD_LIBRARY_PATH",
            "/home/j/lib");
    files.prepare(
        InstanceSpecs.of("a", folder, "/opt/x=1/prog", "$y")
            .user("nobody")
            .environment(variables)
            .check(Duration.ofSeconds(1), "/bin/true")
            .spec());
    assertThat(folder.resolve("run/a.env"))
        .hasContent(
            """
            A="b"
            COORD_KEPT_001="t"
            COORD_KEPT_002="../evil"
            COORD_KEPT_003="/home/j/x.so"
            LANG="de_DE.UTF-8"
            LD_LIBRARY_PATH="/home/j/lib"
            """);
    String given =
        "\"/usr/bin/env\" \"--unset=COORD_KEPT_001\" \"--unset=COORD_KEPT_002\""
            + " \"--unset=COORD_KEPT_003\" GLIBC_TUNABLES=${COORD_KEPT_001}"
            + " LC_ALL=${COORD_KEPT_002} LD_PRELOAD=${COORD_KEPT_003}";
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains(
            "\nExecStart="
                + given
                + " \"/bin/sh\" \"-c\" \"exec \\\"$$0\\\" \\\"$$@\\\"\" \"/opt/x=1/prog\""
                + " \"$$y\"\n",
            "\nExecStopPost=-" + given + " \"/bin/sh\" \"/usr/lib/coord/check-success\" ")
        .containsPattern("\nExecStartPre=!/lib\\S* --library-path /lib /usr/bin/env -i /bin/sh ")
        .containsPattern("\nExecStopPost=!/lib\\S* --library-path /lib /usr/bin/env -i /bin/sh ");

    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").environment(variables).spec());
    assertThat(folder.resolve("run/a.env")).content().contains("LD_PRELOAD=", "LC_ALL=");
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("\nExecStart=\"/bin/true\"\n", "\nExecStopPost=/usr/bin/env -i ");
  }

  private boolean isRoot() throws IOException {
    return Files.getAttribute(folder, "unix:uid").equals(0);
  }

  @Test
  void outputCanGoToTheJournal() throws IOException {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").toJournal().spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("\nStandardOutput=journal\nStandardError=journal\n")
        .contains("/run/a.context\" \"\"\n")
        .contains(" ${EXIT_STATUS} \"\" %t %n 5.000\n")
        .doesNotContain("output.log");
  }

  @Test
  void aSuccessFileIsToldToTheScriptsAndAShortStopLeavesThemLittleTime() throws IOException {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .toJournal()
            .successFile(Path.of("/w/50% done"))
            .timeouts(
                new InstanceSpec.Timeouts(
                    Optional.of(Duration.ofMillis(100)), Optional.empty(), Optional.empty()))
            .spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("/run/a.context\" \"\" \"/w/50%% done\"\n")
        .contains(" %t %n 0.034\n");
  }

  @Test
  void aChildMayBeKilledForMemoryWhereThatIsAllowed() throws IOException {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").childOomAllowed().spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains(" %t %n 5.000 child-oom-allowed\n", "\nOOMPolicy=continue\n");
  }

  @Test
  void writesAcceptedExitCodes() throws IOException {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").successCodes(3, 0, 255).spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("\nSuccessExitStatus=3 0 255\n");
  }

  @Test
  void aCheckRunsBeforeTheRecordAndCannotPreventIt() throws IOException {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .check(Duration.ofNanos(20_000_000_001L), "/bin/test", "-s", "$x; %n\nUser=root")
            .spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains(
            """
            ExecStopPost=-"/bin/sh" "/usr/lib/coord/check-success" "FOLDER" "20.001" \
            ${SERVICE_RESULT} ${EXIT_CODE} "/bin/test" "-s" "$$x; %%n\\nUser=root"
            ExecStopPost=/usr/bin/env -i /bin/sh "/usr/lib/coord/record-exit" \
            """
                .replace("FOLDER", folder.toString()));
  }

  @Test
  void doesNotWaitForARestartWithoutRestarts() throws IOException {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").restarts(0).spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("\nStartLimitBurst=1\n", "\nRestart=no\nRestartForceExitStatus=\n");
  }

  @Test
  void writesABackoff() throws IOException {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .restarts(9)
            .backoff(Duration.ofMillis(2500), Duration.ofMinutes(10), 2)
            .spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains(
            """
            EnvironmentFile=-FOLDER/run/a.context
            ExecStartPre=
            UnsetEnvironment=
            # Delay before the n-th restart: RestartSec * 2^(n-1), at most 600; this waits for the \
            part beyond RestartSec.
            ExecStartPre=-/usr/bin/env -i /bin/sh "/usr/lib/coord/delay-restart" \
            "FOLDER/state/exits/a.log" "FOLDER/run/a.base" 2500 600000 2
            TimeoutStartSec=infinity
            ExecStartPre=/usr/bin/env -i /bin/sh "/usr/lib/coord/prepare-run" \
            """
                .replace("FOLDER", folder.toString())
                .strip())
        .contains("\nRestartSec=2500000us\n");
  }

  @Test
  void noDelayExceedsTheMaximumOfTheBackoff() throws IOException {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .backoff(Duration.ofSeconds(7), Duration.ofSeconds(3), 0)
            .spec());
    assertThat(folder.resolve("units/brain-experiment@a.service.d/50-coord.conf"))
        .content()
        .contains("/run/a.base\" 3000 3000 0\n", "\nRestartSec=3\n");
  }

  @Test
  void listsAndDiscardsInstances() throws IOException {
    assertThat(files.prepared()).isEmpty();
    files.prepare(InstanceSpecs.of("b", folder, "/bin/true").spec());
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Path other = Files.createDirectories(folder.resolve("units/brain-experiment@c.service.d"));
    Files.writeString(other.resolve("90-admin.conf"), "[Service]\n");
    Files.createDirectories(folder.resolve("units/other@d.service.d"));
    assertThat(files.prepared()).containsExactly("a", "b");

    append("a", WHOLE);
    files.discard("a");
    files.discard("a");
    assertThat(files.prepared()).containsExactly("b");
    assertThat(folder.resolve("run/a.env")).doesNotExist();
    assertThat(files.exitRecords("a", 0)).hasSize(1);
  }

  @Test
  void keepsTheOriginOfAPreparedInstanceToItself() throws IOException {
    assertThat(files.origin("a")).isEmpty();
    files.keepOrigin("a", "ada\n{\"x\": \"ü\"}\n");
    assertThat(files.origin("a")).as("not prepared").isEmpty();
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    assertThat(files.origin("a")).contains("ada\n{\"x\": \"ü\"}\n");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("run/a.origin"))))
        .isEqualTo("rw-------");
    files.discard("a");
    assertThat(folder.resolve("run/a.origin")).doesNotExist();
    assertThat(files.origin("a")).isEmpty();
  }

  @Test
  void removesUnfinishedFilesOfACrash() throws IOException {
    Path dropIns = folder.resolve("units/brain-experiment@a.service.d");
    Files.createDirectories(dropIns);
    Files.createDirectories(folder.resolve("run"));
    for (Path left :
        List.of(
            dropIns.resolve(".50-coord.conf.unfinished"),
            folder.resolve("run/.a.env.unfinished"))) {
      Files.writeString(left, "half");
    }
    assertThat(files.prepared()).containsExactly("a");
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(dropIns.resolve(".50-coord.conf.unfinished"), "half");
    files.discard("a");
    assertThat(dropIns).doesNotExist();
    assertThat(folder.resolve("run")).isEmptyDirectory();
  }

  @Test
  void listsAnInstanceThatWasPartlyDiscarded() throws IOException {
    // The drop-in is gone already, its folder not yet.
    Path dropIns = Files.createDirectories(folder.resolve("units/brain-experiment@a.service.d"));
    assertThat(files.prepared()).containsExactly("a");

    files.discard("a");

    assertThat(dropIns).doesNotExist();
    assertThat(files.prepared()).isEmpty();
  }

  @Test
  void keepsDropInsOfOthers() throws IOException {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Path other = folder.resolve("units/brain-experiment@a.service.d/90-admin.conf");
    Files.writeString(other, "[Service]\n");
    files.discard("a");
    assertThat(other).exists();
    assertThat(files.prepared()).isEmpty();
  }

  @Test
  void refusesASpecWithProblems() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> files.prepare(InstanceSpecs.of("a", folder, "/bin/true", "\0").spec()))
        .withMessageContaining("argument 1 contains the character NUL");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> files.updateContext("a", new RunContext(Map.of("PATH", "/"), 0)));
    assertThatIllegalArgumentException().isThrownBy(() -> files.discard("../a"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void reportsWhatCouldNotBeWritten() throws IOException {
    Files.writeString(folder.resolve("run"), "a file");
    assertThatExceptionOfType(SystemdException.class)
        .isThrownBy(() -> files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec()))
        .withMessageStartingWith("cannot prepare instance 'a'")
        .satisfies(e -> assertThat(e.subject()).isEqualTo("a"));
    assertThat(files.prepared()).isEmpty();
  }

  @Test
  void readsRecords() throws IOException {
    assertThat(files.exitRecords("a", 0)).isEmpty();
    // Of a version that did not know how long it took, and of one that knew no checks.
    append("a", WHOLE + "-\t-\t1\tsuccess\t-\t-\t-\t-\t.\n" + NOTHING_KNOWN);
    append("a", "-\t-\t3\tsuccess\t-\t-\t-\t-\t-\t255\t.\n");
    append("a", "-\t-\t4\tsuccess\t-\t-\t-\t-\t-\ttimeout\t.\n");
    assertThat(files.exitRecords("a", 0))
        .containsExactly(
            new ExitRecordBuilder()
                .invocation("0123456789abcdef0123456789abcdef")
                .bootId("5d4b7e56-2db3-4c92-9238-736f3a559524")
                .endedAt(Instant.ofEpochSecond(1_790_000_000L))
                .result("exit-code")
                .exit("exited", "3")
                .oomKills(0)
                .memoryPeakBytes(4096)
                .duration(Duration.ofMillis(61_230))
                .build(),
            nothingKnownBut(1, ""),
            nothingKnownBut(2, ""),
            nothingKnownBut(3, "255"),
            nothingKnownBut(4, "timeout"));
    assertThat(files.exitRecords("a", 1)).hasSize(4);
    assertThat(files.exitRecords("a", 5)).isEmpty();
  }

  private static ExitRecord nothingKnownBut(long endedAt, String check) {
    return new ExitRecordBuilder().endedAt(Instant.ofEpochSecond(endedAt)).check(check).build();
  }

  @Test
  void skipsIncompleteRecords() throws IOException {
    for (int cut = 0; cut < WHOLE.length() - 1; cut++) {
      Path log = folder.resolve("state/exits/a.log");
      Files.deleteIfExists(log);
      append("a", WHOLE + WHOLE.substring(0, cut));
      assertThat(files.exitRecords("a", 0)).as("cut at %d", cut).hasSize(1);
      files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
      append("a", WHOLE);
      assertThat(files.exitRecords("a", 0)).as("cut at %d, then one more", cut).hasSize(2);
    }
  }

  @Test
  void survivesGarbageInTheRecords() throws IOException {
    append("a", "");
    assertThat(files.exitRecords("a", 0)).isEmpty();
    append(
        "a",
        "\0\0\0\0\n\n\t\t\t\t\n" + WHOLE + "\u00FF\n" + WHOLE.replace("\t.", "") + "x" + WHOLE);
    assertThat(files.exitRecords("a", 0)).hasSize(2);
    append("a", WHOLE.replace("\t0\t", "\t99999999999999999999\t"));
    assertThat(files.exitRecords("a", 0)).hasSize(2);
  }

  private void append(String instance, String text) throws IOException {
    Path log = folder.resolve("state/exits/" + instance + ".log");
    Files.createDirectories(folder.resolve("state/exits"));
    Files.writeString(
        log,
        text,
        StandardCharsets.ISO_8859_1,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private List<String> modes() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(
              path -> !List.of("", "units", "state").contains(folder.relativize(path).toString()))
          .map(path -> folder.relativize(path) + " " + mode(path))
          .sorted()
          .toList();
    }
  }

  private static String mode(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
