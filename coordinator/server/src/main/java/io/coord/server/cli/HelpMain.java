package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Help and version, and what is wrong with a command line, without a daemon. The launcher starts it
 * when a client has found no daemon.
 */
public final class HelpMain {
  private HelpMain() {}

  /**
   * Ends the process with the exit code of the command line.
   *
   * @param args the words after {@code coord}; the variable {@code COORD_UNREACHABLE} is the
   *     message for a command that needs the daemon
   */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter error = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    List<String> words = List.of(args);
    boolean user = !words.isEmpty() && words.get(0).equals("--user");
    int code =
        answer(user ? words.subList(1, words.size()) : words, columns(), out, error::println)
            .orElseGet(
                () -> {
                  error.println(
                      System.getenv().getOrDefault("COORD_UNREACHABLE", "coord: no daemon"));
                  return ExitCodes.UNREACHABLE;
                });
    out.flush();
    System.exit(code);
  }

  /**
   * Answers a command line that asks for help or for the version, or that cannot be parsed.
   *
   * @param columns the width of the terminal; 0 if there is none
   * @return the exit code; empty if the command needs the daemon, and nothing was printed
   */
  public static OptionalInt answer(
      List<String> argv, int columns, PrintWriter out, Consumer<String> error) {
    if (argv.isEmpty()) {
      error.accept(Commands.NONE);
      return OptionalInt.of(ExitCodes.USER);
    }
    CommandLine line = Completion.model();
    CommandLineService.setUp(line, columns, out, error);
    try {
      Integer help =
          CommandLine.executeHelpRequest(line.parseArgs(CommandLineService.wordsOfCoord(argv)));
      return help == null ? OptionalInt.empty() : OptionalInt.of(help);
    } catch (ParameterException problem) {
      return OptionalInt.of(CommandLineService.report(problem, error));
    }
  }

  private static int columns() {
    String columns = System.getenv().getOrDefault("COORD_COLUMNS", "");
    return columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : 0;
  }
}
