package io.coord.server.cli;

import io.coord.thermal.Finding.Severity;

/** What stands before a thing that was looked at. */
final class CheckMarks {
  private CheckMarks() {}

  static String of(Severity severity) {
    return switch (severity) {
      case OK -> "✓";
      case WARNING -> "!";
      case FAULT -> "✗";
    };
  }
}
