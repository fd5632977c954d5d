package io.coord.thermal.nvpmodel;

import io.coord.thermal.Cores;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.process.ProcessRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** A folder with all that the power tools of a Jetson need, and stand-ins for the tools. */
final class FakeBoard {

  /** Long enough on a busy machine. */
  static final NvpModel.Limits LIMITS = NvpModel.Limits.DEFAULT;

  private final Path folder;
  private final PowerModes modes;

  /** A board with these modes, in the one with id 0. */
  FakeBoard(Path folder, PowerModes modes) {
    this.folder = folder;
    this.modes = modes;
    for (String tool : List.of("nvpmodel", "jetson_clocks")) {
      write("bin/" + tool, ModeTables.resource(tool));
      try {
        Files.setPosixFilePermissions(
            folder.resolve("bin/" + tool), PosixFilePermissions.fromString("rwxr-xr-x"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    write("root/etc/nvpmodel.conf", ModeTables.text(modes));
    set(0);
    behaviour("");
  }

  /** Puts the board in a mode, as a reboot does. */
  void set(int id) {
    PowerMode mode = modes.find(id).orElseThrow();
    write("root/var/lib/nvpmodel/status", "pmode:%04d\n".formatted(id));
    mode.online().numbers().forEach(core -> core(core, "1"));
    mode.offline().numbers().forEach(core -> core(core, "0"));
    write("sys/devices/system/cpu/online", mode.online() + "\n");
  }

  private void core(int number, String online) {
    write("sys/devices/system/cpu/cpu" + number + "/online", online + "\n");
  }

  void setNone() {
    write("root/var/lib/nvpmodel/status", "");
  }

  /** How the tools behave from now on, in the words that they list; more settings may follow. */
  void behaviour(String words, String... settings) {
    write(
        "bin/nvpmodel.settings",
        """
        CONF='%1$s/root/etc/nvpmodel.conf' STATUS='%1$s/root/var/lib/nvpmodel/status'
        SYSFS='%1$s/sys' MEMORY='%1$s/memory' BEHAVIOUR='%2$s'
        %3$s
        """
            .formatted(folder, words, String.join("\n", settings)));
  }

  Path tool() {
    return folder.resolve("bin/nvpmodel");
  }

  BoardFiles files() {
    return new BoardFiles(folder.resolve("root"), folder.resolve("sys"));
  }

  Cores online() {
    return files().online().orElseThrow();
  }

  ProcessRunner runner() {
    return new ProcessRunner(folder);
  }

  JetsonClocks clocks(Duration limit) {
    return new JetsonClocks(
        folder.resolve("bin/jetson_clocks"), runner(), folder.resolve("note"), limit);
  }

  NvpModel control() {
    return control(MaximumClocks.NONE, LIMITS);
  }

  NvpModel control(MaximumClocks clocks, NvpModel.Limits limits) {
    return new NvpModel(tool(), files(), runner(), runner(), clocks, limits);
  }

  /** What the tools were called with since the last call of this method. */
  List<String> takeCalls() {
    Path calls = folder.resolve("memory/calls");
    try {
      List<String> lines = Files.exists(calls) ? Files.readAllLines(calls) : List.of();
      Files.deleteIfExists(calls);
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the tool would have rebooted a real board. */
  boolean rebooted() {
    return Files.exists(folder.resolve("memory/rebooted"));
  }

  boolean pinned() {
    return Files.exists(folder.resolve("memory/clocks"));
  }

  void write(String file, String text) {
    Path path = folder.resolve(file);
    try {
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
