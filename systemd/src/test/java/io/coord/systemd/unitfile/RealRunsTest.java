package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs leave behind and what the next one is told, with a real service manager. */
@Tag("systemd")
class RealRunsTest {
  private @TempDir Path folder;
  private RealInstances instances;

  @BeforeEach
  void start() throws Exception {
    instances = RealInstances.in(folder);
  }

  @AfterEach
  void end() throws Exception {
    // Not there if the tests are skipped.
    if (instances != null) {
      instances.close();
    }
  }

  @Test
  void aSuccessLeavesARecord() throws Exception {
    Path invocation = folder.resolve("invocation");
    instances.runToEnd(
        shell("ok", "echo $INVOCATION_ID >" + invocation).environment(Map.of("A", "b")));
    ExitRecord record = only("ok");
    assertThat(record.result()).isEqualTo("success");
    assertThat(record.exit().code()).isEqualTo("exited");
    assertThat(record.exit().status()).isEqualTo("0");
    assertThat(invocation).hasContent(record.invocation());
    assertThat(record.resources().oomKills()).hasValue(0);
    assertThat(record.resources().memoryPeakBytes().orElse(0)).isPositive();
  }

  @Test
  void aStopIsRecordedAsRequestedAndASignalIsNot() throws Exception {
    Path up = folder.resolve("up");
    String script =
        "echo >>"
            + up
            + "; case $COORD_RUN in 3) trap '' TERM; systemd-notify STOPPING=1 ;; 4) exit 1 ;;"
            + " esac; exec /bin/sleep 1000";
    instances
        .files()
        .prepare(
            shell("mind", script)
                .restarts(9)
                .timeouts(
                    new InstanceSpec.Timeouts(
                        Optional.of(Duration.ofSeconds(1)), Optional.empty(), Optional.empty()))
                .spec());
    String unit = RealInstances.unit("mind");
    RealInstances.systemctl("start", unit);
    instances.awaitLines(up, 1);
    RealInstances.systemctl("restart", unit);
    instances.awaitLines(up, 2);
    RealInstances.systemctl("kill", "--kill-who=main", "--signal=TERM", unit);
    // The third announces its end and does not end, the fourth exits by itself.
    instances.awaitLines(up, 5);
    RealInstances.systemctl("stop", unit);
    assertThat(instances.awaitRecords("mind", 5))
        .extracting(record -> record.exit().status() + " " + record.exit().stop())
        .containsExactly(
            "TERM REQUESTED",
            "TERM NOT_REQUESTED",
            "KILL NOT_REQUESTED",
            "1 NOT_REQUESTED",
            "TERM REQUESTED");
  }

  @Test
  void anUnwatchedRestartGetsTheCrashCount() throws Exception {
    Path reported = folder.resolve("told");
    String script =
        "echo $COORD_RUN $COORD_CRASH_COUNT $COORD_RESUME $COORD_LAST_CYCLE >>"
            + reported
            + "; exit 3";
    instances
        .files()
        .prepare(
            shell("crash", script)
                .restarts(3)
                .context(
                    Map.of(
                        "COORD_RUN", "1",
                        "COORD_CRASH_COUNT", "0",
                        "COORD_RESUME", "0",
                        "COORD_LAST_CYCLE", "17"),
                    0)
                .spec());
    instances.startUntilFailed("crash");
    assertThat(reported).hasContent("1 0 0 17\n2 1 1 17\n3 2 1 17\n4 3 1 17\n");
    assertThat(instances.files().exitRecords("crash", 0))
        .hasSize(4)
        .allSatisfy(
            record -> {
              assertThat(record.result()).isEqualTo("exit-code");
              assertThat(record.exit().status()).isEqualTo("3");
            })
        .extracting(ExitRecord::invocation)
        .doesNotHaveDuplicates();
  }

