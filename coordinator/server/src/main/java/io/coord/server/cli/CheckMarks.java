package io.coord.server.cli;

import io.coord.thermal.Finding.Severity;

/** The mark before a finding. */
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
