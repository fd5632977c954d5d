package io.coord.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code bin/coord}, which answers what needs no daemon: help, and errors of the command line. */
final class Launcher {
  private Launcher() {}

  /**
   * Has the launcher print the help that the command line asks for, or what is wrong with it, or
   * the message. In the locale {@code C}, letters outside of ASCII become {@code ?}.
   *
   * @param launcher path of the script
   * @return its exit code
   */
  static int answerWithoutDaemon(String launcher, String message, Invocation caller)
      throws ExitException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", launcher));
    command.addAll(caller.arguments());
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("COORD_UNREACHABLE", message);
    try {
      return builder.start().waitFor();
    } catch (IOException e) {
      throw new ExitException(ExitException.UNREACHABLE, message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExitException(ExitException.UNREACHABLE, message);
    }
  }
}
