package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Storage;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.verify.Fact;
import io.coord.scheduler.verify.Inspection.Bounded;
import io.coord.scheduler.verify.Installation;
import io.coord.scheduler.verify.Verification;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.testing.ServiceSettings;
import io.coord.systemd.testing.SimulatedRun;
import io.coord.systemd.testing.SimulatedServiceManager;
import io.coord.systemd.testing.SimulatedUnits;
import io.coord.thermal.Cores;
import io.coord.thermal.Finding.Severity;
import io.coord.thermal.Heat;
import io.coord.thermal.Reading;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured, on files like the kernel's and a simulated systemd. */
class MachineInspectionTest {
  private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
  private static final String OWN = "/system.slice/brain-experiment-coordinator.service";
  private static final String RUN = "/brain.slice/brain-experiment@a.service";

  @TempDir Path folder;
  private final SimulatedServiceManager manager =
      new SimulatedServiceManager(START, new EverythingInstalled());
  private final InMemoryLedger ledger = new InMemoryLedger();

  /** Runs go on until they are stopped. */
  private static final class EverythingInstalled implements SimulatedUnits {
    @Override
    public boolean exists(String unit) {
      return !unit.endsWith(".socket");
    }

    @Override
    public ServiceSettings settings(String unit) {
      return new ServiceSettings(
          Duration.ofSeconds(5), 3, Duration.ofMinutes(5), Duration.ofSeconds(30));
    }

    @Override
    public SimulatedRun run(String unit, int number) {
      return SimulatedRun.untilStopped();
    }

    @Override
    public void ended(String unit, ExitRecord exitRecord) {}
  }

