package io.coord.thermal.nvpmodel;

import io.coord.thermal.Cores;
import io.coord.thermal.PowerModes;
import io.coord.thermal.ThermalException;
import io.coord.thermal.sysfs.CpuFiles;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code nvpmodel} keeps in files, and the cores that the kernel has online. Any thread may
 * read.
 */
public final class BoardFiles {

  /** A configuration has about 20 kB. */
  private static final int LIMIT_BYTES = 1024 * 1024;

  /** Names the configuration on boards where it is none of the usual ones. */
  private static final String ELSEWHERE = "var/lib/nvpmodel/conf_file_path";

  /** In the order in which {@code nvpmodel} looks for it (R35.3.1). */
  private static final List<String> USUAL =
      List.of(
          "vendor/etc/nvpmodel.conf",
          "etc/nvpmodel/nvpmodel.conf",
          "etc/nvpmodel.conf",
          "odm/etc/nvpmodel.conf");

  private static final String STATUS = "var/lib/nvpmodel/status";

  private static final Pattern REMEMBERED = Pattern.compile("\\bpmode:(\\d{1,9})\\b");

  private final Path root;
  private final CpuFiles cpus;

  /**
   * @param root normally {@code /}
   * @param sysfsRoot where a sysfs is mounted, normally {@code /sys}
   */
  public BoardFiles(Path root, Path sysfsRoot) {
    this.root = root;
    this.cpus = new CpuFiles(sysfsRoot);
  }

  /** Where the table of modes is; empty if this is no board with {@code nvpmodel}. */
  public Optional<Path> configuration() {
    return read(root.resolve(ELSEWHERE))
        .map(String::strip)
        .filter(path -> path.startsWith("/"))
        .map(path -> root.resolve(path.substring(1)))
        .filter(Files::isRegularFile)
        .or(() -> USUAL.stream().map(root::resolve).filter(Files::isRegularFile).findFirst());
  }

  /** As {@link io.coord.thermal.PowerModeControl#modes}. */
  PowerModes modes() {
    Path file =
        configuration()
            .orElseThrow(
                () ->
                    new ThermalException(
                        "nvpmodel.conf",
                        "cannot find '%s'; power modes are not available"
                            .formatted(root.resolve("etc/nvpmodel.conf")),
                        null));
    try {
      return Configuration.parse(file.toString(), content(file));
    } catch (IOException e) {
      throw new ThermalException(
          file.toString(), "cannot read power modes from '%s': %s".formatted(file, e), e);
    }
  }

  /** As {@link io.coord.thermal.PowerModeControl#remembered}. */
  OptionalInt lastSetId() {
    return read(root.resolve(STATUS)).map(BoardFiles::remembered).orElse(OptionalInt.empty());
  }

  /** The mode in a status file, {@code pmode:0002}; older releases add the fan's on any line. */
  static OptionalInt remembered(String status) {
    Matcher matcher = REMEMBERED.matcher(status);
    return matcher.find()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** The cores that are online; empty if the kernel does not say. */
  public Optional<Cores> online() {
    return cpus.online().value().filter(cores -> !cores.isEmpty());
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(content(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String content(Path file) throws IOException {
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return new String(in.readNBytes(LIMIT_BYTES), StandardCharsets.UTF_8);
    }
  }
}
