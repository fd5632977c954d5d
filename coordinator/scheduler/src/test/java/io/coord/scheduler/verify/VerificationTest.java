package io.coord.scheduler.verify;

import static io.coord.scheduler.testing.SampleInstallation.GIB;
import static io.coord.scheduler.testing.SampleInstallation.bounds;
import static io.coord.scheduler.testing.SampleInstallation.slice;
import static io.coord.scheduler.testing.SampleInstallation.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.coord.persistence.Storage;
import io.coord.scheduler.testing.SampleInstallation;
import io.coord.scheduler.testing.ShippedUnits;
import io.coord.systemd.UnitFacts;
import io.coord.thermal.Cores;
import io.coord.thermal.Finding.Severity;
import io.coord.thermal.Heat;
import io.coord.thermal.Reading;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fact, as it should be and otherwise. */
class VerificationTest {
  private static final String TEMPLATE = "brain-experiment@.service";
  private static final String TARGET = "brain-experiment.target";
  private static final String COORDINATOR = "brain-experiment-coordinator.service";

  @Test
  void anInstalledMachineIsAsItShouldBe() {
    SampleInstallation some = new SampleInstallation();
    some.runs("a", 2 * GIB, 80);
    assertThat(Verification.of(some.now()))
        .allSatisfy(fact -> assertThat(fact.verdict()).as("%s", fact).isEqualTo(Severity.OK))
        .extracting(Fact::name)
        .doesNotHaveDuplicates()
        .containsExactly(
            "unit " + COORDINATOR,
            "unit brain-experiment-coordinator.socket",
            "unit " + TARGET,
            "unit " + TEMPLATE,
            "unit brain.slice",
            "watchdog",
            "coordinator-memory",
            "coordinator-cpu",
            "coordinator-oom-score",
            "controllers",
            "slice-memory",
            "slice-cores",
            "experiment-limits",
            "bus-rights",
            "sensors",
            "database-durability",
            "database-check",
            "disk",
            "clock",
            "socket",
            "journal");
    assertThat(Verification.anyFault(Verification.of(some.now()))).isFalse();
  }

  /** A unit that allows more or less would be reported on each machine. */
  @Test
  void theCoordinatorIsExpectedToHaveTheLimitsOfItsUnit() throws IOException {
    String unit = ShippedUnits.text(COORDINATOR);
    SampleInstallation some = new SampleInstallation();
    some.self = bounds(number(unit, "MemoryMax=(\\d+)M") << 20, number(unit, "CPUQuota=(\\d+)%"));
    some.oomScore = Reading.of(Math.toIntExact(number(unit, "OOMScoreAdjust=(-\\d+)")));
    assertThat(Verification.of(some.now()))
        .filteredOn(fact -> fact.name().startsWith("coordinator-"))
        .hasSize(3)
        .allSatisfy(fact -> assertThat(fact.verdict()).as("%s", fact).isEqualTo(Severity.OK));
  }

