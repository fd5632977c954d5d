package io.coord.server.api;

/**
 * The exit codes of commands, from sysexits.h where it has a code. The client uses 69 and 70 for
 * what happens to its connection, too.
 */
public final class ExitCodes {
  /** Success. */
  public static final int OK = 0;

  /** {@code wait}: an experiment failed; {@code doctor}, {@code verify}: a fault was found. */
  public static final int FAILED = 1;

  /** Invalid command or request; nothing was changed. */
  public static final int USER = 2;

  /** {@code wait}: an experiment was stopped. */
  public static final int STOPPED = 3;

  /** The daemon is not running. */
  public static final int UNREACHABLE = 69;

  /** Internal error. */
  public static final int INTERNAL = 70;

  /** Temporary failure; the same command may work later. Nothing was changed. */
  public static final int NOT_NOW = 75;

  private ExitCodes() {}
}
