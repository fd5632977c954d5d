package io.coord.systemd.dbus;

import java.util.BitSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;

/** Sets of cores as systemd sends them: bit n of byte m is core 8 * m + n. */
final class CoreMask {
  private CoreMask() {}

  static byte[] of(SortedSet<Integer> cores) {
    BitSet bits = new BitSet();
    cores.forEach(bits::set);
    return bits.toByteArray();
  }

  /**
   * The cores of a mask.
   *
   * @param mask an array or list of bytes, as the library returns it; anything else is empty
   */
  static SortedSet<Integer> cores(Object mask) {
    byte[] bytes = new byte[0];
    if (mask instanceof byte[] raw) {
      bytes = raw;
    } else if (mask instanceof List<?> list) {
      bytes = new byte[list.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = ((Number) list.get(i)).byteValue();
      }
    }
    NavigableSet<Integer> cores = new TreeSet<>();
    BitSet.valueOf(bytes).stream().forEach(cores::add);
    return cores;
  }
}
