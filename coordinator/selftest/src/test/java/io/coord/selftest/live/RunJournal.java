package io.coord.selftest.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file to which experiments append when they begin and end, so that what ran at the same time is
 * told by those who ran. A line is one write with O_APPEND.
 */
final class RunJournal {
  private final Path file;

  RunJournal(Path folder) {
    this.file = folder.resolve("diary");
  }

  /** A script that notes its beginning, does something, and notes its end. */
  static String script(String id, String does) {
    return "echo start %s $$ >>diary; %s; echo end %s $$ >>diary".formatted(id, does, id);
  }

  /**
   * One line.
   *
   * @param begins whether it is a beginning
   */
  record Entry(boolean begins, String id, long pid) {}

  List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", -1);
        entries.add(new Entry(words[0].equals("start"), words[1], Long.parseLong(words[2])));
      }
    }
    return entries;
  }

  /** The ids in the order of their first beginnings. */
  List<String> order() throws IOException {
    return entries().stream().filter(Entry::begins).map(Entry::id).distinct().toList();
  }

  /** How often each has begun. */
  Map<String, Integer> beginnings() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (Entry entry : entries()) {
      if (entry.begins()) {
        counts.merge(entry.id(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** All that ran together, after each line: of each id those of its processes that had begun. */
  List<Map<String, List<Long>>> moments() throws IOException {
    Map<String, List<Long>> now = new LinkedHashMap<>();
    List<Map<String, List<Long>>> moments = new ArrayList<>();
    for (Entry entry : entries()) {
      List<Long> processes = new ArrayList<>(now.getOrDefault(entry.id(), List.of()));
      if (entry.begins()) {
        processes.add(entry.pid());
      } else {
        processes.remove(entry.pid());
      }
      if (processes.isEmpty()) {
        now.remove(entry.id());
      } else {
        now.put(entry.id(), processes);
      }
      moments.add(new LinkedHashMap<>(now));
    }
    return moments;
  }
}
