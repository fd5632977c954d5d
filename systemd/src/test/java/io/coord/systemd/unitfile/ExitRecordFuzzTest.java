package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ExitRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the exit records contain, whole records are read and all else is left out. */
class ExitRecordFuzzTest {
  /** A moment in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 1_000);

  private static final String RECORD =
      "0123456789abcdef0123456789abcdef\t5d4b7e56-2db3-4c92-9238-736f3a559524\t1790000000"
          + "\texit-code\texited\t3\t0\t4096\t61230\t0\tstop\t=cycle 7/20\t1:2.000000000:3\t.\n";

  private static final String SPLINTERS = "\t\n\r\0-=.:0129aZ \u00ff\u0085";

  private @TempDir Path folder;

  @Test
  void readsTheWholeRecordsOfEveryMutation() throws IOException {
    Random random = new Random(13);
    int read = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      StringBuilder text = new StringBuilder(RECORD.repeat(2));
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        char splinter = SPLINTERS.charAt(random.nextInt(SPLINTERS.length()));
        switch (random.nextInt(4)) {
          case 0 -> text.setCharAt(at, splinter);
          case 1 -> text.insert(at, splinter);
          case 2 -> text.insert(at, Character.toString(splinter).repeat(random.nextInt(400)));
          default -> text.delete(at, Math.min(text.length(), at + random.nextInt(9)));
        }
      }
      List<ExitRecord> records = read(text.append(RECORD).toString());
      assertThat(records).as("%s", text).hasSizeBetween(0, 4);
      for (ExitRecord record : records) {
        assertThat(record.evidence().statusText().length()).isLessThanOrEqualTo(300);
        assertThat(record.evidence().check()).matches("|timeout|[0-9]{1,3}");
        assertThat(record.invocation() + record.result()).matches("[0-9A-Za-z+-]*");
      }
      read += records.size();
    }
    assertThat(read).isBetween(MUTATIONS, MUTATIONS * 3);
  }

  @Test
  void readsABoundedPartOfWhatRepeatsItself() throws IOException {
    assertThat(read("\t".repeat(9 << 20))).isEmpty();
    for (int i = 0; i < SPLINTERS.length(); i++) {
      String repeated = SPLINTERS.substring(i, i + 1).repeat(1 << 16);
      assertThat(read(repeated + RECORD)).hasSizeBetween(0, 1);
    }
    assertThat(read(RECORD.repeat((9 << 20) / RECORD.length()))).hasSizeLessThan(60_000);
  }

  private List<ExitRecord> read(String text) throws IOException {
    Path file = folder.resolve("records");
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    return ExitRecords.read(file, folder.resolve("none"), 0);
  }
}
