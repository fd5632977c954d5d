package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A jar that brings native code brings it for the machines that coord runs on. Which jars do is
 * found by looking into all that are needed at run time.
 */
class NativePartsTest {
  /** Written by the build. */
  private static final Path CLASS_PATH = Path.of("target", "run-time-class-path");

  private static final Pattern NATIVE =
      Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)(\\.[0-9.]+)?");

  /** As a word of the path: not for Android, not for another C library. */
  private static final Pattern LINUX = Pattern.compile("(^|.*[/_.-])linux[/_.-].*");

  private static final Pattern OTHER_LIBRARY = Pattern.compile(".*(musl|android).*");

  private static final int HEADER_BYTES = 20;
  private static final int MACHINE_OFFSET = 18;

  /**
   * A native part of a jar.
   *
   * @param elf whether it is an ELF file
   * @param machine which one it is for, if it is a 64-bit little-endian one; 0 for any other
   */
  private record Part(String name, boolean elf, int machine) {

    private static Part of(String name, byte[] header) {
      boolean elf =
          header.length == HEADER_BYTES
              && Arrays.equals(header, 0, 4, new byte[] {0x7f, 'E', 'L', 'F'}, 0, 4);
      int machine =
          elf && header[4] == 2 && header[5] == 1
              ? ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getShort(MACHINE_OFFSET)
              : 0;
      return new Part(name, elf, machine);
    }

    private boolean isForLinux() {
      String path = name.toLowerCase(Locale.ROOT);
      return LINUX.matcher(path).matches() && !OTHER_LIBRARY.matcher(path).matches();
    }
  }

  private static List<Path> jars() throws IOException {
    return Arrays.stream(Files.readString(CLASS_PATH).strip().split(File.pathSeparator, -1))
        .map(Path::of)
        .filter(Files::isRegularFile)
        .toList();
  }

  private static List<Part> parts(Path jar) throws IOException {
    List<Part> parts = new ArrayList<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          Part part = Part.of(entry.getName(), in.readNBytes(HEADER_BYTES));
          if (part.elf() || NATIVE.matcher(entry.getName()).matches()) {
            parts.add(part);
          }
        }
      }
    }
    return parts;
  }

  @Test
  void sqliteBringsNativeCodeSoTheScanFindsSome() throws IOException {
    assertThat(jars()).hasSizeGreaterThan(10);
    List<String> found = new ArrayList<>();
    for (Path jar : jars()) {
      if (!parts(jar).isEmpty()) {
        found.add(String.valueOf(jar.getFileName()));
      }
    }
    assertThat(found).anyMatch(name -> name.startsWith("sqlite-jdbc-"));
  }

  @ParameterizedTest
  @CsvSource({"aarch64, 183", "x86_64, 62"})
  void eachJarWithNativeCodeHasItForLinuxOn(String architecture, int machine) throws IOException {
    for (Path jar : jars()) {
      List<Part> parts = parts(jar);
      if (!parts.isEmpty()) {
        assertThat(parts)
            .as("%s has a part for Linux on %s", jar.getFileName(), architecture)
            .anyMatch(part -> part.isForLinux() && part.machine() == machine);
      }
    }
  }

  @Test
  void aPartIsForTheMachineThatItsPathNames() throws IOException {
    for (Path jar : jars()) {
      for (Part part : parts(jar)) {
        String path = part.name().toLowerCase(Locale.ROOT);
        if (part.isForLinux() && path.contains("/aarch64/")) {
          assertThat(part.machine()).as("%s", part.name()).isEqualTo(183);
        } else if (part.isForLinux() && path.contains("/x86_64/")) {
          assertThat(part.machine()).as("%s", part.name()).isEqualTo(62);
        }
      }
    }
  }
}
