package io.coord.selftest.harness;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Standard output, and what is known of the terminal behind it. */
public final class Terminal {
  private static final int PIPE_WIDTH = 100;
  private static final int MIN_WIDTH = 40;

  /** Fits a table of five experiments at its tallest. */
  private static final int MIN_ROWS = 18;

  private final PrintStream out;
  private final boolean live;
  private final boolean coloured;
  private int columns;

  public Terminal(Map<String, String> environment) {
    // Not System.out: its character set follows the locale, and the bars would be question marks.
    out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    columns = pipeColumns(environment);
    int rows = measure();
    boolean capable = !environment.getOrDefault("TERM", "dumb").equals("dumb");
    live = capable && rows >= MIN_ROWS;
    coloured = capable && rows > 0 && environment.getOrDefault("NO_COLOR", "").isEmpty();
  }

  private static int pipeColumns(Map<String, String> environment) {
    String given = environment.getOrDefault("COLUMNS", "");
    return given.matches("\\d{2,4}") ? Math.max(MIN_WIDTH, Integer.parseInt(given)) : PIPE_WIDTH;
  }

  /**
   * Asks the terminal for its size.
   *
   * @return its rows; 0 if standard output is none
   */
  public int measure() {
    // Its answer comes on standard error, as standard output is what it is asked about.
    ProcessBuilder question = new ProcessBuilder("sh", "-c", "test -t 1 && stty size <&1 >&2");
    question.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    question.redirectOutput(ProcessBuilder.Redirect.INHERIT);
    try {
      Process process = question.start();
      String answer =
          new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor(1, TimeUnit.SECONDS) && process.exitValue() == 0) {
        String[] size = answer.split(" ", -1);
        if (size.length == 2 && Integer.parseInt(size[1]) > 0) {
          columns = Math.max(MIN_WIDTH, Integer.parseInt(size[1]));
        }
        return size.length == 2 ? Integer.parseInt(size[0]) : 0;
      }
    } catch (IOException | NumberFormatException e) {
      // Treated as no terminal.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  /** Whether text can be redrawn in place. */
  public boolean live() {
    return live;
  }

  public boolean coloured() {
    return coloured;
  }

  public int columns() {
    return columns;
  }

  public String paint(String colour, String text) {
    return coloured ? Colour.paint(colour, text) : text;
  }

  public void write(String text) {
    out.print(text);
    out.flush();
  }

  public void line(String text) {
    write(text + "\n");
  }

  /**
   * Writes a paragraph, broken between words.
   *
   * @param hanging the indent of all lines but the first
   */
  public void paragraph(String text, String hanging) {
    StringBuilder line = new StringBuilder();
    boolean fresh = true;
    for (String word : text.split(" ", -1)) {
      if (!fresh && Formats.width(line.toString()) + 1 + Formats.width(word) > columns) {
        line(line.toString());
        line.setLength(0);
        line.append(hanging);
        fresh = true;
      }
      if (!fresh) {
        line.append(' ');
      }
      line.append(word);
      fresh = false;
    }
    line(line.toString());
  }
}