  @Test
  void restartDelaysDoubleWithoutAClient() throws Exception {
    Path times = folder.resolve("times");
    String script = "read -r t _ </proc/uptime; echo $t >>" + times + "; /bin/sleep 0.2; exit 3";
    instances
        .files()
        .prepare(
            shell("later", script)
                .restarts(4)
                .context(Map.of("COORD_CRASH_COUNT", "6"), 0)
                .backoff(Duration.ofMillis(300), Duration.ofMillis(1100), 6)
                .spec());
    instances.startUntilFailed("later");

    assertThat(instances.show("later", "TimeoutStartUSec")).isEqualTo("infinity");
    assertThat(instances.show("later", "RestartUSec")).isEqualTo("300ms");
    List<String> began = Files.readAllLines(times);
    List<Long> gaps = new ArrayList<>();
    for (int i = 1; i < began.size(); i++) {
      gaps.add(millis(began.get(i)) - millis(began.get(i - 1)) - 200);
    }
    // 300, 600, and twice 1100 instead of 1200 and 2400: never less, more on a busy machine. What
    // the script computes is tested exactly in ScriptsTest.
    assertThat(gaps).hasSize(4);
    assertThat(gaps.get(0)).isGreaterThanOrEqualTo(290);
    assertThat(gaps.get(1)).isGreaterThanOrEqualTo(590);
    assertThat(gaps.get(2)).isGreaterThanOrEqualTo(1090);
    assertThat(gaps.get(3)).isGreaterThanOrEqualTo(1090);
    assertThat(instances.files().exitRecords("later", 0))
        .hasSize(5)
        .allSatisfy(
            record ->
                assertThat(record.durationMillis().orElseThrow()).isGreaterThanOrEqualTo(190));
  }

  /** A run's time is its own: the two seconds of delay before the second are in no record. */
  @Test
  void theDelayBeforeARunIsNotPartOfTheRun() throws Exception {
    instances
        .files()
        .prepare(
            shell("apart", "exit 3")
                .restarts(1)
                .backoff(Duration.ofSeconds(2), Duration.ofSeconds(2), 0)
                .spec());
    long before = uptimeMillis();
    instances.startUntilFailed("apart");
    long all = uptimeMillis() - before;

    List<ExitRecord> records = instances.files().exitRecords("apart", 0);
    assertThat(records).hasSize(2);
    long runs = records.stream().mapToLong(record -> record.durationMillis().orElseThrow()).sum();
    assertThat(runs).as("of %d ms in all", all).isLessThanOrEqualTo(all - 1990);
  }

