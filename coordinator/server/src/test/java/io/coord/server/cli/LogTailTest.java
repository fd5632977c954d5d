package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following a file that is written, and put aside as logrotate does. */
class LogTailTest {
  @TempDir Path folder;
  private final CommandLines.Heard heard = new CommandLines.Heard();

  /** Does one thing each time that it is asked whether more will come; the last is the end. */
  private static BooleanSupplier after(Runnable... things) {
    Iterator<Runnable> left = List.of(things).iterator();
    return () -> {
      left.next().run();
      return !left.hasNext();
    };
  }

  private Runnable write(String text) {
    return () -> {
      try {
        Files.writeString(folder.resolve("x.log"), text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @Test
  void aFileThatIsPutAsideIsReadFromItsStart() {
    LogTail tail = new LogTail(folder.resolve("x.log"), heard);
    write("one\ntwo\nthree\n").run();
    long at = tail.last(1);

    tail.follow(at, after(write("one\ntwo\nthree\nfour\n"), write("five\n"), write("five\nsix\n")));

    assertThat(heard.text.toString()).isEqualTo("three\nfour\nfive\nsix\n");
    assertThat(heard.errors)
        .containsExactly("coord: 'x.log' was rotated; continuing with the new file");
  }
}
