package io.coord.scheduler.core.state;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The queued experiments that need the same besides memory, in the order of admission: a balanced
 * tree (a treap, shaped by a hash of the sequences) in which each node knows the least and the most
 * memory that one below it needs that is ready. The first that fits is found without a look at
 * those that do not.
 */
final class WaitingLane {
  /** The parts of a tree are compared in pages of this many bytes, as a power of two. */
  private static final int PAGE_BITS = 12;

  final QueueLane need;

  /** How many {@link WaitingExperiment.Common} there are that may use it. */
  int users;

  private @Nullable WaitingExperiment root;

  // The two parts of a tree that was split last.
  private @Nullable WaitingExperiment front;
  private @Nullable WaitingExperiment back;

  WaitingLane(QueueLane need) {
    this.need = need;
  }

  void add(WaitingExperiment one) {
    root = added(root, one);
  }

  void remove(WaitingExperiment one) {
    root = removed(root, one);
    one.left = null;
    one.right = null;
  }

  /** One of them has become ready, or is it no longer. */
  void changed(WaitingExperiment one) {
    updateDownTo(root, one);
  }

  /** Any of them may have become ready, or is it no longer. */
  void allChanged() {
    updateAll(root);
  }

  /**
   * The first in the order of admission that is looked for; null if there is none.
   *
   * @param upToRam needs at most this memory, in bytes
   */
  @Nullable WaitingExperiment first(QueueSearch search, long upToRam) {
    return first(root, search, upToRam);
  }

  private static @Nullable WaitingExperiment first(
      @Nullable WaitingExperiment top, QueueSearch search, long upToRam) {
    if (top == null
        || (long) top.leastRam << PAGE_BITS > upToRam
        || (long) top.mostRam << PAGE_BITS <= search.moreThanRam()) {
      return null;
    }
    if (search.part().behind().filter(one -> top.compareTo(one) <= 0).isPresent()) {
      return first(top.right, search, upToRam);
    }
    WaitingExperiment found = first(top.left, search, upToRam);
    if (found != null || search.part().upTo().filter(one -> top.compareTo(one) > 0).isPresent()) {
      return found;
    }
    return takes(top, search, upToRam) ? top : first(top.right, search, upToRam);
  }

  private static boolean takes(WaitingExperiment one, QueueSearch search, long upToRam) {
    return one.isReady()
        && one.ramBytes <= upToRam
        && one.ramBytes > search.moreThanRam()
        && search.fits().test(one.experiment());
  }

  private WaitingExperiment added(@Nullable WaitingExperiment top, WaitingExperiment one) {
    if (top == null) {
      update(one);
      return one;
    }
    if (weight(one) > weight(top)) {
      split(top, one);
      one.left = front;
      one.right = back;
      update(one);
      return one;
    }
    if (one.compareTo(top) < 0) {
      top.left = added(top.left, one);
    } else {
      top.right = added(top.right, one);
    }
    update(top);
    return top;
  }

  /** Takes a tree apart into what is before and what is behind one that is not in it. */
  private void split(@Nullable WaitingExperiment top, WaitingExperiment one) {
    if (top == null) {
      front = null;
      back = null;
    } else if (one.compareTo(top) < 0) {
      split(top.left, one);
      top.left = back;
      update(top);
      back = top;
    } else {
      split(top.right, one);
      top.right = front;
      update(top);
      front = top;
    }
  }

  private static @Nullable WaitingExperiment removed(
      @Nullable WaitingExperiment top, WaitingExperiment one) {
    if (top == null) {
      throw new IllegalStateException("not in its lane: " + one.id());
    }
    if (top == one) {
      return joined(top.left, top.right);
    }
    if (one.compareTo(top) < 0) {
      top.left = removed(top.left, one);
    } else {
      top.right = removed(top.right, one);
    }
    update(top);
    return top;
  }

  private static @Nullable WaitingExperiment joined(
      @Nullable WaitingExperiment before, @Nullable WaitingExperiment behind) {
    if (before == null) {
      return behind;
    }
    if (behind == null) {
      return before;
    }
    if (weight(before) > weight(behind)) {
      before.right = joined(before.right, behind);
      update(before);
      return before;
    }
    behind.left = joined(before, behind.left);
    update(behind);
    return behind;
  }

  private static void updateDownTo(@Nullable WaitingExperiment top, WaitingExperiment one) {
    if (top == null) {
      throw new IllegalStateException("not in its lane: " + one.id());
    }
    if (top != one) {
      updateDownTo(one.compareTo(top) < 0 ? top.left : top.right, one);
    }
    update(top);
  }

  private static void updateAll(@Nullable WaitingExperiment top) {
    if (top != null) {
      updateAll(top.left);
      updateAll(top.right);
      update(top);
    }
  }

  private static void update(WaitingExperiment top) {
    boolean ready = top.isReady();
    int least = ready ? clamped(top.ramBytes >> PAGE_BITS) : Integer.MAX_VALUE;
    int most = ready ? clamped(((top.ramBytes - 1) >> PAGE_BITS) + 1) : Integer.MIN_VALUE;
    WaitingExperiment left = top.left;
    if (left != null) {
      least = Math.min(least, left.leastRam);
      most = Math.max(most, left.mostRam);
    }
    WaitingExperiment right = top.right;
    if (right != null) {
      least = Math.min(least, right.leastRam);
      most = Math.max(most, right.mostRam);
    }
    top.leastRam = least;
    top.mostRam = most;
  }

  private static int clamped(long pages) {
    return (int) Math.min(Integer.MAX_VALUE, pages);
  }

  /** Scrambles a sequence: a heap of these is balanced whatever the order of the sequences. */
  private static long weight(WaitingExperiment one) {
    long bits = one.sequence * 0x9E3779B97F4A7C15L;
    bits = (bits ^ (bits >>> 32)) * 0xD6E8FEB86659FD93L;
    return bits ^ (bits >>> 32);
  }

  /** All of them in the order of admission; valid until one is added or removed. */
  Iterator<WaitingExperiment> iterator() {
    return new InOrder(root);
  }

  private static final class InOrder implements Iterator<WaitingExperiment> {
    private final ArrayDeque<WaitingExperiment> path = new ArrayDeque<>();

    InOrder(@Nullable WaitingExperiment top) {
      descend(top);
    }

    private void descend(@Nullable WaitingExperiment top) {
      for (WaitingExperiment one = top; one != null; one = one.left) {
        path.push(one);
      }
    }

    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public WaitingExperiment next() {
      if (path.isEmpty()) {
        throw new NoSuchElementException();
      }
      WaitingExperiment one = path.pop();
      descend(one.right);
      return one;
    }
  }
}