  private static long uptimeMillis() throws Exception {
    return millis(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
  }

  private static long millis(String seconds) {
    return Math.round(Double.parseDouble(seconds) * 1000);
  }

  @Test
  void aStopEndsTheDelayAndLeavesNoRecord() throws Exception {
    Path reported = folder.resolve("told");
    // The run sees to it that the next one has an hour to wait.
    String script = "echo '#context 0 1 20 1' >" + folder + "/run/wait.base; exit 3";
    instances
        .files()
        .prepare(
            shell("wait", script)
                .restarts(9)
                .backoff(Duration.ofMillis(100), Duration.ofHours(1), 0)
                .spec());
    // Before all those of 50-coord.conf, which begins with none.
    List<String> before =
        Files.readAllLines(instances.dropIns("wait").resolve("50-coord.conf")).stream()
            .filter(line -> line.startsWith("ExecStartPre="))
            .toList();
    Files.writeString(
        instances.dropIns("wait").resolve("60-test.conf"),
        "[Service]\nExecStartPre=\nExecStartPre=-/bin/sh -c 'echo >>"
            + reported
            + "'\n"
            + String.join("\n", before.subList(1, before.size()))
            + "\n");
    RealInstances.systemctl("start", "--no-block", RealInstances.unit("wait"));
    instances.awaitLines(reported, 2);
    RealInstances.systemctl("daemon-reload");
    assertThat(instances.show("wait", "ActiveState")).isEqualTo("activating");
    assertThat(instances.show("wait", "SubState")).isEqualTo("start-pre");
    assertThat(instances.show("wait", "InvocationID")).isNotEqualTo(only("wait").invocation());

    // An hour is left of the delay, which is longer than any test may take.
    RealInstances.systemctl("stop", RealInstances.unit("wait"));

    assertThat(instances.show("wait", "ActiveState")).isEqualTo("inactive");
    assertThat(instances.show("wait", "SubState")).isEqualTo("dead");
    assertThat(instances.show("wait", "Result")).isEqualTo("success");
    assertThat(instances.show("wait", "ControlGroup")).as("nothing is left").isEmpty();
    assertThat(instances.show("wait", "ExecMainCode")).as("no run began").isEqualTo("0");
    assertThat(instances.show("wait", "Job")).isEmpty();
    assertThat(only("wait").exit().status()).isEqualTo("3");
    Files.delete(instances.dropIns("wait").resolve("60-test.conf"));
  }

  @Test
  void recordsTheLastStatusOfTheRunAndTellsItsCycleToTheNext() throws Exception {
    instances
        .files()
        .prepare(
            shell(
                    "status",
                    "[ $COORD_RUN = 1 ] || { systemd-notify --status=\"done early:"
                        + " $COORD_LAST_CYCLE is enough\"; exit 0; }; systemd-notify"
                        + " --status='cycle 7/20'; exit 1")
                .restarts(3)
                .spec());
    RealInstances.systemctl("start", RealInstances.unit("status"));
    assertThat(instances.awaitRecords("status", 2))
        .extracting(record -> record.evidence().statusText())
        .containsExactly("cycle 7/20", "done early: 7 is enough");
  }

  @Test
  void restartsARunThatSucceedsAlthoughAChildWasKilledForMemory() throws Exception {
    instances
        .files()
        .prepare(
            shell(
                    "childoom",
                    "[ $COORD_RUN = 2 ] && exit 0; /usr/bin/python3 -c \"x = b'x' * (300 << 20)\";"
                        + " exit 0")
                .restarts(3)
                .resources(
                    new InstanceSpec.ResourceControl(
                        OptionalLong.of(64 << 20), OptionalInt.of(100), OptionalInt.of(16)))
                .spec());
    RealInstances.systemctl("start", RealInstances.unit("childoom"));
    List<ExitRecord> records = instances.awaitRecords("childoom", 2);
    assertThat(records.get(0).resources().oomKills()).hasValue(1);
    assertThat(records.get(1).resources().oomKills()).hasValue(0);
  }

  @Test
  void restartsAfterAStrayTerm() throws Exception {
    instances
        .files()
        .prepare(
            shell("stray", "[ $COORD_CRASH_COUNT = 1 ] || exec /bin/sleep 1000")
                .restarts(3)
                .spec());
    RealInstances.systemctl("start", RealInstances.unit("stray"));
    UnitTestPrograms.run(Map.of(), List.of("kill", "-TERM", instances.show("stray", "MainPID")));
    List<ExitRecord> records = instances.awaitRecords("stray", 2);
    assertThat(records.get(0).exit().code()).isEqualTo("killed");
    assertThat(records.get(0).exit().status()).isEqualTo("TERM");
    assertThat(records.get(1).exit().code()).isEqualTo("exited");
    assertThat(records.get(1).exit().status()).isEqualTo("0");
  }

  @Test
  void doesNotRestartAfterAStop() throws Exception {
    instances.files().prepare(shell("stop", "exec /bin/sleep 1000").restarts(3).spec());
    RealInstances.systemctl("start", RealInstances.unit("stop"));
    RealInstances.systemctl("stop", RealInstances.unit("stop"));
    assertThat(only("stop").exit().status()).isEqualTo("TERM");
    assertThat(instances.show("stop", "ActiveState")).isEqualTo("inactive");
  }

  @Test
  void doesNotRestartAfterAnAcceptedExitCode() throws Exception {
    instances.files().prepare(shell("accepted", "exit 3").restarts(3).successCodes(3, 4).spec());
    instances.startUntilDown("accepted");
    ExitRecord record = only("accepted");
    assertThat(record.result()).isEqualTo("success");
    assertThat(record.exit().code()).isEqualTo("exited");
    assertThat(record.exit().status()).isEqualTo("3");
  }

  @Test
  void aCheckHasTheSameEnvironmentAndOutput() throws Exception {
    instances.runToEnd(
        shell("checked", "echo ran; echo $SECRET >result")
            .environment(Map.of("SECRET", "s3"))
            .check(
                Duration.ofSeconds(20),
                "/bin/sh",
                "-c",
                "echo checked $COORD_RUN $EXIT_STATUS; test \"$(cat result)\" = $SECRET"));
    assertThat(only("checked").evidence().check()).isEqualTo("0");
    assertThat(folder.resolve("output.log")).hasContent("ran\nchecked 1 0\n");
  }

  @Test
  void aCheckRunsAsTheUserOfTheExperiment() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    instances.runToEnd(
        shell("asother", "exit 0")
            .user("nobody")
            .check(Duration.ofSeconds(20), "/bin/sh", "-c", "test \"$(id -un)\" = nobody"));
    assertThat(only("asother").evidence().check()).isEqualTo("0");
  }

