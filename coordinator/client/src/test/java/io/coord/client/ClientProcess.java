package io.coord.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The client as a real process. A shell starts it from a script of plain bytes, because the JVM of
 * the test would encode arguments by its own locale.
 */
final class ClientProcess {
  /** Far more than it ever takes; a bound for a client that hangs. */
  private static final long PATIENCE_SECONDS = 120;

  private static final String CLASSES =
      Path.of(Client.class.getProtectionDomain().getCodeSource().getLocation().getPath())
          .toString();

  /** The clients, which all behave alike. */
  enum Kind {
    JAVA(
        quote(Path.of(System.getProperty("java.home"), "bin", "java").toString())
            + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "
            + quote(CLASSES)
            + " io.coord.client.Client "),
    PERL("perl " + quote(Path.of("src/main/perl/coord-client.pl").toAbsolutePath() + "") + " ");

    private final String command;

    Kind(String command) {
      this.command = command;
    }

    /** How to start it, for the shell. */
    String command() {
      return command;
    }
  }

  /** What came of it. */
  record Outcome(int exitCode, String out, String err) {}

  private final Kind kind;
  private final Path folder;
  private final Map<String, String> environment = new LinkedHashMap<>();

  /**
   * @param folder for the script and the output
   */
  ClientProcess(Kind kind, Path folder) {
    this.kind = kind;
    this.folder = folder;
    environment.put("PATH", System.getenv("PATH"));
    environment.put("LC_ALL", "C");
  }

  /** Sets a variable of its environment, which otherwise is nearly empty. ASCII only. */
  ClientProcess with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** The client with these arguments. */
  Outcome run(String... arguments) throws Exception {
    return shell(line(arguments));
  }

  /** Runs a script that contains {@link #line}. */
  Outcome shell(String script) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        builder(script).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new Outcome(exitCodeOf(process), Files.readString(out), Files.readString(err));
  }

  /** Starts the client with its output and errors on pipes; neither is much. */
  Process start(String... arguments) throws IOException {
    return builder("exec " + line(arguments)).start();
  }

  static int exitCodeOf(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the client does not end");
    }
    return process.exitValue();
  }

  private ProcessBuilder builder(String script) throws IOException {
    Path file = folder.resolve("script");
    Files.write(file, script.getBytes(StandardCharsets.UTF_8));
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", file.toString());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.directory(folder.toFile()).redirectInput(Path.of("/dev/null").toFile());
  }

  /** The client with these arguments, for the shell. */
  String line(String... arguments) {
    List<String> words = new ArrayList<>();
    for (String argument : arguments) {
      words.add(quote(argument));
    }
    return kind.command() + String.join(" ", words);
  }

  /** One word for the shell. */
  static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
