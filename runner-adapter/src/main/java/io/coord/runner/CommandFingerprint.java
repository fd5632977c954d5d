package io.coord.runner;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The one definition of "the same command": two experiments whose commands have the same
 * fingerprint run the same thing, with other numbers at most. For a command it is the program, and
 * the arguments with each number replaced by {@code #}; for a config the start of its runner's
 * command, {@code --config} and a digest of the config's text, in which each number is replaced
 * too.
 *
 * @param text fit for one line
 */
public record CommandFingerprint(String text) {
  /** Enough to tell commands apart; a bound for commands of many arguments. */
  static final int MAX_CODE_POINTS = 500;

  /** Digits with a fraction or an exponent; hexadecimal digits only after {@code 0x}. */
  private static final Pattern NUMBER =
      Pattern.compile("0[xX][0-9a-fA-F]+|\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?");

  private static final Pattern BLANK = Pattern.compile("\\s");

  /** The fingerprint of what a spec runs. */
  public static CommandFingerprint of(Spec.Task task) {
    if (task instanceof Spec.Command command) {
      return of(command.argv());
    }
    Spec.Config config = (Spec.Config) task;
    CommandFingerprint runner =
        of(Stream.concat(config.runner().stream(), Stream.of("--config")).toList());
    return new CommandFingerprint(
        runner.text() + " " + hex(digestOf(NUMBER.matcher(config.text()).replaceAll("#"))));
  }

  /**
   * What a spec runs, exactly: with its numbers.
   *
   * @return the first eight bytes of a SHA-256
   */
  public static long exact(Spec.Task task) {
    return task instanceof Spec.Command command
        ? digestOf(String.join("\0", command.argv()))
        : digestOf(((Spec.Config) task).text());
  }

  private static CommandFingerprint of(List<String> argv) {
    String arguments =
        argv.stream()
            .skip(1)
            .map(argument -> " " + word(NUMBER.matcher(argument).replaceAll("#")))
            .collect(Collectors.joining());
    return new CommandFingerprint(Quoting.oneLine(word(argv.get(0)) + arguments, MAX_CODE_POINTS));
  }

  /** Quoted where it would read as several words. */
  private static String word(String text) {
    return text.isEmpty() || BLANK.matcher(text).find() ? "'" + text + "'" : text;
  }

  /**
   * The same without the command: arguments may be secret, and a status is for everybody.
   *
   * @return 16 hexadecimal digits of its SHA-256
   */
  public String digest() {
    return hex(digestOf(text));
  }

  /** A digest as it is shown and stored: 16 hexadecimal digits. */
  public static String hex(long digest) {
    return HexFormat.of().toHexDigits(digest);
  }

  /** The first eight bytes of a text's SHA-256. */
  public static long digestOf(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
