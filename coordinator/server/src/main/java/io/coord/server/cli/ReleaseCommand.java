package io.coord.server.cli;

import io.coord.server.api.ControlService;
import io.coord.server.api.ExitCodes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coord release}. */
@Command(
    name = "release",
    description = "Releases held experiments, or tries one whose command failed early.")
final class ReleaseCommand extends RequestCommand {
  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "Try one experiment of each held command in the group.")
  @Nullable String group;

  ReleaseCommand(Session session) {
    super(session, ControlService.Verb.RELEASE);
  }

  @Override
  public Integer call() {
    if (group != null && ids.isEmpty()) {
      return session.report(
          session.await(session.coordinator.control().releaseGroup(group, session.caller)), json);
    }
    if (group != null || ids.isEmpty()) {
      session.output.error("coord: give experiment ids, or a group with --group");
      return ExitCodes.USER;
    }
    return super.call();
  }
}
