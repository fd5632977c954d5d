package io.coord.thermal.sysfs;

import io.coord.thermal.Board;
import io.coord.thermal.Gpu;
import io.coord.thermal.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The GPU's load and clocks: where the board's table says, or else at the first devfreq device
 * whose node in the device tree is a GPU's.
 */
final class SysfsGpu {

  /** What the nodes are called from the TX2 to the Thor. */
  private static final List<String> NODES = List.of("gv11b", "gp10b", "ga10b", "gb10b", "gpu");

  private final SysfsTree tree;
  private final Board board;

  SysfsGpu(SysfsTree tree, Board board) {
    this.tree = tree;
    this.board = board;
  }

  Gpu read() {
    List<Path> found = discovered();
    Reading<Path> clocks = clocks(found);
    Reading<Path> load =
        first(
            Stream.concat(
                board.gpu().loadFiles().stream().map(tree::at).map(Path::getParent),
                found.stream().map(folder -> folder.resolve("device"))),
            "load",
            "the kernel shows no load of a GPU; NVML may report it");
    return new Gpu(
        in(load, "load").map(perMille -> perMille / 10.0),
        in(clocks, "cur_freq"),
        in(clocks, "max_freq"));
  }

  /** The folder with the clocks. */
  Reading<Path> clocks() {
    return clocks(discovered());
  }

  private Reading<Path> clocks(List<Path> found) {
    return first(
        Stream.concat(board.gpu().frequencyFolders().stream().map(tree::at), found.stream()),
        "cur_freq",
        "the kernel shows no clock of a GPU");
  }

  private List<Path> discovered() {
    List<Path> found = new ArrayList<>();
    for (Path device : tree.byName(tree.at("class/devfreq"))) {
      tree.text(device.resolve("device/of_node/name"))
          .value()
          .filter(name -> NODES.contains(name.replace("\0", "")))
          .ifPresent(name -> found.add(device));
    }
    return found;
  }

  private static Reading<Path> first(Stream<Path> folders, String file, String absent) {
    return folders
        .filter(folder -> Files.exists(folder.resolve(file)))
        .findFirst()
        .map(Reading::of)
        .orElseGet(() -> Reading.missing(absent));
  }

  private Reading<Long> in(Reading<Path> folder, String file) {
    return folder
        .value()
        .map(found -> tree.number(found.resolve(file)))
        .orElseGet(() -> Reading.missing(folder.fault()));
  }
}
