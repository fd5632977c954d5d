package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of the command line. */
@Command(
    name = "coord",
    description = "Runs and supervises long, crash-prone experiments on this machine.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "'coord daemon' starts the daemon; '--user' before a command selects your own daemon.",
      "'coord demo' and 'coord selftest' need no daemon and leave yours alone.",
      "Exit codes: 0 success, 1 an experiment failed (wait) or a fault was found (doctor, verify),",
      "2 invalid command or request (of several ids, the others were done), 3 an experiment was",
      "stopped (wait), 69 daemon not running, 70 internal error, 74 output or a file could not be",
      "written, 75 temporary failure: try again."
    },
    subcommands = {
      EnqueueCommand.class,
      ListCommand.class,
      StatusCommand.class,
      LogsCommand.class,
      WaitCommand.class,
      StopCommand.class,
      HoldCommand.class,
      ReleaseCommand.class,
      EnableCommand.class,
      DisableCommand.class,
      DrainCommand.class,
      ResumeCommand.class,
      ScheduleCommand.class,
      UnscheduleCommand.class,
      SchedulesCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      ThermalCommand.class,
      PowerCommand.class,
      DoctorCommand.class,
      VerifyCommand.class
    })
final class Commands implements Callable<Integer> {
  static final String NONE = "coord: no command given; see 'coord --help'";

  private final Session session;

  Commands(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.output.error(NONE);
    return ExitCodes.USER;
  }

  /** Makes the commands of one session. */
  record Factory(Session session) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      try {
        return type.getDeclaredConstructor(Session.class).newInstance(session);
      } catch (NoSuchMethodException e) {
        return CommandLine.defaultFactory().create(type);
      }
    }
  }
}
