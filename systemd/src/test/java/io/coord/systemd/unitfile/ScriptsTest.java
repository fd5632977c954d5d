package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts by themselves, without a service manager, with cgroups made of plain files. */
class ScriptsTest {
  private static final String INVOCATION = "0123456789abcdef0123456789abcdef";

  /** Without the time that the run took. */
  private static final String FIRST_VERSION =
      INVOCATION + "\tboot\t1790000000\tsignal\tkilled\tKILL\t0\t4096\t.\n";

  /** Without what came of a check. */
  private static final String SECOND_VERSION =
      INVOCATION + "\tboot\t1790000000\tsignal\tkilled\tKILL\t0\t4096\t160\t.\n";

  private static final int SIGALRM = 14;

  private @TempDir Path folder;
  private Path lib;
  private Path records;
  private InstanceFilesOnDisk files;

  /** What systemd knows of the check of this run, if there was one. */
  private Optional<String> checkEnd = Optional.empty();

  @BeforeEach
  void install() throws IOException {
    lib = folder.resolve("lib");
    assertThat(TestUnitFiles.installer(folder).install()).isTrue();
    records = folder.resolve("state/exits/a.log");
    files =
        new InstanceFilesOnDisk(
            "brain-experiment",
            folder.resolve("units"),
            folder.resolve("run"),
            folder.resolve("state"),
            lib);
    version2("0::/brain.slice/a.service\n", "oom 1\noom_kill 0\noom_group_kill 0\n", "1234\n");
  }

  @Test
  void installsWhatIsMissingOrDifferentOnly() throws IOException {
    Path template = folder.resolve("units/brain-experiment@.service");
    assertThat(TestUnitFiles.installer(folder).install()).isFalse();
    assertThat(template)
        .content()
        .contains(
            "ExecStart=/bin/sh \"%s/run-config\" \"/etc/brain-in-jar\" \"/var/lib/coord\" \"%%i\""
                .replace("%%", "%")
                .replace("%s", lib.toString()))
        .doesNotContain("@RUN");
    Files.writeString(lib.resolve("record-exit"), "old");
    assertThat(TestUnitFiles.installer(folder).install()).as("a script needs no reload").isFalse();
    assertThat(lib.resolve("record-exit")).content().startsWith("#!/bin/sh");
    Files.writeString(template, "\nX=y", StandardOpenOption.APPEND);
    assertThat(TestUnitFiles.installer(folder).install()).isTrue();
    assertThat(TestUnitFiles.installer(folder).install()).isFalse();
  }

  @Test
  void theFirstRunGetsTheGivenContext() throws Exception {
    Map<String, String> context =
        Map.of(
            "COORD_RUN", "5",
            "COORD_CRASH_COUNT", "2",
            "COORD_RESUME", "1",
            "COORD_LAST_CYCLE", "17",
            "COORD_NOTE", "Á \\ \"x\"\nCOORD_RUN=9\n$HOME\u0085");
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").context(context, 0).spec());
    assertThat(prepareRun()).isEqualTo(context);
  }

