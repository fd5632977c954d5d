package io.coord.server.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** The options of all commands. */
abstract class BaseCommand implements Callable<Integer> {
  final Session session;

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  BaseCommand(Session session) {
    this.session = session;
  }
}