  @Test
  void aFailedCheckIsRecordedAndIsNotACrash() throws Exception {
    instances.runToEnd(
        shell("unchecked", "exit 0").restarts(3).check(Duration.ofSeconds(20), "/bin/false"));
    ExitRecord record = only("unchecked");
    assertThat(record.evidence().check()).isEqualTo("1");
    assertThat(record.result()).isEqualTo("success");
    assertThat(record.exit().status()).isEqualTo("0");
  }

  @Test
  void aHangingCheckIsKilledAndIsNotACrash() throws Exception {
    instances.runToEnd(
        shell("hangs", "exit 0")
            .restarts(3)
            .timeouts(
                new InstanceSpec.Timeouts(
                    Optional.of(Duration.ofSeconds(30)), Optional.empty(), Optional.empty()))
            .check(
                Duration.ofMillis(500),
                "/bin/sh",
                "-c",
                "trap '' TERM INT HUP; setsid /bin/sleep 1000 & /bin/sleep 1000"));
    ExitRecord record = only("hangs");
    assertThat(record.evidence().check()).isEqualTo("timeout");
    assertThat(record.result()).isEqualTo("success");
    assertThat(record.durationMillis().orElseThrow()).isGreaterThanOrEqualTo(490);
    assertThat(instances.show("hangs", "ControlGroup")).as("nothing is left").isEmpty();
    assertThat(folder.resolve("output.log"))
        .content()
        .contains("check-success: the check did not end within 0.500 s and was killed\n");
  }

  @Test
  void nothingIsCheckedAfterACrashOrAStop() throws Exception {
    Path checked = folder.resolve("checked");
    String check = "echo >>" + checked;
    instances
        .files()
        .prepare(
            shell("crash", "exit 3").check(Duration.ofSeconds(20), "/bin/sh", "-c", check).spec());
    instances.startUntilDown("crash");
    instances
        .files()
        .prepare(
            shell("stopped", "exec /bin/sleep 1000")
                .check(Duration.ofSeconds(20), "/bin/sh", "-c", check)
                .spec());
    RealInstances.systemctl("start", RealInstances.unit("stopped"));
    RealInstances.systemctl("stop", RealInstances.unit("stopped"));
    assertThat(only("crash").evidence().check()).isEmpty();
    assertThat(only("stopped").evidence().check()).isEmpty();
    assertThat(only("stopped").exit().status()).isEqualTo("TERM");
    assertThat(checked).doesNotExist();
  }

