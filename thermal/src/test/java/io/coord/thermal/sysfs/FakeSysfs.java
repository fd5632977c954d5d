package io.coord.thermal.sysfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.coord.thermal.Board;
import io.coord.thermal.BoardIdentity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** A tree of plain files that looks like sysfs, and a reader that fails where sysfs would. */
final class FakeSysfs implements FileReader {

  static final String EAGAIN = "Resource temporarily unavailable";

  private static final Map<String, String> ERRNO =
      Map.of(
          "!EAGAIN",
          EAGAIN,
          "!EINVAL",
          "Invalid argument",
          "!ENODEV",
          "No such device",
          "!EACCES",
          "Permission denied",
          "!ENODATA",
          "No data available");

  private static final Pattern NUMBERED = Pattern.compile("(hwmon|cooling_device)(\\d+)");

  private final Path root;
  private final Map<String, String> failing = new HashMap<>();
  private final Map<String, Deque<String>> failingOnce = new HashMap<>();
  private final Map<String, Integer> reads = new HashMap<>();

  FakeSysfs(Path folder) {
    this.root = folder.resolve("sys");
  }

  /** The board of that name, from the fixtures. */
  static FakeSysfs board(Path folder, String board) {
    return board(folder, board, UnaryOperator.identity());
  }

  /** The same after another boot: hwmon and cooling devices have other numbers, in reverse. */
  static FakeSysfs renumbered(Path folder, String board) {
    return board(
        folder,
        board,
        line ->
            NUMBERED
                .matcher(line)
                .replaceAll(found -> found.group(1) + (30 - Integer.parseInt(found.group(2)))));
  }

  private static FakeSysfs board(Path folder, String board, UnaryOperator<String> change) {
    FakeSysfs sysfs = new FakeSysfs(folder);
    try (InputStream in =
            Objects.requireNonNull(FakeSysfs.class.getResourceAsStream(board + ".tsv"), board);
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
      for (String line : lines.lines().filter(l -> l.startsWith("/")).map(change).toList()) {
        int tab = line.indexOf('\t');
        sysfs.write(folder.resolve(line.substring(1, tab)), line.substring(tab + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sysfs;
  }

  /** What the machine says it is. */
  BoardIdentity identity() {
    return IdentityFiles.read(root.resolveSibling(""), this);
  }

  SysfsBoardSensors sensors(Board board) {
    return new SysfsBoardSensors(root, board, this);
  }

  /** Sets a file below the root; {@code content} may be an error such as {@code !EAGAIN}. */
  FakeSysfs file(String below, String content) {
    write(root.resolve(below), content);
    return this;
  }

  Path root() {
    return root;
  }

  SysfsZones zones() {
    return new SysfsZones(root, this);
  }

  /** Sets a zone; {@code temp} is a content, or an error such as {@code !EAGAIN}. */
  FakeSysfs zone(int number, String type, String temp) {
    write(zoneFolder(number).resolve("type"), type);
    return temp(number, temp);
  }

  FakeSysfs temp(int number, String temp) {
    write(zoneFolder(number).resolve("temp"), temp);
    return this;
  }

  FakeSysfs type(int number, String type) {
    write(zoneFolder(number).resolve("type"), type);
    return this;
  }

  /** Lets the next reads of a zone fail, and those after them succeed. */
  FakeSysfs failNextReads(int number, int count) {
    Deque<String> errors = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      errors.add(EAGAIN);
    }
    failingOnce.put("thermal_zone" + number + "/temp", errors);
    return this;
  }

  /** How often the temperature of a zone was asked for since the last call of this method. */
  int takeReads(int number) {
    return Objects.requireNonNullElse(reads.remove("thermal_zone" + number + "/temp"), 0);
  }

  void remove(int number) {
    Path zone = zoneFolder(number);
    try {
      for (String file : List.of("type", "temp")) {
        Files.deleteIfExists(zone.resolve(file));
      }
      Files.delete(zone);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path zoneFolder(int number) {
    return root.resolve("class/thermal/thermal_zone" + number);
  }

  @Override
  public String read(Path file) throws IOException {
    String key = key(file);
    reads.merge(key, 1, Integer::sum);
    Deque<String> once = failingOnce.get(key);
    if (once != null && !once.isEmpty()) {
      throw new IOException(once.remove());
    }
    String error = failing.get(key);
    if (error != null) {
      throw new IOException(error);
    }
    return FileReader.readFile(file);
  }

  private void write(Path path, String content) {
    try {
      Files.createDirectories(path.getParent());
      failing.remove(key(path));
      if (content.startsWith("-> ")) {
        Files.createSymbolicLink(path, target(content.substring(3)));
      } else if (content.startsWith("!")) {
        failing.put(key(path), Objects.requireNonNull(ERRNO.get(content), content));
        Files.writeString(path, "");
      } else {
        String text = content.replace("\\n", "\n").replace("\\0", "\0");
        boolean line = !text.isEmpty() && !text.endsWith("\0");
        Files.writeString(path, line ? text + "\n" : text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path target(String link) {
    return link.startsWith("/") ? root.resolveSibling(link.substring(1)) : Path.of(link);
  }

  /** The same for the link in {@code class} and for what it points to in {@code devices}. */
  private static String key(Path file) {
    return file.subpath(file.getNameCount() - 2, file.getNameCount()).toString();
  }
}
