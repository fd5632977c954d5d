package io.coord.thermal;

import java.util.List;

/** The thermal zones of a machine. For one thread at a time. */
public interface Zones {

  /**
   * Reads every zone once, in the kernel's number order. A zone that cannot be read is in the list
   * too, as offline; one bad zone never hides the others. Empty is normal on a machine without
   * zones.
   */
  List<ZoneReading> read();
}