  private void file(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text + "\n");
  }

  @BeforeEach
  void makeMachine() throws IOException {
    file("proc/self/cgroup", "0::" + OWN);
    file("proc/self/oom_score_adj", "-900");
    file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids");
    file("sys/fs/cgroup" + OWN + "/memory.max", "536870912");
    file("sys/fs/cgroup" + OWN + "/cpu.max", "20000 100000");
    file("state/coord.db", "");
    Files.createDirectories(folder.resolve("run"));
  }

  private Installation measure(Bounded... experiments) {
    Map<String, String> environment =
        Map.of(
            "COORD_STATE_DIR", folder.resolve("state").toString(),
            "COORD_RUNTIME_DIR", folder.resolve("run").toString(),
            "COORD_SYSFS_ROOT", folder.resolve("sys").toString(),
            "COORD_PROC_ROOT", folder.resolve("proc").toString(),
            "COORD_BOARD_ROOT", folder.toString());
    return new MachineInspection(
            Paths.of(false, environment),
            manager,
            ledger,
            1L << 33,
            Cores.of(1, 2),
            () -> new Timestamps(START, Duration.ofHours(1)))
        .measure(List.of(experiments), Heat.unknown(START));
  }

  private void start(String unit) {
    var unused = manager.start(unit);
    manager.advanceTo(manager.now().plusSeconds(1));
  }

  private static OptionalLong value(Reading<OptionalLong> limit) {
    return limit.value().orElseThrow();
  }

  @Test
  void readsItsOwnLimitsFromTheKernel() {
    Installation.Self self = measure().self();
    assertThat(self.unit()).isEqualTo("brain-experiment-coordinator.service");
    assertThat(value(self.bounds().memoryBytes())).hasValue(512L << 20);
    assertThat(value(self.bounds().cpuPercent())).hasValue(20);
    assertThat(self.bounds().tasks().fault()).contains("'pids'");
    assertThat(self.oomScoreAdjust().value()).hasValue(-900);
  }

  @Test
  void readsItsOwnLimitsWithCgroupVersion1() throws IOException {
    Files.delete(folder.resolve("sys/fs/cgroup/cgroup.controllers"));
    file(
        "proc/self/cgroup",
        "9:memory:" + OWN + "\n4:cpu,cpuacct:" + OWN + "\n1:name=systemd:" + OWN);
    file("sys/fs/cgroup/memory" + OWN + "/memory.limit_in_bytes", "536870912");
    file("sys/fs/cgroup/cpu" + OWN + "/cpu.cfs_quota_us", "-1");
    file("sys/fs/cgroup/cpu" + OWN + "/cpu.cfs_period_us", "100000");
    Installation measured = measure();
    assertThat(measured.self().unit()).isEqualTo("brain-experiment-coordinator.service");
    assertThat(value(measured.self().bounds().memoryBytes())).hasValue(512L << 20);
    assertThat(value(measured.self().bounds().cpuPercent())).isEmpty();
    assertThat(measured.limits().controllers())
        .isEqualTo(new Installation.Controllers(false, List.of("cpu", "memory")));
  }

  @Test
  void readsTheSliceAndWhatRunsInIt() throws IOException {
    assertThat(measure().limits().slice().bounds().memoryBytes().fault())
        .contains("nothing has run");
    start("brain-experiment@a.service");
    manager
        .slices()
        .limitTotals("brain.slice", OptionalLong.of(1L << 33), new TreeSet<>(List.of(1)));
    file("sys/fs/cgroup" + RUN + "/memory.max", String.valueOf(1L << 30));
    file("sys/fs/cgroup/brain.slice/memory.max", String.valueOf(1L << 33));
    file("sys/fs/cgroup/brain.slice/cpuset.cpus.effective", "1-2");

    Bounded asked = new Bounded("a", 1L << 30, OptionalInt.of(80));
    Installation measured = measure(asked, new Bounded("waits", 1, OptionalInt.empty()));

    assertThat(measured.limits().slice().status().value().orElseThrow().cores()).containsExactly(1);
    assertThat(value(measured.limits().slice().bounds().memoryBytes())).hasValue(1L << 33);
    assertThat(measured.limits().slice().bounds().cores().value()).hasValue(Cores.of(1, 2));
    assertThat(measured.limits().controllers().present()).contains("cpuset", "memory");
    assertThat(measured.limits().experiments())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.asked()).isEqualTo(asked);
              assertThat(value(one.bounds().memoryBytes())).hasValue(1L << 30);
            });
  }

  @Test
  void readsHowUnitsAreInstalled() {
    assertThat(measure().units())
        .extracting(
            unit -> unit.name() + " " + unit.facts().value().map(UnitFacts::load).orElse(""))
        .containsExactly(
            "brain-experiment@.service loaded",
            "brain.slice loaded",
            "brain-experiment-coordinator.service loaded",
            "brain-experiment-coordinator.socket not-found",
            "brain-experiment.target loaded");
  }

  @Test
  void aManagerThatDoesNotAnswerIsAFactAndNoFailure() {
    manager.loseConnection("a test");
    Installation measured = measure(new Bounded("a", 1, OptionalInt.empty()));
    assertThat(measured.units()).allSatisfy(unit -> assertThat(unit.facts().fault()).isNotEmpty());
    assertThat(measured.limits().slice().status().fault()).isNotEmpty();
    assertThat(measured.access().rightsProblem()).isPresent();
    assertThat(measured.limits().experiments()).isEmpty();
    assertThat(Verification.of(measured))
        .filteredOn(fact -> fact.verdict() == Severity.FAULT)
        .extracting(Fact::name)
        .contains("bus-rights", "slice-memory", "unit brain.slice");
  }

  @Test
  void aRefusedCallIsARightThatIsMissing() {
    assertThat(measure().access().rightsProblem()).isEmpty();
    manager.setMayControl(false);
    assertThat(measure().access().rightsProblem())
        .hasValue("cannot control unit 'brain.slice': Permission denied");
  }

  @Test
  void readsTheStoreAndItsDisk() {
    ledger.check();
    ledger.damage("malformed");
    Installation.Store store = measure().files().store();
    assertThat(store.storage().value()).hasValue(new Storage("memory", "off", 0, true));
    assertThat(store.damage()).hasValue("malformed");
    assertThat(store.disk().value().orElseThrow().freeBytes()).isPositive();
    assertThat(store.disk().value().orElseThrow().type()).isNotBlank();
  }

  @Test
  void readsTheSocket() throws IOException {
    assertThat(measure().access().socket().fault()).contains("coord.sock");
    Path file = folder.resolve("run/coord.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(file));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
      Installation.SocketFile socket = measure().access().socket().value().orElseThrow();
      assertThat(socket.mode()).isEqualTo("rw-rw----");
      assertThat(socket.wantedMode()).isEqualTo("rw-rw-rw-");
      assertThat(socket.owner()).isEqualTo(Files.getOwner(file).getName());
    }
    Files.deleteIfExists(file);
    Files.writeString(file, "");
    assertThat(measure().access().socket().fault()).endsWith("is no socket");
  }

  @Test
  void readsTheJournalAndTheClock() throws IOException {
    assertThat(measure().files().journal().fault()).isEqualTo("there is no journal");
    assertThat(measure().clock().synchronised()).isFalse();
    file("run/log/journal/x", "");
    file("run/systemd/timesync/synchronized", "");
    assertThat(measure().files().journal().value().orElseThrow().persistent()).isFalse();
    assertThat(measure().clock().synchronised()).isTrue();
    file("var/log/journal/x", "");
    assertThat(measure().files().journal().value().orElseThrow().persistent()).isTrue();
  }
}
