package io.coord.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The mounted file systems, from {@code /proc/self/mounts}. */
final class MountTable {
  /** A mount in a container or with thousands of file systems has a few hundred kB. */
  private static final int LIMIT_BYTES = 4 << 20;

  private final List<Mount> mounts;

  private MountTable(List<Mount> mounts) {
    this.mounts = mounts;
  }

  private record Mount(Path point, Set<String> options) {}

  /** Reads the table; empty if it cannot be read, as in a made-up procfs. */
  static MountTable read(Path file) {
    List<Mount> mounts = new ArrayList<>();
    String text;
    try (var in = Files.newInputStream(file)) {
      text = new String(in.readNBytes(LIMIT_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return new MountTable(mounts);
    }
    for (String line : text.lines().toList()) {
      String[] fields = line.split(" ", -1);
      if (fields.length >= 4 && fields[1].startsWith("/")) {
        mounts.add(new Mount(Path.of(unescaped(fields[1])), Set.of(fields[3].split(",", -1))));
      }
    }
    return new MountTable(mounts);
  }

  /** The mount point of this path's file system, if programs cannot be run from it. */
  Optional<Path> noexec(Path path) {
    Optional<Mount> nearest = Optional.empty();
    for (Mount mount : mounts) {
      // Of those at the same point, the last covers the others.
      if (path.startsWith(mount.point())
          && nearest
              .filter(other -> other.point().getNameCount() > mount.point().getNameCount())
              .isEmpty()) {
        nearest = Optional.of(mount);
      }
    }
    return nearest.filter(mount -> mount.options().contains("noexec")).map(Mount::point);
  }

  /** The kernel writes blanks and backslashes in octal. */
  private static String unescaped(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
