package io.coord.server.cli;

/**
 * What a command tells the shell; as in sysexits.h where it has a number for it. The client adds 69
 * (no daemon) and 70 (a daemon that went away).
 */
public final class ExitCodes {
  /** Done. */
  public static final int OK = 0;

  /**
   * {@code wait}: an experiment failed; {@code doctor}, {@code verify}: something that is relied on
   * fails.
   */
  public static final int FAILED = 1;

  /** The command or what it asks for is wrong; nothing was changed. */
  public static final int USER = 2;

  /** {@code wait}: an experiment was stopped. */
  public static final int STOPPED = 3;

  /** A fault of the coordinator's own. */
  public static final int INTERNAL = 70;

  /** Not now; the same command may work later. Nothing was changed. */
  public static final int NOT_NOW = 75;

  private ExitCodes() {}
}
