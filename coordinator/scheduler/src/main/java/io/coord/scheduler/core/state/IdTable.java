package io.coord.scheduler.core.state;

import org.jspecify.annotations.Nullable;

/**
 * Waiting experiments by id, with a tenth of the memory that a map needs: open addressing, never
 * more than half full. Has no order, and cannot be gone through.
 */
final class IdTable {
  private static final int SMALLEST = 16;

  private @Nullable WaitingExperiment[] slots = new WaitingExperiment[SMALLEST];
  private int size;

  @Nullable WaitingExperiment find(String id) {
    for (int at = home(id.hashCode()); ; at = next(at)) {
      WaitingExperiment one = slots[at];
      if (one == null || one.hasId(id)) {
        return one;
      }
    }
  }

  /** Adds one whose id is not in it. */
  void add(WaitingExperiment one) {
    if (size >= slots.length / 2) {
      resize(slots.length * 2);
    }
    put(one);
    size++;
  }

  private void put(WaitingExperiment one) {
    int at = home(one.hashOfId());
    while (slots[at] != null) {
      at = next(at);
    }
    slots[at] = one;
  }

  /** Removes the one with this id; null if there was none. */
  @Nullable WaitingExperiment remove(String id) {
    int at = home(id.hashCode());
    while (true) {
      WaitingExperiment one = slots[at];
      if (one == null) {
        return null;
      }
      if (one.hasId(id)) {
        break;
      }
      at = next(at);
    }
    WaitingExperiment removed = slots[at];
    slots[at] = null;
    size--;
    // INVARIANT: between the home of one and its slot no slot is free.
    for (int follows = next(at); ; follows = next(follows)) {
      WaitingExperiment one = slots[follows];
      if (one == null) {
        break;
      }
      slots[follows] = null;
      put(one);
    }
    if (slots.length > SMALLEST && size < slots.length / 8) {
      resize(slots.length / 2);
    }
    return removed;
  }

  private void resize(int length) {
    @Nullable WaitingExperiment[] before = slots;
    slots = new WaitingExperiment[length];
    for (WaitingExperiment one : before) {
      if (one != null) {
        put(one);
      }
    }
  }

  private int home(int hashOfId) {
    int hash = hashOfId * 0x9E3779B9;
    return (hash ^ (hash >>> 16)) & (slots.length - 1);
  }

  private int next(int at) {
    return (at + 1) & (slots.length - 1);
  }
}
