package io.coord.server.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The words of the command line. */
@Command(
    name = "coord",
    description = "Sees long, crash-prone experiments through on this machine.",
    mixinStandardHelpOptions = true,
    version = "coord 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "'coord daemon' runs the coordinator; '--user' before a command talks to your own.",
      "'coord demo' and 'coord selftest' show and try out what it does, apart from your own.",
      "Exit codes: 0 done, 1 an experiment failed (wait) or there is a fault (doctor, verify),",
      "2 wrong command or request, 3 an experiment was stopped (wait), 69 no daemon,",
      "70 internal fault, 75 not now."
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
      ThermalCommand.class,
      PowerCommand.class,
      DoctorCommand.class,
      VerifyCommand.class
    })
final class Commands implements Callable<Integer> {

  private final Session session;

  Commands(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.output.error("coord: say what to do; 'coord --help' shows what is possible");
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
