package io.coord.selftest.live;

import static io.coord.selftest.live.InstalledCoordinator.SERVICE;
import static io.coord.selftest.live.InstalledCoordinator.SOCKET;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The coordinator as a service, started and watched by systemd, with the package's units. */
class ServiceLiveTest extends LiveTest {
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";

  /** Holds one thread of a process, as if it hung, until it is killed or the process ends. */
  private static final String HOLD_THREAD =
      """
      import ctypes, sys, os
      ptrace = ctypes.CDLL(None, use_errno=True).ptrace
      ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
      pid, SEIZE, INTERRUPT = sys.argv[1], 0x4206, 0x4207
      for tid in os.listdir('/proc/%s/task' % pid):
          if open('/proc/%s/task/%s/comm' % (pid, tid)).read().strip() == 'loop':
              if ptrace(SEIZE, int(tid), None, None) or ptrace(INTERRUPT, int(tid), None, None):
                  sys.exit('cannot hold it: %s' % os.strerror(ctypes.get_errno()))
              print('held', flush=True)
              while True: os.wait()
      sys.exit('there is no such thread')
      """;

  private InstalledCoordinator service;
  private @TempDir Path folder;

  @BeforeEach
  void install() throws Exception {
    LivePrograms.assumePrivateServiceManager();
    coord = new LiveCoordinator(folder);
    service = new InstalledCoordinator(coord, folder, "WatchdogSec=4", "RestartSec=100ms");
  }

  @AfterEach
  void remove(TestInfo test) throws Exception {
    if (service != null) {
      keepLog(test, service.log());
      service.remove();
    }
  }

  @Test
  void whoAsksFirstStartsItAndWaitsForTheAnswer() throws Exception {
    service.systemctl("start", SOCKET);
    assertThat(service.show(SERVICE, "ActiveState")).isEqualTo("inactive");

    String id = coord.enqueue(shell("first", UNTIL_GO));

    assertThat(coord.experiment(id).path("owner").asText())
        .as("the kernel says who asks through a socket that was handed over, too")
        .isEqualTo(System.getProperty("user.name"));
    service.await("ActiveState", "active"::equals);
    coord.awaitState(id, "running");
    service.await("StatusText", "1 running"::equals);
  }

  @Test
  void experimentsGoOnAndClientsWaitWhileItIsRestarted() throws Exception {
    service.systemctl("start", SERVICE);
    String id = coord.enqueue(shell("steady", UNTIL_GO));
    coord.awaitState(id, "running");
    String pid = LivePrograms.property(id, "MainPID");
    Object socket = Files.getAttribute(coord.socket(), "unix:ino");

    service.systemctl("restart", SERVICE);
    assertThat(coord.stateOf(id)).isEqualTo("running");
    assertThat(service.show(SERVICE, "Result")).isEqualTo("success");
    service.systemctl("kill", "--signal=KILL", "--kill-whom=main", SERVICE);
    assertThat(coord.stateOf(id)).as("asked while it is down").isEqualTo("running");

    assertThat(Files.getAttribute(coord.socket(), "unix:ino")).isEqualTo(socket);
    assertThat(LivePrograms.property(id, "MainPID")).isEqualTo(pid);
    assertThat(coord.experiment(id).path("interruptions").asInt()).isZero();
  }

  @Test
  void afterAPersonsStopNoClientStartsIt() throws Exception {
    service.systemctl("start", SERVICE);
    String id = coord.enqueue(shell("steady", UNTIL_GO));
    coord.awaitState(id, "running");

    service.systemctl("stop", SERVICE);

    assertStopped();
    service.systemctl("start", SERVICE);
    assertThat(coord.socket().resolveSibling("stopped")).doesNotExist();
    assertThat(coord.stateOf(id)).isEqualTo("running");
    // While it waits for its restart, systemd runs nothing of the unit itself for a stop.
    service.set("RestartSec=10min");
    service.systemctl("kill", "--signal=KILL", "--kill-whom=main", SERVICE);
    service.await("SubState", "auto-restart"::equals);
    service.systemctl("stop", SERVICE);
    assertStopped();
  }

  private void assertStopped() throws Exception {
    coord.await("the end of the socket", () -> !Files.exists(coord.socket()));
    assertThat(coord.socket().resolveSibling("stopped"))
        .content()
        .matches(
            "stopped by [^ ]+ at [0-9-]+ [0-9:]+ [A-Z]+; start it with 'systemctl start"
                + " brain-experiment[a-z.-]*'\n");
    coord.await(
        "the end of the service", () -> service.show(SOCKET, "ActiveState").equals("inactive"));
    assertThat(service.show(SERVICE, "ActiveState")).isEqualTo("inactive");
  }

  @Test
  void oneWhoseLoopHangsIsKilledAndStartedAnew() throws Exception {
    service.systemctl("start", SERVICE);
    String id = coord.enqueue(shell("steady", UNTIL_GO));
    coord.awaitState(id, "running");
    String pid = service.show(SERVICE, "MainPID");
    for (int i = 0; i < 3; i++) {
      String fed = service.show(SERVICE, "WatchdogTimestampMonotonic");
      service.await("WatchdogTimestampMonotonic", now -> !now.equals(fed));
    }
    assertThat(service.show(SERVICE, "MainPID")).as("it is fed in time").isEqualTo(pid);

    Process holding =
        new ProcessBuilder("python3", "-c", HOLD_THREAD, pid).redirectErrorStream(true).start();
    try {
      assertThat(holding.inputReader().readLine()).isEqualTo("held");
      service.await("NRestarts", "1"::equals);
    } finally {
      holding.destroyForcibly();
      holding.waitFor();
    }

    service.await("ActiveState", "active"::equals);
    assertThat(service.show(SERVICE, "MainPID")).isNotEqualTo(pid);
    assertThat(coord.stateOf(id)).isEqualTo("running");
    assertThat(coord.experiment(id).path("runs").asInt()).isEqualTo(1);
  }
}