  @Test
  void aCheckThatCannotRunDoesNotAffectTheRecord() throws Exception {
    // The shell of the check does not take this variable; the record's shell does not see it.
    instances.runToEnd(
        InstanceSpecs.of("untold", folder, "/bin/true")
            .environment(Map.of("OPTIND", "no number"))
            .check(Duration.ofSeconds(20), "/bin/true"));
    assertThat(only("untold").result()).isEqualTo("success");
    assertThat(only("untold").evidence().check()).as("of the shell").isEqualTo("2");
  }

  @Test
  void doesNotRestartAfterExitCode78() throws Exception {
    instances.files().prepare(shell("config", "exit 78").restarts(3).spec());
    instances.startUntilDown("config");
    assertThat(only("config").exit().status()).isEqualTo("78");
  }

  @Test
  void withoutRestartsTheResultOfTheRunStays() throws Exception {
    instances.files().prepare(shell("once", "kill -KILL $$").spec());
    instances.startUntilDown("once");
    assertThat(only("once").result()).isEqualTo("signal");
    assertThat(instances.show("once", "Result")).isEqualTo("signal");
    assertThat(instances.show("once", "ActiveState")).isEqualTo("failed");
  }

  @Test
  void countsOutOfMemoryKillsPerRun() throws Exception {
    InstanceSpecs specs =
        InstanceSpecs.of("oom", folder, "/usr/bin/python3", "-c", "x = b'x' * (300 << 20)")
            .restarts(1)
            .resources(
                new InstanceSpec.ResourceControl(
                    OptionalLong.of(64 << 20), OptionalInt.of(100), OptionalInt.of(16)))
            .timeouts(
                new InstanceSpec.Timeouts(
                    Optional.of(Duration.ofSeconds(5)),
                    Optional.of(Duration.ofMinutes(1)),
                    Optional.empty()));
    instances.files().prepare(specs.spec());
    instances.startUntilFailed("oom");
    assertThat(instances.files().exitRecords("oom", 0))
        .hasSize(2)
        .allSatisfy(
            record -> {
              assertThat(record.exit().status()).isEqualTo("KILL");
              assertThat(record.resources().oomKills()).hasValue(1);
              assertThat(record.resources().memoryPeakBytes().orElse(0))
                  .isBetween(60L << 20, 64L << 20);
            });
    assertThat(instances.show("oom", "MemoryMax")).isEqualTo(Integer.toString(64 << 20));
    assertThat(instances.show("oom", "MemorySwapMax")).isEqualTo("0");
    assertThat(instances.show("oom", "CPUQuotaPerSecUSec")).isEqualTo("1s");
    assertThat(instances.show("oom", "TasksMax")).isEqualTo("16");
    assertThat(instances.show("oom", "TimeoutStopUSec")).isEqualTo("5s");
    assertThat(instances.show("oom", "RuntimeMaxUSec")).isEqualTo("1min");
    assertThat(instances.show("oom", "RestartUSec")).isEqualTo("1ms");
    assertThat(instances.show("oom", "StartLimitBurst")).isEqualTo("2");
    assertThat(instances.show("oom", "Slice")).isEqualTo("brain.slice");
  }

