package io.coord.thermal.sysfs;

import io.coord.thermal.Reading;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files and folders of a sysfs, read in an order that does not depend on the file system. */
final class SysfsTree {

  private final Path root;
  private final FileReader reader;

  SysfsTree(Path root, FileReader reader) {
    this.root = root;
    this.reader = reader;
  }

  Path at(String below) {
    return root.resolve(below);
  }

  /** The content; missing if it cannot be read or is empty. */
  Reading<String> text(Path file) {
    try {
      String content = reader.read(file);
      return content.isEmpty()
          ? Reading.missing("'%s' is empty".formatted(file.getFileName()))
          : Reading.of(content);
    } catch (IOException e) {
      return Reading.missing(cannotRead(file, e));
    }
  }

  /** The content as a number; missing if it is none. */
  Reading<Long> number(Path file) {
    Reading<String> text = text(file);
    try {
      return text.map(Long::parseLong);
    } catch (NumberFormatException e) {
      return Reading.missing(
          "'%s' reads '%s', not a number".formatted(file.getFileName(), text.value().orElse("")));
    }
  }

  /** As {@link #list}, for where a folder that cannot be listed is as good as none. */
  List<Path> listed(Path folder, Pattern pattern) {
    try {
      return reader.within(folder, () -> list(folder, pattern));
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * The entries of a folder whose names match, by the number that is the pattern's first group: 10
   * comes after 2. Empty if there is no such folder.
   */
  static List<Path> list(Path folder, Pattern pattern) throws IOException {
    TreeMap<Integer, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        Matcher matcher = pattern.matcher(entry.getFileName().toString());
        if (matcher.matches()) {
          found.put(Integer.valueOf(matcher.group(1)), entry);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return List.copyOf(found.values());
  }

  /** All entries of a folder by name; empty if it cannot be listed. */
  List<Path> byName(Path folder) {
    try {
      return reader.within(folder, () -> all(folder));
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
  }

  private static List<Path> all(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      TreeMap<String, Path> found = new TreeMap<>();
      entries.forEach(entry -> found.put(entry.getFileName().toString(), entry));
      return List.copyOf(found.values());
    }
  }

  /** The number in a name that matches, for example 3 in {@code in3_label}. */
  static String numberIn(Path entry, Pattern pattern) {
    Matcher matcher = pattern.matcher(entry.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + entry + "' is not named as '" + pattern + "'");
    }
    return matcher.group(1);
  }

  static String cannotRead(Path file, IOException e) {
    return "cannot read '%s': %s".formatted(file.getFileName(), why(file, e));
  }

  /** The system's own words, without the path, which the JDK puts around or instead of them. */
  static String why(Path file, IOException e) {
    String message = e.getMessage();
    if (message == null || message.equals(file.toString())) {
      return e.getClass().getSimpleName();
    }
    String prefix = file + " (";
    if (e instanceof FileNotFoundException && message.startsWith(prefix)) {
      return message.substring(prefix.length(), message.length() - 1);
    }
    return message;
  }
}
