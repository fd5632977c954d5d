package io.coord.selftest.chaos;

import io.coord.selftest.harness.HarnessException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The events that the experiments recorded, in their order. */
final class ChaosJournal {
  /** The last event of a run. */
  private static final List<String> LAST_EVENTS = List.of("end", "exit3", "exit4", "segv");

  private final Path file;
  private long read;
  private String partOfLine = "";
  private final List<Line> lines = new ArrayList<>();

  ChaosJournal(Path file) {
    this.file = file;
  }

  /**
   * One line.
   *
   * @param what {@code start}; {@code twice} or {@code crowded} if the lock of its id or of a slot
   *     was taken; {@code term} after SIGTERM; or a last event
   * @param run its number, from its environment
   * @param uptime in seconds, from the boot
   */
  record Line(
      String what,
      String id,
      int token,
      String invocation,
      int run,
      String boot,
      long pid,
      double uptime) {

    /** Whether the process ends after this event. */
    boolean isLast() {
      return LAST_EVENTS.contains(what);
    }
  }

  /** Reads what was added. */
  void catchUp() {
    StringBuilder added = new StringBuilder(partOfLine);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      for (int n = channel.read(buffer, read); n > 0; n = channel.read(buffer, read)) {
        read += n;
        added.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        buffer.clear();
      }
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw new HarnessException("cannot read the journal '" + file + "'", e);
    }
    int from = 0;
    for (int end = added.indexOf("\n"); end >= 0; end = added.indexOf("\n", from)) {
      lines.add(line(added.substring(from, end)));
      from = end + 1;
    }
    partOfLine = added.substring(from);
  }

  private Line line(String text) {
    String[] words = text.split(" ", -1);
    try {
      return new Line(
          words[0],
          words[1],
          Integer.parseInt(words[2]),
          words[3],
          Integer.parseInt(words[4]),
          words[5],
          Long.parseLong(words[6]),
          Double.parseDouble(words[7]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new HarnessException(
          "cannot parse a line of the journal '" + file + "': '" + text + "'");
    }
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  /** The ids with a run that started and has recorded no last event, in the order of the starts. */
  List<String> running() {
    Map<String, String> open = new LinkedHashMap<>();
    for (Line line : lines) {
      if (line.what().equals("start")) {
        open.put(line.id(), line.invocation());
      } else if (line.isLast()) {
        open.remove(line.id(), line.invocation());
      }
    }
    return List.copyOf(open.keySet());
  }
}
