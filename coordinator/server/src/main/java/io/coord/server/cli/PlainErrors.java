package io.coord.server.cli;

/**
 * Passes on the output as it is. What is said on standard error contains words of the caller and of
 * other users: its control characters are shown as text wherever it goes, and it is cut where it is
 * too long to be read. For one thread.
 */
final class PlainErrors extends ForwardingOutput {
  private static final int LONGEST_LINE = 2000;

  PlainErrors(CommandOutput to) {
    super(to);
  }

  @Override
  public void out(byte[] bytes, int offset, int length) {
    to.out(bytes, offset, length);
  }

  @Override
  public void error(String line) {
    boolean whole = line.length() <= LONGEST_LINE;
    new TerminalOutput(to).error(whole ? line : line.substring(0, LONGEST_LINE) + "…");
  }
}
