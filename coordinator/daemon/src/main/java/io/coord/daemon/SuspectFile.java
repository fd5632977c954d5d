package io.coord.daemon;

import io.coord.runner.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the experiment whose event ended the daemon by an error. The next daemon sets it aside,
 * so that the same event does not end the daemon twice.
 */
final class SuspectFile {
  private static final Logger LOG = LoggerFactory.getLogger(SuspectFile.class);

  /** Why an experiment is held that was set aside at a start. */
  static final String WHY = "coord ended by an error while it processed this experiment";

  private static final int MAX_BYTES = 256;

  private final Path file;

  /**
   * @param state the state directory
   */
  SuspectFile(Path state) {
    this.file = state.resolve("suspect");
  }

  /** Remembers an experiment. Never throws: the daemon is ending. */
  void remember(String id) {
    try {
      Files.writeString(file, id);
    } catch (IOException | RuntimeException e) {
      LOG.error("cannot remember in '{}' that '{}' ended coord: {}", file, id, e.toString());
    }
  }

  /** The experiment that was remembered, which is forgotten now; empty if there is none. */
  Optional<String> take() {
    try {
      byte[] bytes = new byte[MAX_BYTES];
      int read;
      try (var in = Files.newInputStream(file)) {
        read = in.readNBytes(bytes, 0, MAX_BYTES);
      }
      Files.delete(file);
      String id = new String(bytes, 0, read, StandardCharsets.US_ASCII).strip();
      return Optional.of(id).filter(Spec::isId);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("cannot read '{}', which is left out: {}", file, e.toString());
      return Optional.empty();
    }
  }
}
