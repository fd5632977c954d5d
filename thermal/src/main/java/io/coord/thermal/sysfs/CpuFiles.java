package io.coord.thermal.sysfs;

import io.coord.thermal.Cores;
import io.coord.thermal.Reading;
import java.nio.file.Path;

/** Which CPUs the kernel has. Threads may share it. */
public final class CpuFiles {

  private final SysfsTree tree;

  /** Those of a sysfs that is mounted there, normally {@code /sys}. */
  public CpuFiles(Path sysfsRoot) {
    this(sysfsRoot, new DeadlineReader());
  }

  CpuFiles(Path sysfsRoot, FileReader reader) {
    this.tree = new SysfsTree(sysfsRoot, reader);
  }

  /** Those that can run something now. */
  public Reading<Cores> online() {
    return cores("online");
  }

  /** Those that could be switched on. */
  public Reading<Cores> present() {
    return cores("present");
  }

  private Reading<Cores> cores(String which) {
    Reading<String> text = tree.text(tree.at("devices/system/cpu").resolve(which));
    try {
      return text.map(Cores::parse);
    } catch (IllegalArgumentException e) {
      return Reading.missing(String.valueOf(e.getMessage()));
    }
  }
}