  @Test
  void variablesOfAnExperimentDoNotAffectTheRecord() throws Exception {
    Map<String, String> hostile = new HashMap<>();
    hostile.put("PATH", "/nonexistent");
    hostile.put("IFS", "0123456789abcdef");
    hostile.put("OPTIND", "no number");
    hostile.put("PPID", "x");
    hostile.put("ENV", "/nonexistent");
    hostile.put("LC_ALL", "xx_XX");
    hostile.put("PS4", "$(/bin/touch " + folder + "/touched)");
    hostile.put("SHELLOPTS", "xtrace");
    hostile.put("POSIXLY_CORRECT", "1");
    hostile.put("LD_PRELOAD", "/nonexistent.so");
    hostile.put("records", "/dev/null");
    hostile.put("oom_kills", "99");
    hostile.put("PROC_CGROUP", "/dev/null");
    hostile.put("CGROUP_ROOT", "/nonexistent");
    hostile.put("EVIL", "x\nSERVICE_RESULT=evil\nCOORD_RUN=99");
    Path reported = folder.resolve("told");
    instances
        .files()
        .prepare(
            InstanceSpecs.of(
                    "hostile",
                    folder,
                    "/usr/bin/python3",
                    "-c",
                    "import os, sys; open(sys.argv[1], 'w').write(os.environ['COORD_RUN']);"
                        + " sys.exit(9)",
                    reported.toString())
                .environment(hostile)
                .spec());
    instances.startUntilDown("hostile");
    ExitRecord record = only("hostile");
    assertThat(reported).hasContent("1");
    assertThat(record.invocation()).hasSize(32);
    assertThat(record.result()).isEqualTo("exit-code");
    assertThat(record.exit().status()).isEqualTo("9");
    assertThat(record.resources().oomKills()).hasValue(0);
    assertThat(folder.resolve("touched")).doesNotExist();
  }

  /** Why {@link InstanceProblems} refuses these names. */
  @Test
  void aVariableOfAFileOverridesSystemds() throws Exception {
    instances.files().prepare(shell("forged", "exit 9").spec());
    Files.writeString(
        folder.resolve("run/forged.env"), "SERVICE_RESULT=success\nINVOCATION_ID=forged\n");
    instances.startUntilDown("forged");
    assertThat(only("forged").result()).isEqualTo("success");
    assertThat(only("forged").invocation()).isEqualTo("forged");
  }

