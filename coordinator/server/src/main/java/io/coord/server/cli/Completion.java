package io.coord.server.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a shell completes. */
public final class Completion {
  private Completion() {}

  /** The text of a script that makes bash complete all words that follow {@code coord}. */
  public static String bash() {
    return AutoComplete.bash("coord", model());
  }

  /** All commands and options that there are, to be looked at. */
  static CommandLine model() {
    CommandLine line = new CommandLine(Commands.class, new Unrun());
    line.getCommandSpec()
        .addOption(OptionSpec.builder("--user").build())
        // What is no command of the daemon's.
        .addSubcommand("daemon", CommandSpec.create())
        .addSubcommand("demo", CommandSpec.create())
        .addSubcommand(
            "selftest",
            CommandSpec.create()
                .addOption(OptionSpec.builder("--chaos").arity("1").build())
                .addOption(OptionSpec.builder("--seed").arity("1").build()))
        .addSubcommand("config", CommandSpec.create().addSubcommand("check", CommandSpec.create()))
        .addSubcommand("completion", CommandSpec.create())
        .addSubcommand(
            "unit-files",
            CommandSpec.create().addOption(OptionSpec.builder("--into").arity("1").build()));
    return line;
  }

  /**
   * Makes commands that are looked at and never run: there is no session that they could belong to.
   */
  private static final class Unrun implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      try {
        return type.getDeclaredConstructor(Session.class).newInstance(new Object[1]);
      } catch (NoSuchMethodException e) {
        return CommandLine.defaultFactory().create(type);
      }
    }
  }
}
