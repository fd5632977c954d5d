package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a power cut or a killed daemon may leave does not keep the next one from starting. */
class LeftoversLiveTest extends LiveTest {

  private void assertItWorks() throws Exception {
    coord.enqueue(shell("after", "echo works"));
    assertThat(coord.awaitEnd("after").path("state").asText()).isEqualTo("completed");
    assertThat(coord.say("logs", "after").out()).isEqualTo("works\n");
  }

  @Test
  void aSocketThatNobodyListensOn() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(coord.socket()));
    }
    assertThat(coord.socket()).exists();

    coord.start();

    assertItWorks();
  }

  @Test
  void theDropInOfAnInstanceThatNobodyKnows() throws Exception {
    Path dropIns = LiveCoordinator.units().resolve("brain-experiment@ghost.service.d");
    Files.createDirectories(dropIns);
    Files.writeString(
        dropIns.resolve("50-coord.conf"), "[Service]\nExecStart=\nExecStart=/bin/true\n");

    coord.start();
    coord.await("the drop-in to be cleared away", () -> !Files.exists(dropIns));

    assertItWorks();
  }

  @Test
  void theDropInOfAnExperimentThatHasEndedAndFilesThatWereHalfWritten() throws Exception {
    coord.start();
    coord.enqueue(shell("ended", ":"));
    coord.awaitEnd("ended");
    coord.kill();
    Path dropIns = LiveCoordinator.units().resolve("brain-experiment@ended.service.d");
    Files.createDirectories(dropIns);
    Files.writeString(dropIns.resolve("50-coord.conf"), "[Service]\nExecSta");
    Path instances = coord.runtime().resolve("instances");
    Files.createDirectories(instances);
    Files.writeString(instances.resolve("after.env"), "HALF=\"writ");
    Files.writeString(instances.resolve("after.base"), "#cont");
    Files.writeString(instances.resolve("after.context.tmp"), "#oom");

    coord.start();
    coord.await("the drop-in to be cleared away", () -> !Files.exists(dropIns));

    assertThat(coord.stateOf("ended")).isEqualTo("completed");
    assertItWorks();
  }

  @Test
  void aTemplateOfAnOlderVersion() throws Exception {
    Files.createDirectories(LiveCoordinator.units());
    Files.writeString(
        LiveCoordinator.units().resolve("brain-experiment@.service"),
        "[Service]\nExecStart=/bin/false\n");
    LivePrograms.systemctl("daemon-reload");

    coord.start();

    assertItWorks();
    assertThat(LivePrograms.property("other", "MemoryMax")).isEqualTo(Long.toString(4L << 30));
  }

  @Test
  void anExperimentThatEndsLeavesNoFilesForSystemd() throws Exception {
    coord.start();
    coord.enqueue(shell("tidy", ":"));
    coord.enqueue(shell("untidy", "exit 78"));
    coord.awaitEnd("tidy", "untidy");

    for (String id : new String[] {"tidy", "untidy"}) {
      Path dropIns = LiveCoordinator.units().resolve("brain-experiment@" + id + ".service.d");
      coord.await("the drop-in of '" + id + "' to go", () -> !Files.exists(dropIns));
      coord.await(
          "the unit of '" + id + "' to be unloaded",
          () -> LivePrograms.property(id, "ActiveState").equals("inactive"));
    }
    try (var left = Files.list(coord.runtime().resolve("instances"))) {
      assertThat(left).isEmpty();
    }
  }
}
