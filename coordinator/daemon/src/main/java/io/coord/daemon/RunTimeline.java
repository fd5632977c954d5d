package io.coord.daemon;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** When runs began and ended, until it was measured. Threads may share it. */
final class RunTimeline {

  /** Between two readings; runs beyond that count as if they had lasted from reading to reading. */
  private static final int MAX_EDGES = 500;

  private final Deque<Edge> edges = new ArrayDeque<>();

  /**
   * The begin or the end of a run.
   *
   * @param at the uptime
   */
  record Edge(Duration at, String invocation, boolean begin) {}

  /** A time in which the same runs ran. */
  record Span(Duration from, Duration to, SortedSet<String> running) {
    Duration lasted() {
      return to.minus(from);
    }
  }

  synchronized void add(Edge edge) {
    if (edges.size() < MAX_EDGES) {
      edges.addLast(edge);
    }
  }

  /** All that were added after an uptime; those before are forgotten. */
  synchronized List<Edge> after(Duration uptime) {
    edges.removeIf(edge -> edge.at().compareTo(uptime) <= 0);
    return List.copyOf(edges);
  }

  /**
   * A time in spans of at least a millisecond.
   *
   * @param running what runs after the last edge
   * @param edges in order, none before {@code from}
   */
  static List<Span> spans(Duration from, Duration to, SortedSet<String> running, List<Edge> edges) {
    List<Span> backwards = new ArrayList<>();
    SortedSet<String> now = new TreeSet<>(running);
    Duration end = to;
    for (int i = edges.size() - 1; i >= 0; i--) {
      Edge edge = edges.get(i);
      if (edge.at().compareTo(end) < 0 && end.minus(edge.at()).toMillis() > 0) {
        backwards.add(new Span(edge.at(), end, new TreeSet<>(now)));
        end = edge.at();
      }
      if (edge.begin()) {
        now.remove(edge.invocation());
      } else {
        now.add(edge.invocation());
      }
    }
    if (end.minus(from).toMillis() > 0) {
      backwards.add(new Span(from, end, now));
    }
    List<Span> spans = new ArrayList<>();
    for (int i = backwards.size() - 1; i >= 0; i--) {
      spans.add(backwards.get(i));
    }
    return spans;
  }
}
