package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The limits are the kernel's: an experiment reads its own cgroup. */
class LimitsLiveTest extends LiveTest {
  private static final long MIB = 1 << 20;

  /** Prints what the cgroup of this very process says; null where there is no such controller. */
  private static final String OWN_CGROUP =
      """
      import json, os, resource
      root, told = '/sys/fs/cgroup', {}
      groups = [line.strip().split(':', 2) for line in open('/proc/self/cgroup')]
      unified = [path for number, names, path in groups if not names]
      def read(controller, *names):
          for number, controllers, path in groups:
              if controller in controllers.split(','):
                  folder = root + '/' + controller + path
                  if not os.path.exists(folder):
                      folder = root + '/' + controllers + path
                  return [open(folder + '/' + name).read().strip() for name in names[:-1]]
          file = root + unified[0] + '/' + names[-1]
          return open(file).read().split() if os.path.exists(file) else None
      told['cgroup'] = [path for number, names, path in groups]
      told['memory'] = read('memory', 'memory.limit_in_bytes', 'memory.max')
      told['cpu'] = read('cpu', 'cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.max')
      told['pids'] = read('pids', 'pids.max', 'pids.max')
      swap = root + unified[0] + '/memory.swap.max' if unified else ''
      told['swap'] = open(swap).read().strip() if os.path.exists(swap) else None
      told['files'] = resource.getrlimit(resource.RLIMIT_NOFILE)
      open('told.new', 'w').write(json.dumps(told) + '\\n')
      os.rename('told.new', 'told.json')
      """;

  private JsonNode reportedBy(Requests request) throws Exception {
    String id = coord.enqueue(request);
    JsonNode ended = coord.awaitEnd(id);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    JsonNode reported = new ObjectMapper().readTree(coord.awaitFile("told.json"));
    for (String controller : new String[] {"memory", "cpu", "pids"}) {
      Assumptions.assumeFalse(
          reported.path(controller).isNull(),
          "this service manager was not given the controller '" + controller + "'");
    }
    return reported;
  }

  @Test
  void anExperimentThatNamesNoLimitsHasTheDefaults() throws Exception {
    Assumptions.assumeTrue(memoryBytes() > 5L << 30, "this machine has less than 5 GiB of memory");
    coord.set("TOTAL_RAM_LIMIT_GB", "4.5").start();

    JsonNode reported =
        reportedBy(
            Requests.forCommand(List.of("python3", "-c", OWN_CGROUP))
                .with(RequestField.ID, "plain")
                .with(RequestField.WORKING_DIRECTORY, coord.work().toString()));

    assertThat(reported.path("memory").path(0).asLong()).isEqualTo(4096 * MIB);
    assertThat(percent(reported)).isEqualTo(80);
    assertThat(reported.path("pids").path(0).asInt()).isEqualTo(512);
    // A manager without CAP_SYS_RESOURCE cannot give more than it has.
    assertThat(reported.path("files").path(0).asInt())
        .isIn(65536, Math.min(65536, mostOpenFiles()));
    assertThat(reported.path("swap").asText("0")).isIn("0", "null");
    assertThat(reported.path("cgroup"))
        .anySatisfy(
            path ->
                assertThat(path.asText())
                    .contains("/brain.slice/")
                    .endsWith("/brain-experiment@plain.service"));
  }

  @Test
  void anExperimentHasTheLimitsThatItNames() throws Exception {
    coord.start();

    JsonNode reported =
        reportedBy(
            python("narrow", OWN_CGROUP)
                .with(RequestField.RAM, "200M")
                .with(RequestField.CPU, "35%"));

    assertThat(reported.path("memory").path(0).asLong()).isEqualTo(200 * MIB);
    assertThat(percent(reported)).isEqualTo(35);
    assertThat(reported.path("cgroup"))
        .anySatisfy(path -> assertThat(path.asText()).contains("/brain.slice/"));
  }

  @Test
  void outputIsBoundedAndANearlyFullDiskTakesNothingNew() throws Exception {
    coord.set("EXPERIMENT_OUTPUT_LIMIT", "1M").start();
    coord.enqueue(
        shell(
            "loud",
            "echo first; yes 2>/dev/null | head -c 9000000; echo last; until [ -e go ]; do sleep"
                + " 0.05; done"));
    Path log = coord.state().resolve("output/loud.log");
    coord.await(
        "the log to be cut",
        () -> Files.exists(log) && Files.size(log) > 9_000_000 && allocatedBytes(log) <= MIB);

    LiveCoordinator.CommandResult shown = coord.say("logs", "-n", "all", "loud");
    assertThat(shown.out()).startsWith("first\ny\n").endsWith("y\nlast\n");
    assertThat(shown.error()).contains("of the output are missing here");

    coord.kill();
    coord.set("MIN_FREE_SPACE", "100T").start();
    coord.await(
        "the shortage to be seen", () -> coord.say("status").out().contains("MIN_FREE_SPACE"));
    LiveCoordinator.CommandResult refused = coord.say("enqueue", "--", "true");
    assertThat(refused.code()).isEqualTo(75);
    assertThat(refused.error()).contains("at least 100T must be (MIN_FREE_SPACE)");
    coord.touch("go");
    assertThat(coord.awaitEnd("loud").path("state").asText()).isEqualTo("completed");
  }

  private static long allocatedBytes(Path file) throws Exception {
    return 512
        * Long.parseLong(LivePrograms.run("stat", "--format=%b", file.toString()).output().strip());
  }

  @Test
  void systemdRestartsAfterFiveSecondsAtMostThreeTimesInFiveMinutesAndStopsWithinHalfAMinute()
      throws Exception {
    coord.start();
    coord.enqueue(
        Requests.forCommand(List.of("sleep", "100"))
            .with(RequestField.ID, "default")
            .with(RequestField.RAM, "128M")
            .with(RequestField.WORKING_DIRECTORY, coord.work().toString()));
    coord.awaitState("default", "running");

    assertThat(LivePrograms.property("default", "RestartUSec")).isEqualTo("5s");
    assertThat(LivePrograms.property("default", "Restart")).isEqualTo("on-failure");
    // systemd counts starts: the first and three more.
    assertThat(LivePrograms.property("default", "StartLimitBurst")).isEqualTo("4");
    assertThat(LivePrograms.property("default", "StartLimitIntervalUSec")).isEqualTo("5min");
    assertThat(LivePrograms.property("default", "TimeoutStopUSec")).isEqualTo("30s");
    assertThat(LivePrograms.property("default", "KillMode")).isEqualTo("mixed");
    assertThat(LivePrograms.property("default", "LimitNOFILE")).isEqualTo("65536");
    assertThat(LivePrograms.property("default", "MemorySwapMax")).isEqualTo("0");
    assertThat(LivePrograms.property("default", "Slice")).isEqualTo("brain.slice");
  }

  private static long memoryBytes() throws IOException {
    String line = Files.readAllLines(Path.of("/proc/meminfo")).get(0);
    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
  }

  private static int mostOpenFiles() throws Exception {
    return Integer.parseInt(LivePrograms.run("sh", "-c", "ulimit -Hn").output());
  }

  private static long percent(JsonNode reported) {
    JsonNode cpu = reported.path("cpu");
    return Math.round(100.0 * cpu.path(0).asLong() / cpu.path(1).asLong());
  }
}