  @Test
  void aUserCanAccessOnlyItsOwnFiles() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path reported = folder.resolve("told");
    Files.createFile(reported);
    Files.setPosixFilePermissions(reported, PosixFilePermissions.fromString("rw-rw-rw-"));
    instances
        .files()
        .prepare(
            shell(
                    "other",
                    "{ /usr/bin/id -un; echo $COORD_RUN $SECRET; } >"
                        + reported
                        + "; /bin/cat "
                        + folder
                        + "/run/other.env || exit 5")
                .user("nobody")
                .environment(Map.of("SECRET", "s3"))
                .restarts(1)
                .spec());
    instances.startUntilFailed("other");
    assertThat(reported).hasContent("nobody\n2 s3\n");
    assertThat(instances.files().exitRecords("other", 0))
        .hasSize(2)
        .allSatisfy(record -> assertThat(record.exit().status()).isEqualTo("5"));
    instances.files().updateContext("other", new RunContext(Map.of("COORD_RUN", "7"), 2));
    for (String file : List.of("run/other.base", "run/other.context", "state/exits/other.log")) {
      assertThat(Files.getOwner(folder.resolve(file)).getName()).as(file).isEqualTo("root");
    }
    instances.startUntilFailed("other");
    assertThat(reported).hasContent("nobody\n8 s3\n");
  }

  @Test
  void theScriptsOfRootAreOutOfReachOfTheExperimentsVariablesAndFolder() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path own = Files.createDirectory(folder.resolve("own"));
    Path reported = own.resolve("told");
    UserPrincipal nobody =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Files.setOwner(own, nobody);
    Map<String, String> hostile = new HashMap<>();
    // Each process that heeds it leaves a file with its number, as its own user.
    hostile.put("LD_DEBUG", "libs");
    hostile.put("LD_DEBUG_OUTPUT", folder.resolve("shared/loaded").toString());
    hostile.put("LD_LIBRARY_PATH", own.toString());
    hostile.put("GLIBC_TUNABLES", "x=$y \"z\"");
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    String print =
        "import os, sys; open(sys.argv[1], 'a').write(repr([os.environ.get(n) for n in"
            + " ['LD_DEBUG', 'LD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'COORD_KEPT_001']]) + '\\n')";
    // The sandbox of the machine, as far as a container can have it.
    Files.createDirectories(instances.dropIns("mine"));
    Files.writeString(
        instances.dropIns("mine").resolve("10-machine.conf"),
        UnitFiles.text(UnitFiles.OF_MACHINE, UnitFilePaths.OF_PACKAGE)
            .replaceAll("(?m)^(User|StateDirectory.*|ProtectKernel.*)=.*$", ""));
    instances.runToEnd(
        InstanceSpecs.of("mine", own, "/usr/bin/python3", "-c", print, reported.toString())
            .paths(own, folder.resolve("output.log"))
            .user("nobody")
            .environment(hostile)
            .successFile(reported)
            .check(Duration.ofSeconds(20), "/usr/bin/python3", "-c", print, reported.toString()));
    Files.delete(instances.dropIns("mine").resolve("10-machine.conf"));
    String expected = "['libs', '" + own + "', 'x=$y \"z\"', None]";
    assertThat(Files.readAllLines(reported)).containsExactly(expected, expected);
    ExitRecord record = only("mine");
    assertThat(record.evidence().check()).isEqualTo("0");
    assertThat(record.evidence().successFileAtStart()).contains("none");
    try (Stream<Path> loaded = Files.list(shared)) {
      assertThat(loaded)
          .isNotEmpty()
          .allSatisfy(file -> assertThat(Files.getOwner(file)).isEqualTo(nobody));
    }
  }

  @Test
  void aFolderThatIsNotThereIsTheFailureOfSystemdAndNoRun() throws Exception {
    instances
        .files()
        .prepare(
            shell("away", "exit 0")
                .user("nobody")
                .paths(folder.resolve("away"), folder.resolve("output.log"))
                .spec());
    instances.startUntilDown("away");
    assertThat(instances.show("away", "ExecStartPre")).contains("code=exited ; status=200 }");
    assertThat(instances.files().exitRecords("away", 0)).isEmpty();
  }

  @Test
  void theTemplateReportsAMissingConfig() throws Exception {
    assertThat(
            UnitTestPrograms.run(
                Map.of(),
                List.of(
                    "systemd-analyze",
                    "--user",
                    "--man=no",
                    "verify",
                    instances.unitDir().resolve("brain-experiment@.service").toString(),
                    instances.unitDir().resolve("brain.slice").toString())))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
    // An assertion of the template, so that the job fails and the unit does not.
    assertThat(instances.startUntilDown("byhand").code()).isEqualTo(1);
    assertThat(instances.show("byhand", "ActiveState")).isEqualTo("inactive");
    assertThat(instances.show("byhand", "AssertResult")).isEqualTo("no");
    assertThat(instances.show("byhand", "NRestarts")).isEqualTo("0");
    assertThat(instances.show("byhand", "MemoryMax")).isEqualTo("4294967296");
    assertThat(instances.show("byhand", "RestartForceExitStatus")).isEqualTo("HUP INT PIPE TERM");
    RealInstances.systemctl("reset-failed", RealInstances.unit("byhand"));
  }

  @Test
  void theTemplateRunsTheConfigOfItsName() throws Exception {
    Path module = Files.createDirectories(folder.resolve("runner/src/runner"));
    Files.writeString(
        module.resolve("experiment_runner.py"),
        "import sys; open(sys.argv[4], 'w').write(' '.join(sys.argv[1:]))");
    Path config =
        Files.createDirectories(folder.resolve("config/experiments")).resolve("byname.json");
    Files.writeString(config, "{}");
    instances.startAndWait("byname");
    Path state = folder.resolve("state/experiments/byname/state.db");
    assertThat(state).hasContent("--config " + config + " --db " + state);
  }

  private InstanceSpecs shell(String instance, String script) {
    return InstanceSpecs.of(instance, folder, "/bin/sh", "-c", script);
  }

  private ExitRecord only(String instance) {
    List<ExitRecord> records = instances.files().exitRecords(instance, 0);
    assertThat(records).hasSize(1);
    return records.get(0);
  }
}
