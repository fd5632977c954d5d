package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.daemon.DaemonMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each command in the documents that needs no installed package, run as it stands there by {@code
 * script/doc-commands}: one shell for a page, with a coordinator of its own.
 */
class DocumentsLiveTest extends LiveTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  private static final Set<String> VARIABLES =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "LC_ALL",
          "JAVA_HOME",
          "TMPDIR",
          "XDG_RUNTIME_DIR",
          "DBUS_SESSION_BUS_ADDRESS");

  static Stream<String> pages() throws Exception {
    try (Stream<Path> pages = Files.walk(ROOT.resolve("docs"), 2)) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), pages)
          .filter(DocumentsLiveTest::hasCommands)
          .map(page -> ROOT.relativize(page).toString())
          .filter(page -> page.matches("README.md|docs/[A-Z]+.md|docs/guide/[a-z-]+.md"))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static boolean hasCommands(Path page) {
    try {
      return Files.isRegularFile(page) && Files.readString(page).contains("\n```console\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the page '" + page + "'", e);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void eachCommandDoesWhatThePageSays(String page) throws Exception {
    coord.set("TOTAL_RAM_LIMIT_GB", "6").set("GROUP_SLOTS", "gpu=1").start();
    Path bin = Files.createDirectory(coord.work().resolveSibling("bin"));
    program(bin.resolve("coord"), launcher());
    // Here all is one user's; who may do what is tried on a machine where it is installed.
    program(bin.resolve("sudo"), "exec \"$@\"");
    LivePrograms.run("cp", "-r", ROOT.resolve("examples").toString(), coord.work().toString());
    shorten(coord.work().resolve("examples/amnesiac_001.json"));

    Path said = coord.work().resolveSibling("said");
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-c", "bash <(\"$0\"/script/doc-commands script \"$0/$1\")")
            .directory(coord.work().toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    shell.command().addAll(List.of(ROOT.toString(), page));
    Map<String, String> environment = shell.environment();
    // As after a login on a machine that sets nothing else: coord names some variables that are
    // set.
    environment.keySet().retainAll(VARIABLES);
    environment.putAll(coord.roots());
    environment.put("COORD_USER", "1");
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    Process process = shell.start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(HANG_SECONDS - 60, TimeUnit.SECONDS);
    process.destroyForcibly();

    assertThat(ended).as("ends: " + Files.readString(said)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
  }

  /** Twenty cycles of a second each, which two pages wait for, in a fifth of the time. */
  private static void shorten(Path config) throws IOException {
    String text = Files.readString(config);
    assertThat(text).contains("\"max_cycles\"");
    Files.writeString(
        config,
        text.replace(
            "\"max_cycles\"", "\"reference_runner\": {\"cycle_seconds\": 0.2}, \"max_cycles\""));
  }

  /** As bin/coord does it, with the classes that are tested. */
  private static String launcher() {
    return """
    case "$1 $2" in
      'daemon '* | 'demo '* | 'selftest '* | 'config check') ;;
      *) exec perl '%s' "$@" ;;
    esac
    exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' %s "$@"
    """
        .formatted(
            ROOT.resolve("coordinator/client/src/main/perl/coord-client.pl"),
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"),
            DaemonMain.class.getName());
  }

  private static void program(Path file, String text) throws Exception {
    Files.writeString(file, "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
