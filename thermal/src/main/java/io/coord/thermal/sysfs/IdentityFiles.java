package io.coord.thermal.sysfs;

import io.coord.thermal.BoardIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a machine says it is, from the files that the device tree and L4T leave. */
public final class IdentityFiles {

  private IdentityFiles() {}

  /** Reads them below a root, normally {@code /}. Missing files are normal on other machines. */
  public static BoardIdentity read(Path root) {
    return read(root, new DeadlineReader());
  }

  static BoardIdentity read(Path root, FileReader reader) {
    SysfsTree tree = new SysfsTree(root, reader);
    return new BoardIdentity(
        tree.text(tree.at("proc/device-tree/compatible")).map(IdentityFiles::entries),
        tree.text(tree.at("proc/device-tree/model"))
            .map(text -> String.join(" ", entries(text)).strip()),
        tree.text(tree.at("etc/nv_tegra_release"))
            .map(text -> text.lines().findFirst().orElse("")));
  }

  /** A property of the device tree: texts that each end in NUL. */
  private static List<String> entries(String property) {
    return Stream.of(property.split("\0", -1)).filter(entry -> !entry.isEmpty()).toList();
  }
}