  private static long number(String unit, String line) {
    Matcher matcher = Pattern.compile("(?m)^" + line + "$").matcher(unit);
    assertThat(matcher.find()).as(line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /**
   * One thing that is not as it should be.
   *
   * @param fact which tells of it
   * @param says a part of what was measured
   */
  record Case(
      String fact, Severity verdict, String says, String why, Consumer<SampleInstallation> change) {
    @Override
    public String toString() {
      return fact + " " + verdict + ": " + why;
    }
  }

  private static Case fault(
      String fact, String says, String why, Consumer<SampleInstallation> change) {
    return new Case(fact, Severity.FAULT, says, why, change);
  }

  private static Case odd(
      String fact, String says, String why, Consumer<SampleInstallation> change) {
    return new Case(fact, Severity.WARNING, says, why, change);
  }

  private static Consumer<SampleInstallation> unit(String name, UnaryOperator<UnitFacts> change) {
    return some -> some.units.computeIfPresent(name, (key, facts) -> change.apply(facts));
  }

  private static UnitFacts load(UnitFacts facts, String load) {
    return with(facts, load, facts.file(), facts.dropIns(), false, facts.enabled());
  }

  private static UnitFacts with(
      UnitFacts facts,
      String load,
      String file,
      List<String> dropIns,
      boolean needsReload,
      String enabled) {
    return new UnitFacts(
        facts.unit(), load, file, dropIns, needsReload, enabled, facts.type(), facts.watchdog());
  }

  private static UnitFacts watched(
      UnitFacts facts, String type, Optional<Duration> timeout, Optional<Duration> lastPing) {
    return new UnitFacts(
        facts.unit(),
        "loaded",
        facts.file(),
        List.of(),
        false,
        "enabled",
        type,
        new UnitFacts.WatchdogStatus(timeout, lastPing));
  }

  private static Heat blind() {
    return Heat.unknown(Instant.EPOCH);
  }

  static Stream<Case> cases() {
    Reading<OptionalLong> none = Reading.of(OptionalLong.empty());
    Reading<OptionalLong> unread = Reading.missing("no such controller");
    return Stream.of(
        fault(
            "unit " + TEMPLATE,
            "not-found",
            "gone",
            unit(TEMPLATE, u -> UnitFacts.missing(TEMPLATE))),
        fault(
            "unit brain.slice",
            "bad-setting",
            "wrong",
            unit("brain.slice", u -> load(u, "bad-setting"))),
        fault("unit " + TARGET, "masked", "masked", unit(TARGET, u -> load(u, "masked"))),
        odd(
            "unit " + TARGET,
            "disabled",
            "disabled",
            unit(TARGET, u -> with(u, "loaded", u.file(), List.of(), false, "disabled"))),
        odd(
            "unit brain.slice",
            "changed on disk",
            "not reloaded",
            unit("brain.slice", u -> with(u, "loaded", u.file(), List.of(), true, "static"))),
        odd(
            "unit brain.slice",
            "/run/systemd/system/brain.slice",
            "a copy of before",
            unit(
                "brain.slice",
                u ->
                    with(
                        u,
                        "loaded",
                        "/run/systemd/system/brain.slice",
                        List.of(),
                        false,
                        "static"))),
        fault(
            "unit " + TEMPLATE,
            "loaded",
            "by hand it would run as root",
            unit(
                TEMPLATE,
                u -> with(u, "loaded", u.file(), List.of("/etc/x.conf"), false, "disabled"))),
        fault(
            "watchdog",
            "no watchdog",
            "taken away",
            unit(COORDINATOR, u -> watched(u, "notify", Optional.empty(), Optional.empty()))),
        fault(
            "watchdog",
            "Type=exec",
            "readiness taken away",
            unit(
                COORDINATOR,
                u -> watched(u, "exec", u.watchdog().timeout(), u.watchdog().lastPingUptime()))),
        fault(
            "watchdog",
            "no ping yet",
            "no ping",
            unit(COORDINATOR, u -> watched(u, "notify", u.watchdog().timeout(), Optional.empty()))),
        fault(
            "watchdog",
            "last ping 1min 1s ago",
            "starving",
            unit(
                COORDINATOR,
                u ->
                    watched(
                        u, "notify", u.watchdog().timeout(), Optional.of(Duration.ofSeconds(39))))),
        odd(
            "watchdog",
            "not started by systemd",
            "from a checkout",
            some -> some.service = "user.scope"),
        fault(
            "coordinator-memory",
            "no limit",
            "not bounded",
            some -> some.self = with(some.self, none, some.self.cpuPercent())),
        fault(
            "coordinator-memory",
            "no such controller",
            "cannot be bounded",
            some -> some.self = with(some.self, unread, some.self.cpuPercent())),
        odd("coordinator-memory", "1G", "another bound", some -> some.self = bounds(GIB, 100)),
        fault(
            "coordinator-cpu",
            "no limit",
            "not bounded",
            some -> some.self = with(some.self, some.self.memoryBytes(), none)),
        odd("coordinator-cpu", "200 %", "lifted", some -> some.self = bounds(512L << 20, 200)),
        odd(
            "coordinator-cpu",
            "no limit: not started by systemd",
            "from a checkout",
            some -> {
              some.service = "";
              some.self = with(some.self, some.self.memoryBytes(), none);
            }),
        fault("coordinator-oom-score", "0", "as any other", some -> some.oomScore = Reading.of(0)),
        odd("coordinator-oom-score", "-500", "less", some -> some.oomScore = Reading.of(-500)),
        fault(
            "controllers",
            "cgroup v2: cpu",
            "no memory",
            some -> some.controllers = List.of("cpu", "pids")),
        fault("controllers", "none", "nothing", some -> some.controllers = List.of()),
        odd(
            "controllers",
            "cgroup v2",
            "no cpuset",
            some -> some.controllers = List.of("cpu", "io", "memory", "pids")),
        odd("controllers", "not enforced", "JetPack 5", some -> some.version2 = false),
        fault(
            "slice-memory",
            "systemd: no limit",
            "not set",
            some -> some.slice = slice(0, "/brain.slice")),
        fault(
            "slice-memory",
            "systemd: 4G",
            "set otherwise",
            some -> some.slice = slice(4 * GIB, "/b")),
        fault(
            "slice-memory",
            "kernel: no limit",
            "not kept",
            some -> some.sliceBounds = with(some.sliceBounds, none, some.sliceBounds.cpuPercent())),
        fault(
            "slice-memory", "no bus", "not known", some -> some.slice = Reading.missing("no bus")),
        fault("slice-cores", "systemd: all", "not set", some -> some.cores = Cores.of(1)),
        fault(
            "slice-cores",
            "systemd: 2",
            "set otherwise",
            some -> {
              some.cores = Cores.of(1);
              some.slice = slice(8 * GIB, "/brain.slice", 2);
            }),
        odd(
            "slice-cores",
            "not enforced",
            "JetPack 5",
            some -> {
              some.cores = Cores.of(1);
              some.slice = slice(8 * GIB, "/brain.slice", 1);
              some.version2 = false;
            }),
        odd(
            "slice-cores",
            "kernel: 0-3",
            "all of them offline",
            some -> {
              some.cores = Cores.of(5);
              some.slice = slice(8 * GIB, "/brain.slice", 5);
            }),
        fault(
            "experiment-limits",
            "1 of 3 as requested; b: memory 4G, requested 2G; c: cpu 100 %",
            "changed",
            some -> {
              some.runs("a", 2 * GIB, 80);
              some.runs("b", 4 * GIB, 80);
              some.runs("c", 2 * GIB, 100);
            }),
        fault(
            "bus-rights",
            "Access denied",
            "no rights",
            some -> some.rights = Optional.of("Access denied")),
        fault("sensors", "no temperature has been read", "blind", some -> some.heat = blind()),
        fault(
            "database-durability",
            "delete, full",
            "no log",
            some -> some.storage = Reading.of(new Storage("delete", "full", 2, true))),
        fault(
            "database-durability",
            "wal, normal",
            "not flushed",
            some -> some.storage = Reading.of(new Storage("wal", "normal", 2, true))),
        fault(
            "database-durability",
            "closed",
            "unreadable",
            some -> some.storage = Reading.missing("closed")),
        odd(
            "database-check",
            "check not finished",
            "not yet",
            some -> some.storage = Reading.of(new Storage("wal", "full", 2, false))),
        fault(
            "database-check",
            "malformed",
            "damaged",
            some -> some.damage = Optional.of("malformed")),
        odd("disk", "1023M free on ext4", "little room", disk("ext4", 1023L << 20)),
        fault("disk", "63M free", "no room", disk("ext4", 63L << 20)),
        fault("disk", "tmpfs", "in memory", disk("tmpfs", 20 * GIB)),
        fault("disk", "no such", "gone", some -> some.disk = Reading.missing("no such folder")),
        fault(
            "clock",
            "1970-01-01T00:00:05Z",
            "not set",
            some -> some.now = Instant.ofEpochSecond(5)),
        fault(
            "clock", "2100", "far ahead", some -> some.now = Instant.parse("2100-01-01T00:00:00Z")),
        odd("clock", "not synchronized", "adrift", some -> some.clockSynchronized = false),
        fault(
            "socket",
            "rw-------",
            "closed to people",
            some -> some.socket = socket("rw-------", "root")),
        fault("socket", "ada", "of somebody", some -> some.socket = socket("rw-rw-rw-", "ada")),
        fault("socket", "none", "gone", some -> some.socket = Reading.missing("none there")),
        odd(
            "journal",
            "in memory",
            "volatile",
            some -> some.journal = Reading.of(new Installation.Journal("/run/log/journal", false))),
        odd(
            "journal",
            "cannot",
            "unreadable",
            some -> some.journal = Reading.missing("it cannot be read")));
  }

  private static Consumer<SampleInstallation> disk(String type, long free) {
    return some -> some.disk = Reading.of(new Installation.Disk("/var/lib/coord", type, free));
  }

  private static Installation.Bounds with(
      Installation.Bounds bounds, Reading<OptionalLong> memory, Reading<OptionalLong> cpu) {
    return new Installation.Bounds(memory, cpu, bounds.tasks(), bounds.cores());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tellsWhatIsNotAsItShouldBe(Case one) {
    SampleInstallation some = new SampleInstallation();
    one.change().accept(some);
    List<Fact> facts = Verification.of(some.now());
    Fact reported =
        facts.stream().filter(fact -> fact.name().equals(one.fact())).findFirst().orElseThrow();
    assertThat(reported.verdict()).as("%s", reported).isEqualTo(one.verdict());
    assertThat(reported.measured()).contains(one.says());
    assertThat(reported.remedy()).isNotBlank();
    assertThat(Verification.anyFault(facts)).isEqualTo(one.verdict() == Severity.FAULT);
  }

  @Test
  void fromACheckoutNothingIsAFaultThatOnlyAPackageBrings() {
    SampleInstallation some = new SampleInstallation();
    some.service = "user.scope";
    some.self = Installation.Bounds.missing("none");
    some.oomScore = Reading.of(0);
    for (String unit : List.of(COORDINATOR, "brain-experiment-coordinator.socket", TARGET)) {
      some.units.put(unit, UnitFacts.missing(unit));
    }
    some.units.computeIfPresent(
        TEMPLATE,
        (key, u) -> with(u, "loaded", "/run/systemd/system/" + key, List.of(), false, "disabled"));
    assertThat(Verification.of(some.now()))
        .noneMatch(fact -> fact.verdict() == Severity.FAULT)
        .filteredOn(fact -> fact.verdict() == Severity.WARNING)
        .extracting(Fact::name)
        .containsExactly(
            "unit " + COORDINATOR,
            "unit brain-experiment-coordinator.socket",
            "unit " + TARGET,
            "watchdog",
            "coordinator-memory",
            "coordinator-cpu",
            "coordinator-oom-score");
  }

  @Test
  void aLimitInPagesIsTheLimitAsked() {
    SampleInstallation some = new SampleInstallation();
    some.totalBytes = 8 * GIB + 1;
    some.slice = slice(8 * GIB + 1, "/brain.slice");
    assertThat(Verification.of(some.now()))
        .allSatisfy(fact -> assertThat(fact.verdict()).as("%s", fact).isEqualTo(Severity.OK));
  }

  @Test
  void coresThatAreOfflineAreNotMissed() {
    SampleInstallation some = new SampleInstallation();
    some.cores = Cores.parse("0-7");
    some.slice = slice(8 * GIB, "/brain.slice", 0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(Verification.of(some.now()))
        .filteredOn(fact -> fact.name().equals("slice-cores"))
        .extracting(Fact::verdict, Fact::measured)
        .containsExactly(tuple(Severity.OK, "0-3"));
  }

  @Test
  void aLimitWaitsForTheFirstRun() {
    SampleInstallation some = new SampleInstallation();
    some.slice = slice(8 * GIB, "");
    some.sliceBounds = Installation.Bounds.missing("nothing has run in it yet");
    assertThat(Verification.of(some.now()))
        .filteredOn(fact -> fact.name().equals("slice-memory"))
        .extracting(Fact::verdict, Fact::measured)
        .containsExactly(tuple(Severity.OK, "8G, from the first run"));
  }
}
