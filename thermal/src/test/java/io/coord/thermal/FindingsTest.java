package io.coord.thermal;

import static io.coord.thermal.Finding.Severity.FAULT;
import static io.coord.thermal.Finding.Severity.OK;
import static io.coord.thermal.Finding.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedSensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {

  private static final String ORIN = "# R36 (release), REVISION: 4.7, GCID: 42132812";

  private final SimulatedBoard zones = new SimulatedBoard();
  private final SimulatedSensors sensors = new SimulatedSensors(zones);
  private BoardDetection detection = detect(ORIN, "nvidia,p3701-0005", "nvidia,tegra234");
  private Thresholds thresholds = Thresholds.DEFAULT;

  @Test
  void reportsAGoodBoardInAFixedOrder() {
    assertThat(find()).extracting(Finding::severity).containsOnly(OK);
    assertThat(find())
        .extracting(finding -> finding.subject() + ": " + finding.observation())
        .containsExactly(
            "board: AGX Orin 64 GB, tegra234, JetPack 6.2.1 (L4T 36.4.7)",
            "release: JetPack 6.2.1 (L4T 36.4.7)",
            "zones: zone 'cpu-thermal' reads 48 °C, the hottest of 6;"
                + " offline: 'cv0-thermal', 'cv1-thermal', 'cv2-thermal'",
            "thresholds: hold 75 °C, throttle at 75 °C, critical at 85 °C;"
                + " the board powers off at 104.5 °C",
            "emulation: root can emulate a temperature with 'emul_temp', even one at which the"
                + " board powers off",
            "rails: the board draws 16.515 W",
            "over-current: no events since boot",
            "gpu: the load is 62.5 %",
            "fan: 2500 rpm, 110 of 255",
            "cpus: all online: 0-11");
  }

  @Test
  void aMachineWithoutDeviceTreeIsAWarningAndWithL4tAFault() {
    detection = unrecognised("");
    assertThat(about("board").severity()).isEqualTo(WARNING);
    assertThat(about("board").observation())
        .isEqualTo("any Linux machine: cannot read 'compatible': No such file or directory");

    detection = unrecognised(ORIN);
    assertThat(about("board").severity()).isEqualTo(FAULT);
    assertThat(about("board").remedy())
        .isEqualTo("make '/proc/device-tree/compatible' readable: L4T is installed");
  }

  @Test
  void anUnknownModuleIsAWarning() {
    detection = detect(ORIN, "acme,board", "nvidia,tegra234");
    assertThat(about("board").severity()).isEqualTo(WARNING);
    assertThat(about("board").remedy())
        .isEqualTo(
            "check THROTTLE_TEMP_CELSIUS, CRITICAL_TEMP_CELSIUS and the power that 'coord power'"
                + " shows; report the output of 'coord doctor --json'");

    detection = detect(ORIN, "nvidia,tegra186");
    assertThat(about("board").severity()).isEqualTo(WARNING);
    assertThat(about("board").remedy())
        .startsWith("set THROTTLE_TEMP_CELSIUS and CRITICAL_TEMP_CELSIUS for this board; ");
  }

  @Test
  void warnsOfAReleaseThatIsMissingUnknownOrOfAnotherBoard() {
    detection = detect("", "nvidia,p3701-0005", "nvidia,tegra234");
    assertThat(about("release").severity()).isEqualTo(WARNING);

    detection = detect("# R36 (release), REVISION: 9.9", "p3701-0005", "nvidia,tegra234");
    assertThat(about("release").observation())
        .isEqualTo("JetPack 6.x (L4T 36.9.9) is not known to this version of coord");

    detection = detect(ORIN, "nvidia,p3668-0000", "nvidia,tegra194");
    assertThat(about("release").observation())
        .isEqualTo("JetPack 6.2.1 (L4T 36.4.7) is not known to run on a Xavier NX");
    assertThat(about("release").severity()).isEqualTo(WARNING);
  }

  @Test
  void noDecidingZoneIsAFaultOnAJetsonAndAWarningElsewhere() {
    zones.removeAll();
    zones.set("PMIC-Die", 50);
    assertThat(about("zones").severity()).isEqualTo(FAULT);
    assertThat(about("zones").observation())
        .isEqualTo("this machine has no thermal zone for its processor, only 'PMIC-Die'");

    detection = unrecognised("");
    assertThat(about("zones").severity()).isEqualTo(WARNING);
  }

  @Test
  void zonesThatCannotBeReadAreAFault() {
    zones.setAllOffline();
    assertThat(about("zones").severity()).isEqualTo(FAULT);
    assertThat(about("zones").observation()).startsWith("cannot read any of the zones");
  }

  @Test
  void reportsThatAConstantIsIgnored() {
    zones.set("PMIC-Die", 100);
    zones.setOffline("iwlwifi_1");
    assertThat(about("ignored-zones"))
        .isEqualTo(
            new Finding(
                OK,
                "ignored-zones",
                "'PMIC-Die' (100 °C), 'iwlwifi_1' (offline) are not used: constants, estimates and"
                    + " sensors outside of the processor",
                ""));
  }

  @Test
  void thresholdsAboveTheBoardsOwnTripPointsAreFound() {
    thresholds = thresholds(99, 103);
    assertThat(about("thresholds").severity()).isEqualTo(WARNING);
    assertThat(about("thresholds").observation())
        .isEqualTo(
            "hold 99 °C, throttle at 99 °C, critical at 103 °C, but the kernel lowers clocks from"
                + " 99 °C");

    thresholds = thresholds(98.9, 104.4);
    assertThat(about("thresholds").severity()).isEqualTo(OK);

    thresholds = thresholds(90, 104.5);
    assertThat(about("thresholds").severity()).isEqualTo(FAULT);
    assertThat(about("thresholds").observation())
        .endsWith("critical at 104.5 °C, but the board powers off at 104.5 °C");
    assertThat(about("thresholds").remedy())
        .isEqualTo("set the critical temperature below that, at most 85 °C");
  }

  @Test
  void usesTheTableIfTripPointsCannotBeRead() {
    detection = detect(ORIN, "nvidia,p2888-0001", "nvidia,tegra194");
    thresholds = thresholds(75, 95);
    List<Finding> findings =
        Findings.of(detection, new SimulatedSensors(detection.board(), zones).read(), thresholds);

    assertThat(findings)
        .filteredOn(finding -> finding.subject().equals("thresholds"))
        .extracting(Finding::severity)
        .containsExactly(FAULT);
  }

  @Test
  void aThorWithTheThresholdsOfItsTableIsOk() {
    detection = detect(ORIN, "nvidia,p3834-0008", "nvidia,tegra264");
    thresholds = detection.board().thresholds();
    Finding finding =
        Findings.of(detection, new SimulatedSensors(detection.board(), zones).read(), thresholds)
            .stream()
            .filter(candidate -> candidate.subject().equals("thresholds"))
            .findFirst()
            .orElseThrow();
    assertThat(finding.severity()).isEqualTo(OK);
    assertThat(finding.observation())
        .endsWith("the board powers off at 114.5 °C (as known of this board; not read)");
  }

  @Test
  void aBareJetsonIsFullOfFindingsAndEachHasARemedy() {
    zones.removeAll();
    zones.set("cpu-thermal", 40);
    List<Finding> findings =
        Findings.of(detection, new SimulatedSensors(detection.board(), zones).read(), thresholds);

    assertThat(findings)
        .filteredOn(finding -> finding.severity() == WARNING)
        .extracting(Finding::subject)
        .containsExactly("rails", "gpu", "cpus");
    assertThat(findings)
        .filteredOn(finding -> finding.severity() != OK)
        .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
  }

  @Test
  void warnsOfAnUnknownTotal() {
    sensors.setRail("VDD_CPU_CV", Reading.missing("cannot read 'curr2_input': No data available"));
    assertThat(about("rails").severity()).isEqualTo(WARNING);
    assertThat(about("rails").observation())
        .isEqualTo(
            "the power that the board draws is unknown: rail 'VDD_CPU_CV': cannot read"
                + " 'curr2_input': No data available");
  }

  @Test
  void clocksThatAreLimitedAreAWarning() {
    sensors.setCoolingDevice("gpu-throttle-alert", 1);
    assertThat(about("clocks").severity()).isEqualTo(WARNING);
    assertThat(about("clocks").observation())
        .isEqualTo("now limited by temperature: 'gpu-throttle-alert'");
  }

  @Test
  void overCurrentIsAWarning() {
    sensors.setOverCurrent("oc3", 27_390);
    assertThat(about("over-current").severity()).isEqualTo(WARNING);
    assertThat(about("over-current").observation())
        .isEqualTo(
            "clocks were reduced since boot: 27390 times 'oc3', the peak current is too high");
  }

  @Test
  void coresThatAreOfflineAreAWarning() {
    sensors.setCpus("0-7", "0-11");
    assertThat(about("cpus").severity()).isEqualTo(WARNING);
    assertThat(about("cpus").observation()).isEqualTo("0-7 online, 8-11 offline");
  }

  @Test
  void warnsOfACounterThatCannotBeRead() {
    BoardSnapshot snapshot =
        with(
            sensors.read().zoneDetails(),
            List.of(
                new OverCurrent("oc1", Reading.of(0L)),
                new OverCurrent("oc3", Reading.missing("cannot read 'oc3_event_cnt': gone"))));

    assertThat(Findings.of(detection, snapshot, thresholds))
        .filteredOn(finding -> finding.subject().equals("over-current"))
        .extracting(Finding::observation)
        .containsExactly("cannot read 'oc3_event_cnt': gone");
  }

  @Test
  void aKernelWithoutEmulationIsNotAFault() {
    List<ZoneDetails> details =
        sensors.read().zoneDetails().stream()
            .map(zone -> new ZoneDetails(zone.name(), zone.type(), zone.trips(), false))
            .toList();

    assertThat(Findings.of(detection, with(details, List.of()), thresholds))
        .contains(
            new Finding(
                OK,
                "emulation",
                "this kernel is built without THERMAL_EMULATION: temperatures cannot be emulated",
                "to test the thermal policy, lower the thresholds instead"));
  }

  @Test
  void aFindingNeedsARemedyUnlessItIsOk() {
    assertThatThrownBy(() -> new Finding(WARNING, "rails", "none", " "))
        .hasMessage("'none' needs a remedy");
  }

  private BoardSnapshot with(List<ZoneDetails> details, List<OverCurrent> overCurrents) {
    BoardSnapshot now = sensors.read();
    return new BoardSnapshot(
        now.zones(),
        details,
        now.coolingDevices(),
        new BoardSnapshot.PowerReadings(
            now.power().rails(), now.power().totalMilliwatts(), Reading.of(overCurrents)),
        now.gpu(),
        now.fan(),
        now.cpus());
  }

  private List<Finding> find() {
    return Findings.of(detection, sensors.read(), thresholds);
  }

  private Finding about(String subject) {
    List<Finding> found = find().stream().filter(f -> f.subject().equals(subject)).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private static Thresholds thresholds(double throttle, double critical) {
    return new Thresholds(
        MilliCelsius.ofDegrees(throttle),
        MilliCelsius.ofDegrees(critical),
        Thresholds.DEFAULT.hysteresis(),
        Thresholds.DEFAULT.dwell());
  }

  private static BoardDetection detect(String releaseLine, String... compatible) {
    return Boards.detect(
        new BoardIdentity(
            Reading.of(List.of(compatible)), Reading.missing("-"), line(releaseLine)));
  }

  private static BoardDetection unrecognised(String releaseLine) {
    return Boards.detect(
        new BoardIdentity(
            Reading.missing("cannot read 'compatible': No such file or directory"),
            Reading.missing("-"),
            line(releaseLine)));
  }

  private static Reading<String> line(String releaseLine) {
    return releaseLine.isEmpty() ? Reading.missing("-") : Reading.of(releaseLine);
  }
}
