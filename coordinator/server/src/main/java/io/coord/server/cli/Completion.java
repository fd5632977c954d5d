package io.coord.server.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Shell completion. */
public final class Completion {
  private Completion() {}

  /** A bash script that completes commands and options. */
  public static String bash() {
    return AutoComplete.bash("coord", model());
  }

  /** All commands and options. */
  static CommandLine model() {
    CommandLine line = new CommandLine(Commands.class, new ModelFactory());
    line.getCommandSpec()
        .addOption(OptionSpec.builder("--user").build())
        // Commands that need no daemon.
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

  /** Creates commands that are inspected and never run; they have no session. */
  private static final class ModelFactory implements CommandLine.IFactory {
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