  @Test
  void withoutCountersARunIsTheFirst() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    assertThat(prepareRun())
        .isEqualTo(Map.of("COORD_RUN", "1", "COORD_CRASH_COUNT", "0", "COORD_RESUME", "0"));
  }

  @Test
  void eachUnseenRecordIsACrash() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    for (int crashes = 0; crashes < 3; crashes++) {
      assertThat(prepareRun())
          .containsEntry("COORD_RUN", Integer.toString(crashes + 1))
          .containsEntry("COORD_CRASH_COUNT", Integer.toString(crashes))
          .containsEntry("COORD_RESUME", crashes == 0 ? "0" : "1");
      recordExit("exit-code", "exited", "1");
    }
    assertThat(files.exitRecords("a", 0)).hasSize(3);

    files.updateContext("a", new RunContext(Map.of("COORD_RUN", "4", "COORD_CRASH_COUNT", "2"), 3));
    assertThat(prepareRun())
        .isEqualTo(Map.of("COORD_RUN", "4", "COORD_CRASH_COUNT", "2", "COORD_RESUME", "0"));
    recordExit("signal", "killed", "KILL");
    assertThat(prepareRun())
        .isEqualTo(Map.of("COORD_RUN", "5", "COORD_CRASH_COUNT", "3", "COORD_RESUME", "1"));
  }

  @Test
  void fewerRecordsThanSeenChangeNothing() throws Exception {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true").context(Map.of("COORD_RUN", "8"), 7).spec());
    assertThat(prepareRun()).containsEntry("COORD_RUN", "8").containsEntry("COORD_RESUME", "0");
    Files.delete(records);
    assertThat(prepareRun()).containsEntry("COORD_RUN", "8").containsEntry("COORD_RESUME", "0");
  }

  @Test
  void noRunStartsWithoutItsContext() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(folder.resolve("run/a.base"), "half");
    assertThat(script("prepare-run").code()).isNotZero();
    Files.delete(folder.resolve("run/a.base"));
    assertThat(script("prepare-run").code()).isNotZero();
  }

  @Test
  void recordsOfAllVersionsCount() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(records, FIRST_VERSION + SECOND_VERSION);
    recordExit("exit-code", "exited", "1");
    assertThat(prepareRun()).containsEntry("COORD_CRASH_COUNT", "3");
    assertThat(files.exitRecords("a", 0)).hasSize(3);
    assertThat(files.exitRecords("a", 0).get(0).durationMillis()).isEmpty();
    assertThat(files.exitRecords("a", 0).get(1).exit().stop())
        .isEqualTo(ExitRecord.StopRequest.UNKNOWN);
  }

  @Test
  void scriptAndReaderCountTheSameRecords() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    checkSuccess("5", "success", "exited", "/bin/sh", "-c", "exit 42");
    recordExit("success", "exited", "0");
    List<String> versions =
        List.of(
            FIRST_VERSION,
            SECOND_VERSION,
            Files.readString(records),
            Files.readString(records).replace("42", "timeout"));
    Random random = new Random(7);
    for (int round = 0; round < 100; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(8); i > 0; i--) {
        StringBuilder line = new StringBuilder(versions.get(random.nextInt(versions.size())));
        if (random.nextBoolean()) {
          int at = random.nextInt(line.length());
          switch (random.nextInt(4)) {
            case 0 -> line.setLength(at);
            case 1 -> line.setCharAt(at, (char) random.nextInt(256));
            case 2 -> line.deleteCharAt(at);
            default -> line.insert(at, "\0\t-\n.0ar".charAt(random.nextInt(8)));
          }
        }
        text.append(line);
      }
      Files.writeString(records, text, StandardCharsets.ISO_8859_1);
      int counted = files.exitRecords("a", 0).size();
      assertThat(prepareRun())
          .as("round %d: %s", round, text)
          .containsEntry("COORD_CRASH_COUNT", Integer.toString(counted));
    }
  }

  @Test
  void recordsTheResultOfSystemd() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    recordExit("core-dump", "dumped", "ABRT");
    recordExit("resources", "", "");
    recordExit("evil\n\t", "a b", "../x");
    List<ExitRecord> all = files.exitRecords("a", 0);
    assertThat(all).hasSize(3);
    ExitRecord first = all.get(0);
    assertThat(first.invocation()).isEqualTo(INVOCATION);
    assertThat(first.bootId())
        .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    assertThat(first.result()).isEqualTo("core-dump");
    assertThat(first.exit().code()).isEqualTo("dumped");
    assertThat(first.exit().status()).isEqualTo("ABRT");
    assertThat(first.resources().memoryPeakBytes()).hasValue(1234);
    assertThat(first.resources().oomKills()).hasValue(0);
    assertThat(all.get(1).exit().code()).isEmpty();
    assertThat(all.get(2).result() + all.get(2).exit().code() + all.get(2).exit().status())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "success, exited, exit 0, 0",
    "success, exited, exit 3, 3",
    "success, exited, kill -SEGV $$, 139",
    "success, exited, exec /no/where, 127",
    "success, exited, kill -KILL $$, 137",
    "success, killed, exit 3, ''",
    "exit-code, exited, exit 3, ''",
    "timeout, exited, exit 3, ''",
    "success, '', exit 3, ''",
  })
  void runsTheCheckAfterASuccess(String result, String code, String check, String outcome)
      throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    checkSuccess("20.000", result, code, "/bin/sh", "-c", ": >" + folder + "/ran; " + check);
    recordExit(result, code, "0");
    assertThat(Files.exists(folder.resolve("ran"))).isEqualTo(!outcome.isEmpty());
    assertThat(files.exitRecords("a", 0))
        .extracting(record -> record.evidence().check())
        .isEqualTo(code.isEmpty() ? List.of() : List.of(outcome));
  }

  @ParameterizedTest
  @CsvSource({
    "123, success, REQUESTED",
    "'', success, NOT_REQUESTED",
    "123, timeout, NOT_REQUESTED",
    "123, oom-kill, NOT_REQUESTED",
    "'', '', NOT_REQUESTED",
  })
  void recordsARequestToStop(String mainPid, String result, ExitRecord.StopRequest request)
      throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    noteStop(mainPid, result);
    checkSuccess("20", "success", "exited", "/bin/true");
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 0).get(0).exit().stop()).isEqualTo(request);
    assertThat(files.exitRecords("a", 0).get(0).evidence().check()).isEqualTo("0");
    assertThat(prepareRun())
        .as("an interruption is no crash")
        .containsEntry("COORD_RUN", "2")
        .containsEntry("COORD_RESUME", "1")
        .containsEntry(
            "COORD_CRASH_COUNT", request == ExitRecord.StopRequest.REQUESTED ? "0" : "1");
    recordExit("exit-code", "exited", "1");
    assertThat(files.exitRecords("a", 1).get(0).exit().stop())
        .as("of this run only")
        .isEqualTo(ExitRecord.StopRequest.NOT_REQUESTED);
  }

  @Test
  void aRecordThatWasCutShortDoesNotSwallowTheNext() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    recordExit("exit-code", "exited", "1");
    Files.writeString(records, SECOND_VERSION.substring(0, 60), StandardOpenOption.APPEND);
    recordExit("exit-code", "exited", "2");
    recordExit("exit-code", "exited", "3");
    assertThat(files.exitRecords("a", 0))
        .extracting(record -> record.exit().status())
        .containsExactly("1", "2", "3");
  }

  @Test
  void countsTheCrashesAmongTheUnseenRecordsOnly() throws Exception {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .context(Map.of("COORD_RUN", "3", "COORD_CRASH_COUNT", "1"), 2)
            .spec());
    for (String pid : List.of("1", "", "1")) {
      prepareRun();
      noteStop(pid, "success");
      recordExit("signal", "killed", "KILL");
    }
    assertThat(prepareRun())
        .containsEntry("COORD_RUN", "6")
        .containsEntry("COORD_CRASH_COUNT", "2");
  }

  @Test
  void killsACheckThatTakesTooLong() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    UnitTestPrograms.Ended ended =
        checkSuccess(
            "0.200", "success", "exited", "/bin/sh", "-c", "trap '' TERM; /bin/sleep 1000; exit 0");
    assertThat(ended.output())
        .endsWith("check-success: the check did not end within 0.200 s and was killed\n");
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 0).get(0).evidence().check()).isEqualTo("timeout");
  }

  @Test
  void aCheckGetsItsExactArgumentsAndVariables() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    List<String> hostile =
        HostileText.KNOWN.stream().filter(text -> text.indexOf('\0') < 0).toList();
    // Those that the scripts use, and some that are the shell's.
    List<String> names =
        List.of("context", "records", "check", "key", "value", "limit", "result", "code", "w", "n");
    Map<String, String> environment = new HashMap<>();
    names.forEach(name -> environment.put(name, hostile.get(20 + names.indexOf(name))));
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/python3",
                "-c",
                "import os, sys; open(sys.argv[1], 'w', newline='').write("
                    + "'\\0'.join(sys.argv[3:] + [os.environ[n] for n in sys.argv[2].split()]))",
                folder.resolve("told").toString(),
                String.join(" ", names)));
    command.addAll(hostile);

    assertThat(checkSuccess(environment, "20", "success", "exited", command.toArray(String[]::new)))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));

    List<String> expected = new ArrayList<>(hostile);
    names.forEach(name -> expected.add(environment.get(name)));
    assertThat(Files.readString(folder.resolve("told")).split("\0", -1))
        .containsExactly(expected.toArray(String[]::new));
  }

  @Test
  void recordsTheCheckOfTheSameRun() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    checkSuccess("20", "success", "exited", "/bin/false");
    assertThat(prepareRun()).as("to systemd it is a comment").containsKey("COORD_RUN");
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 0).get(0).evidence().check()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code=exited ; status=1000",
        "code=exited ; status=-1",
        "code=killed ; status=15/TERM",
        "code=dumped ; status=14/ALRM",
        "code=(null) ; status=0/0",
        "code=exited ; status=x"
      })
  void ignoresAnInvalidCheckOutcome(String end) throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    prepareRun();
    checkEnd = Optional.of(end);
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 0).get(0).evidence().check()).isEmpty();
  }

  @Test
  void doesNotCheckElsewhere() throws Exception {
    UnitTestPrograms.Ended ended =
        UnitTestPrograms.run(
            Map.of(),
            List.of(
                "/bin/sh",
                lib.resolve("check-success").toString(),
                folder.toString(),
                "5",
                "success",
                "exited",
                "/bin/touch",
                folder.resolve("ran").toString()));
    assertThat(ended.code()).as("killed by TERM").isEqualTo(128 + 15);
    assertThat(ended.output())
        .isEqualTo("check-success: cannot enter '" + folder + "'; the check is not run\n");
    assertThat(folder.resolve("ran")).doesNotExist();
  }

  @Test
  void anActivationThatFailedBeforePrepareRunIsNoRun() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    recordExit("exit-code", "", "");
    assertThat(files.exitRecords("a", 0)).isEmpty();

    prepareRun();
    recordExit("exit-code", "exited", "1");
    recordExit("exit-code", "", "");
    assertThat(files.exitRecords("a", 0)).hasSize(1);

    Files.writeString(folder.resolve("run/a.base"), "half");
    assertThat(script("prepare-run").code()).isNotZero();
    recordExit("exit-code", "", "");
    assertThat(files.exitRecords("a", 0)).hasSize(2);
  }

  @Test
  void countsTheKillsOfThisRunOnly() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    version2("0::/brain.slice/a.service\n", "oom_kill 2\n", "1\n");
    prepareRun();
    version2("0::/brain.slice/a.service/.control\n", "oom_kill 5\n", "1\n");
    recordExit("oom-kill", "killed", "KILL");
    assertThat(files.exitRecords("a", 0).get(0).resources().oomKills()).hasValue(3);
  }

  @ParameterizedTest
  @CsvSource({
    "3847.12, 3847.12, 0",
    "3847.92, 3848.08, 160",
    "0.08, 0.09, 10",
    "0.00, 99999999999.99, 99999999999990",
    "5.00, 4.99,",
    "-, 4.99,",
    "5.00, -,",
    "5, 6,",
    "5.000, 6.000,",
    "08.00, 09.00,",
    "5.0.00, 6.00,",
    "9999999999999999999999.00, 6.00,",
  })
  void recordsHowLongTheRunTook(String began, String ended, @Nullable Long millis)
      throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Path uptime = folder.resolve("uptime");
    Files.writeString(uptime, began + " 1234.00\n");
    prepareRun();
    Files.writeString(uptime, ended + " 1234.00\n");
    recordExit("exit-code", "exited", "1");
    assertThat(files.exitRecords("a", 0))
        .extracting(ExitRecord::durationMillis)
        .containsExactly(millis == null ? OptionalLong.empty() : OptionalLong.of(millis));
  }

  @Test
  void leavesAnUnknownDurationEmpty() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    recordExit("exit-code", "exited", "1");
    Files.writeString(folder.resolve("run/a.context"), "#oom-kills 0\n");
    recordExit("exit-code", "exited", "1");
    prepareRun();
    // The context is that of another run.
    recordExit("resources", "", "");
    assertThat(files.exitRecords("a", 0))
        .hasSize(3)
        .allSatisfy(record -> assertThat(record.durationMillis()).isEmpty());
  }

  @Test
  void recordsNoRunThatWasStoppedBeforeItsStart() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    recordExit("success", "", "");
    assertThat(records).isEmptyFile();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 5000, 600000, 0, ''",
    "1, 5000, 600000, 0, ''",
    "2, 5000, 600000, 0, 5.000",
    "3, 5000, 600000, 0, 15.000",
    "8, 5000, 600000, 0, 595.000",
    "9, 5000, 600000, 7, 5.000",
    "7, 5000, 600000, 7, ''",
    "999999999, 1, 3155760000000, 0, 3155759999.999",
    "4, 1, 600000, 0, 0.007",
    "5, 3000, 3000, 0, ''",
    "3, 1050, 600000, 0, 3.150",
  })
  void waitsForTheDelayBeyondRestartSec(
      int crashes, long delay, long most, int before, String seconds) throws Exception {
    int unseen = Math.min(crashes, 2);
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .context(Map.of("COORD_CRASH_COUNT", Integer.toString(crashes - unseen)), 1)
            .spec());
    for (int i = 0; i < unseen; i++) {
      recordExit("exit-code", "exited", "1");
    }
    assertThat(delayRestart(delay, most, before))
        .isEqualTo(new UnitTestPrograms.Ended(0, seconds.isEmpty() ? "" : seconds + "\n"));
    Duration whole =
        new InstanceSpec.Backoff(Duration.ofMillis(most), before)
            .delay(Duration.ofMillis(delay), crashes);
    long rest = seconds.isEmpty() ? 0 : Long.parseLong(seconds.replace(".", ""));
    assertThat(whole.toMillis()).isEqualTo(crashes > before ? delay + rest : 0);
  }

  @Test
  void leavesAnInvalidContextToPrepareRun() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(folder.resolve("run/a.base"), "half");
    assertThat(delayRestart(5000, 60_000, 0)).isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  @Test
  void knowsTheTimesOfTheTemplate() {
    assertThat(folder.resolve("units/brain-experiment@.service"))
        .content()
        .contains("\nRestartSec=" + DropIn.TEMPLATE_RESTART_DELAY.toSeconds() + "\n")
        .contains("\nTimeoutStopSec=" + InstanceSpec.TEMPLATE_STOP_TIMEOUT.toSeconds() + "\n");
  }

  @ParameterizedTest
  @CsvSource({"0::/, 7", "'4:memory:/x:y/a\n1:cpu:/q\n0::/', 7", "'4:cpu,memory:/x:y/a', 7"})
  void findsTheMemoryControllerOfEitherVersion(String cgroups, long kills) throws Exception {
    Path version1 = folder.resolve("cgroup/memory/x:y/a");
    Files.createDirectories(version1);
    Files.writeString(version1.resolve("memory.oom_control"), "under_oom 0\noom_kill 7\n");
    Files.writeString(version1.resolve("memory.max_usage_in_bytes"), "99\n");
    Files.writeString(folder.resolve("cgroup/memory.events"), "oom_kill 7\n");
    Files.writeString(folder.resolve("cgroup/memory.peak"), "99\n");
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(folder.resolve("run/a.context"), "#oom-kills 0\n");
    Files.writeString(folder.resolve("proc-cgroup"), cgroups + "\n");
    recordExit("signal", "killed", "KILL");
    assertThat(files.exitRecords("a", 0).get(0).resources().oomKills()).hasValue(kills);
    assertThat(files.exitRecords("a", 0).get(0).resources().memoryPeakBytes()).hasValue(99);
  }

  @Test
  void leavesCountersEmptyIfTheKernelHasNone() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Files.writeString(folder.resolve("proc-cgroup"), "0::/elsewhere\n");
    prepareRun();
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 0).get(0).resources().oomKills())
        .isEqualTo(OptionalLong.empty());
    assertThat(files.exitRecords("a", 0).get(0).resources().memoryPeakBytes()).isEmpty();
  }

  /** A logger that writes down how it was called, and a socket for it to be there for. */
  private Map<String, String> journal(String logger) throws Exception {
    Path socket = folder.resolve("log");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(socket));
    }
    Path program = folder.resolve("logger");
    Files.writeString(program, "#!/bin/sh\n" + logger + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Map<String, String> environment = cgroups();
    environment.put("DEV_LOG", socket.toString());
    environment.put("LOGGER", program.toString());
    return environment;
  }

  private UnitTestPrograms.Ended script(
      Map<String, String> environment, String name, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", lib.resolve(name).toString(), records.toString()));
    words.addAll(List.of(more));
    return UnitTestPrograms.run(environment, words);
  }

  @Test
  void logsTheStartAndTheEndToTheJournal() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    Path said = folder.resolve("said");
    Map<String, String> environment = journal("echo \"$*\" >>" + said);
    String base = folder.resolve("run/a.base").toString();
    String context = folder.resolve("run/a.context").toString();

    assertThat(script(environment, "prepare-run", base, context, "/out/a b.log").code()).isZero();
    assertThat(
            script(
                    environment,
                    "record-exit",
                    context,
                    INVOCATION,
                    "signal",
                    "killed",
                    "KILL",
                    "/out/a b.log")
                .code())
        .isZero();

    assertThat(Files.readAllLines(said))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("-t brain-experiment-a -- run ")
                    .endsWith(" started, 0 crashes before; output: /out/a b.log"),
            line ->
                assertThat(line)
                    .startsWith("-t brain-experiment-a -- run ended: signal (killed KILL), after ")
                    .endsWith(" ms; output: /out/a b.log"));
  }

  @Test
  void aHangingOrFailingJournalDelaysNothing() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    String base = folder.resolve("run/a.base").toString();
    String context = folder.resolve("run/a.context").toString();
    // It would hang for longer than the test may take.
    Map<String, String> hangs = journal("exec sleep 1000");
    assertThat(script(hangs, "prepare-run", base, context))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
    Files.delete(folder.resolve("log"));
    Map<String, String> fails = journal("echo no >&2; exit 1");
    assertThat(script(fails, "record-exit", context, INVOCATION, "success", "exited", "0"))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
    assertThat(files.exitRecords("a", 0)).hasSize(1);
  }

  @Test
  void recordingNeverFails() throws Exception {
    Files.delete(lib.resolve("cgroup-memory"));
    Files.delete(folder.resolve("proc-cgroup"));
    assertThat(
            UnitTestPrograms.run(
                    Map.of(),
                    List.of("/bin/sh", lib.resolve("record-exit").toString(), "/no/where", "/no/x"))
                .code())
        .isZero();
    assertThat(
            UnitTestPrograms.run(
                    Map.of(), List.of("/bin/sh", lib.resolve("record-exit").toString()))
                .code())
        .isZero();
    assertThat(Path.of(".records")).doesNotExist();
  }

  @Test
  void aRunThatSucceedsAlthoughAChildWasKilledForMemoryFailsUnlessThatIsAllowed() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    String context = folder.resolve("run/a.context").toString();
    for (int kills = 0; kills < 2; kills++) {
      for (String allowed : List.of("", "child-oom-allowed")) {
        for (String code : List.of("0", "1")) {
          version2("0::/brain.slice/a.service\n", "oom_kill 0\n", "1\n");
          prepareRun();
          version2("0::/brain.slice/a.service\n", "oom 1\noom_kill " + kills + "\n", "1\n");
          String result = code.equals("0") ? "success" : "exit-code";
          int ended =
              script(
                      cgroups(),
                      "record-exit",
                      context,
                      INVOCATION,
                      result,
                      "exited",
                      code,
                      "",
                      "",
                      "",
                      "",
                      allowed)
                  .code();
          boolean fails = kills > 0 && allowed.isEmpty() && code.equals("0");
          assertThat(ended).as(kills + allowed + code).isEqualTo(fails ? 1 : 0);
        }
      }
    }
    assertThat(files.exitRecords("a", 0)).hasSize(8);
  }

  @Test
  void recordsTheLastStatusThatSystemdKnows() throws Exception {
    recordExit("success", manager("cycle 2/9"));
    recordExit("success", manager("done early: \tá\u0001 x"));
    recordExit("success", manager("-"));
    recordExit("success", manager("x".repeat(400)));
    recordExit("success", manager(""));
    recordExit("success", "exit 1");
    recordExit("success", manager("cycle 1").replace(INVOCATION, "f".repeat(32)));

    assertThat(files.exitRecords("a", 0))
        .extracting(record -> record.evidence().statusText())
        .containsExactly("cycle 2/9", "done early:  á  x", "-", "x".repeat(300), "", "", "");
  }

  /** As systemctl of systemd 252 prints it, with the arguments as they are. */
  private String manager(String status) {
    String check =
        checkEnd
            .map(
                end ->
                    "ExecStopPost={ path=/bin/sh ; argv[]=/bin/sh /lib/check-success /w 5 a\n"
                        + "b; } x ; ignore_errors=yes ; start_time=[n/a] ; stop_time=[n/a] ; pid=52"
                        + " ; "
                        + end
                        + " }\n")
            .orElse("");
    return """
    cat <<'END'
    StatusText=%s
    %sExecStopPost={ path=/bin/sh ; argv[]=/bin/sh /lib/record-exit ; code=(null) ; status=0/0 }
    InvocationID=%s
    END
    """
        .formatted(status, check, INVOCATION);
  }

  private void recordExit(String result, String manager) throws Exception {
    Path program =
        program(
            "manager",
            "#!/bin/sh\n[ \"$XDG_RUNTIME_DIR $1\" = '/run/u 1 --user' ] || exit 9\n" + manager);
    Map<String, String> environment = cgroups();
    environment.put("SYSTEMCTL", program.toString());
    String context = folder.resolve("run/a.context").toString();
    Files.createDirectories(folder.resolve("state/exits"));
    assertThat(
            script(
                environment,
                "record-exit",
                context,
                INVOCATION,
                result,
                "exited",
                "0",
                "",
                "/run/u 1",
                "brain-experiment@a.service",
                "5.000"))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  @Test
  void theNextRunIsToldTheLastCycleThatNobodySaw() throws Exception {
    files.prepare(
        InstanceSpecs.of("a", folder, "/bin/true")
            .context(Map.of("COORD_RUN", "1", "COORD_LAST_CYCLE", "2"), 0)
            .spec());
    recordExit("signal", manager("saving"));
    assertThat(prepareRun()).containsEntry("COORD_LAST_CYCLE", "2");
    recordExit("signal", manager("epoch 3, Cycle 7 / 20, loss 0.5"));
    recordExit("signal", manager("cycle 21/20"));
    recordExit("signal", manager("recycle 9"));
    recordExit("signal", manager("cycle -5"));
    recordExit("signal", manager("saving"));
    assertThat(prepareRun()).containsEntry("COORD_LAST_CYCLE", "7");
    recordExit("signal", manager("cycle 12"));
    assertThat(prepareRun()).containsEntry("COORD_LAST_CYCLE", "12");
    files.updateContext("a", new RunContext(Map.of("COORD_RUN", "9", "COORD_LAST_CYCLE", "13"), 7));
    assertThat(prepareRun()).containsEntry("COORD_LAST_CYCLE", "13");
  }

  @Test
  void recordsWhatTheSuccessFileWasAtTheStart() throws Exception {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").spec());
    String base = folder.resolve("run/a.base").toString();
    String context = folder.resolve("run/a.context").toString();
    Path file = folder.resolve("out put");
    for (String expected : List.of("none", "[0-9]+:12345\\.678900000:3")) {
      assertThat(script(cgroups(), "prepare-run", base, context, "", file.toString()).code())
          .isZero();
      Files.writeString(Path.of(context), "#success-file none\n", StandardOpenOption.APPEND);
      Files.writeString(file, "abc");
      Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(12345, 678_900_000)));
      recordExit("success", "exited", "0");
      List<ExitRecord> seen = files.exitRecords("a", 0);
      assertThat(seen.get(seen.size() - 1).evidence().successFileAtStart().orElseThrow())
          .matches(expected);
    }
    assertThat(script(cgroups(), "prepare-run", base, context).code()).isZero();
    recordExit("success", "exited", "0");
    assertThat(files.exitRecords("a", 2).get(0).evidence().successFileAtStart()).isEmpty();
  }

  @Test
  void aManualStartReportsAMissingConfig() throws Exception {
    UnitTestPrograms.Ended ended =
        UnitTestPrograms.run(
            Map.of(),
            List.of("/bin/sh", lib.resolve("run-config").toString(), "/etc/x", "/var/x", "a1"));
    assertThat(ended.code()).isEqualTo(78);
    assertThat(ended.output())
        .isEqualTo(
            "cannot start experiment 'a1': no config file '/etc/x/experiments/a1.json'; create it,"
                + " or use 'coord enqueue'\n");
  }

  private void version2(String cgroups, String events, String peak) throws IOException {
    Path cgroup = folder.resolve("cgroup/brain.slice/a.service");
    Files.createDirectories(cgroup);
    Files.writeString(folder.resolve("proc-cgroup"), cgroups);
    Files.writeString(cgroup.resolve("memory.events"), events);
    Files.writeString(cgroup.resolve("memory.peak"), peak);
  }

  private Map<String, String> prepareRun() throws Exception {
    checkEnd = Optional.empty();
    assertThat(script("prepare-run")).isEqualTo(new UnitTestPrograms.Ended(0, ""));
    return SystemdGrammar.environmentFile(Files.readString(folder.resolve("run/a.context")));
  }

  private UnitTestPrograms.Ended script(String name) throws Exception {
    return UnitTestPrograms.run(
        cgroups(),
        List.of(
            "/bin/sh",
            lib.resolve(name).toString(),
            records.toString(),
            folder.resolve("run/a.base").toString(),
            folder.resolve("run/a.context").toString()));
  }

  private UnitTestPrograms.Ended delayRestart(long delay, long most, int before) throws Exception {
    return UnitTestPrograms.run(
        cgroups(),
        List.of(
            "/bin/sh",
            lib.resolve("delay-restart").toString(),
            records.toString(),
            folder.resolve("run/a.base").toString(),
            Long.toString(delay),
            Long.toString(most),
            Integer.toString(before)));
  }

  private UnitTestPrograms.Ended checkSuccess(
      String seconds, String result, String code, String... command) throws Exception {
    return checkSuccess(Map.of(), seconds, result, code, command);
  }

  private UnitTestPrograms.Ended checkSuccess(
      Map<String, String> environment,
      String seconds,
      String result,
      String code,
      String... command)
      throws Exception {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("/bin/sh", lib.resolve("check-success").toString()));
    words.addAll(List.of(Path.of("").toAbsolutePath().toString(), seconds, result, code));
    words.addAll(List.of(command));
    UnitTestPrograms.Ended ended = UnitTestPrograms.run(environment, words);
    checkEnd =
        Optional.of(
            ended.code() == 128 + SIGALRM
                ? "code=killed ; status=14/ALRM"
                : "code=exited ; status=" + ended.code());
    return ended;
  }

  private void noteStop(String mainPid, String result) throws Exception {
    assertThat(
            UnitTestPrograms.run(
                Map.of(),
                List.of(
                    "/bin/sh",
                    lib.resolve("note-stop").toString(),
                    folder.resolve("run/a.context").toString(),
                    mainPid,
                    result)))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  private void recordExit(String result, String code, String status) throws Exception {
    Map<String, String> environment = cgroups();
    environment.put("SYSTEMCTL", program("manager", "#!/bin/sh\n" + manager("")).toString());
    assertThat(
            script(
                environment,
                "record-exit",
                folder.resolve("run/a.context").toString(),
                INVOCATION,
                result,
                code,
                status,
                "",
                "/run/u 1",
                "brain-experiment@a.service",
                "5.000"))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  private Path program(String name, String text) throws IOException {
    Path program = folder.resolve(name);
    Files.writeString(program, text);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  private Map<String, String> cgroups() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PROC_CGROUP", folder.resolve("proc-cgroup").toString());
    environment.put("CGROUP_ROOT", folder.resolve("cgroup").toString());
    environment.put("SLEEP", "/bin/echo");
    Path uptime = folder.resolve("uptime");
    if (Files.exists(uptime)) {
      environment.put("PROC_UPTIME", uptime.toString());
    }
    return environment;
  }
}
