package io.coord.systemd.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the kernel as they were read on both versions. */
class CgroupTest {
  private static final String UNIT = "/brain.slice/brain-experiment@a.service";

  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void version2CountsCpuTimeInMicroseconds() throws IOException {
    file("cgroup.controllers", "cpuset cpu io memory pids\n");
    file(
        "brain.slice/brain-experiment@a.service/cpu.stat",
        "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).contains(Duration.ofNanos(1_234_567_000));
  }

  @Test
  void version1CountsCpuTimeInNanoseconds() throws IOException {
    file("cpu,cpuacct/brain.slice/brain-experiment@a.service/cpuacct.usage", "1234567890\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).contains(Duration.ofNanos(1_234_567_890));
  }

  @Test
  void version1BesideVersion2CountsWhereTheProcessesAre() throws IOException {
    file("unified/brain.slice/brain-experiment@a.service/cpu.stat", "usage_usec 2000000\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).contains(Duration.ofSeconds(2));
    file("cpuacct/brain.slice/brain-experiment@a.service/cpuacct.usage", "0\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).contains(Duration.ofSeconds(2));
    file("cpuacct/brain.slice/brain-experiment@a.service/cpuacct.usage", "3000000000\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).contains(Duration.ofSeconds(3));
  }

  @Test
  void cpuTimeThatIsNotThereIsNotZero() throws IOException {
    assertThat(new Cgroup(root, UNIT).cpuTime()).isEmpty();
    file("cpuacct/brain.slice/brain-experiment@a.service/cpuacct.usage", "much\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).isEmpty();
    file("cgroup.controllers", "cpu\n");
    file("brain.slice/brain-experiment@a.service/cpu.stat", "nr_periods 1\n");
    assertThat(new Cgroup(root, UNIT).cpuTime()).isEmpty();
  }
}
