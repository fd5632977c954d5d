package io.coord.systemd.dbus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnitPathsTest {

  @Test
  void readsTheUnitOutOfAnObjectPath() {
    assertThat(
            UnitPaths.unitOf(
                "/org/freedesktop/systemd1/unit/brain_2dexperiment_40amnesiac_5f001_2eservice"))
        .contains("brain-experiment@amnesiac_001.service");
    assertThat(UnitPaths.unitOf("/org/freedesktop/systemd1/unit/_31_5cx2d_2eservice"))
        .contains("1\\x2d.service");
    assertThat(UnitPaths.unitOf("/org/freedesktop/systemd1/unit/a_c3_a4")).contains("aä");
  }

  @Test
  void keepsInvalidEscapes() {
    assertThat(UnitPaths.unitOf("/org/freedesktop/systemd1/unit/a_zz_2")).contains("a_zz_2");
  }

  @Test
  void isEmptyForOtherPaths() {
    assertThat(UnitPaths.unitOf("/org/freedesktop/systemd1/job/1")).isEmpty();
    assertThat(UnitPaths.unitOf("/org/freedesktop/systemd1/unit/a/b")).isEmpty();
    assertThat(UnitPaths.unitOf("/")).isEmpty();
  }
}
