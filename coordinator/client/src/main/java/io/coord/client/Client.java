package io.coord.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program behind {@code coord COMMAND}, for all commands that need the daemon: sends it the
 * command line and prints what comes back.
 */
public final class Client {
  private static final String HEAD =
      "POST /v1/cli HTTP/1.0\r\nHost: coord\r\nContent-Type: application/json\r\n"
          + "Accept: application/octet-stream, text/plain\r\nContent-Length: ";

  /** How long the daemon may be away while a command waits. An upgrade takes up to a minute. */
  private static final int PATIENCE_SECONDS = 300;

  private static final int RETRY_MILLIS = 200;

  /** Said to the launcher instead of 1, with which a JVM ends that cannot start. */
  private static final int FAILED_FOR_LAUNCHER = 101;

  private final ClientOutput output;
  private final Invocation caller;
  private final List<String> argv;
  private final DaemonConnection daemon;
  private final String workingDirectory;

  private Client(ClientOutput output, Invocation caller) throws ExitException {
    this.output = output;
    this.caller = caller;
    List<String> arguments = caller.arguments();
    boolean flag = !arguments.isEmpty() && arguments.get(0).equals("--user");
    this.argv = flag ? arguments.subList(1, arguments.size()) : arguments;
    this.daemon = DaemonConnection.of(caller, flag || caller.variable("COORD_USER").equals("1"));
    this.workingDirectory = caller.workingDirectory();
  }

  /**
   * Ends the JVM with the exit code of the command.
   *
   * @param args only their number counts: their text may have lost letters to the locale
   */
  public static void main(String[] args) {
    ClientOutput output = new ClientOutput();
    int exitCode;
    try {
      Invocation caller = Invocation.read(Client.class.getName(), args.length);
      exitCode = run(output, caller);
      if (exitCode == 1 && !caller.variable("COORD_LAUNCHER").isEmpty()) {
        exitCode = FAILED_FOR_LAUNCHER;
      }
    } catch (ExitException exit) {
      exitCode = report(output, exit);
    }
    // Output is not buffered; there is nothing to shut down.
    Runtime.getRuntime().halt(exitCode);
  }

  private int run() throws ExitException {
    InputRequest input = new InputRequest();
    ResponseReader response = run(input);
    String needed = response.needed();
    if (needed != null) {
      input.gather(needed, caller);
      response = run(input);
      if (response.needed() != null) {
        throw new ExitException(
            ExitException.INTERNAL,
            "coord: the daemon requested files twice; check that client and daemon have the same"
                + " version. Nothing was enqueued");
      }
    }
    return response.exitCode();
  }

  private static int run(ClientOutput output, Invocation caller) throws ExitException {
    try {
      return new Client(output, caller).run();
    } catch (ExitException exit) {
      String launcher = caller.variable("COORD_LAUNCHER");
      String message = exit.getMessage();
      return exit.exitCode() == ExitException.UNREACHABLE && message != null && !launcher.isEmpty()
          ? Launcher.answerWithoutDaemon(launcher, message, caller)
          : report(output, exit);
    }
  }

  private static int report(ClientOutput output, ExitException exit) {
    String message = exit.getMessage();
    if (message != null) {
      output.errorLine(message);
    }
    return exit.exitCode();
  }

  /** Sends the command; continues it if the daemon restarts and the command allows that. */
  private ResponseReader run(InputRequest input) throws ExitException {
    ResponseReader response = ask(request(words(), input), null);
    String resume = response.resume();
    while (resume != null) {
      response = reconnect(resume);
      resume = response.resume();
    }
    return response;
  }

  private ResponseReader ask(ByteBuffer request, @Nullable String resume) throws ExitException {
    try (SocketChannel connection = daemon.connect()) {
      send(connection, request);
      ResponseReader response = new ResponseReader(connection, output, argv, resume);
      try {
        response.read();
      } catch (ExitException e) {
        throw response.lost() ? lost(e) : e;
      }
      return response;
    } catch (IOException e) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: cannot close the connection to the daemon: " + e.getMessage());
    }
  }

  /** If somebody has stopped the daemon, the message says so. */
  private ExitException lost(ExitException e) {
    String stopped = daemon.stopped();
    return stopped == null
        ? e
        : new ExitException(
            e.exitCode(),
            "coord: connection to the daemon lost: the daemon was "
                + stopped
                + ", then check 'coord status'");
  }

  /** A daemon that restarts is away for a moment. */
  private ResponseReader reconnect(String resume) throws ExitException {
    ByteBuffer request = request(resume, new InputRequest());
    long start = System.nanoTime();
    boolean said = false;
    while (System.nanoTime() - start < PATIENCE_SECONDS * 1_000_000_000L) {
      pause();
      try {
        return ask(request.rewind(), resume);
      } catch (ExitException e) {
        // A daemon that is stopping or starting refuses with 503.
        if (e.exitCode() != ExitException.UNREACHABLE && e.exitCode() != ExitException.NOT_NOW) {
          throw e;
        }
        String stopped =
            !said && e.exitCode() == ExitException.UNREACHABLE ? daemon.stopped() : null;
        if (stopped != null) {
          // This one may stay away; whoever waits should know.
          said = true;
          output.errorLine(
              "coord: the daemon was "
                  + stopped
                  + ". This command waits for it for "
                  + PATIENCE_SECONDS
                  + " s");
        }
      }
    }
    throw new ExitException(
        ExitException.UNREACHABLE,
        "coord: connection to the daemon lost, and it has not come back for "
            + PATIENCE_SECONDS
            + " s; check it with 'coord status', then repeat the command");
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(SocketChannel channel, ByteBuffer request) {
    try {
      while (request.hasRemaining()) {
        channel.write(request);
      }
    } catch (IOException e) {
      // The daemon refused the request before its end; its response says why.
    }
  }

  private static String head(int length) {
    return HEAD.concat(Integer.toString(length)).concat("\r\n\r\n");
  }

  private ByteBuffer request(String words, InputRequest input) throws ExitException {
    byte[] body = body(words, input).getBytes(StandardCharsets.UTF_8);
    byte[] head = head(body.length).getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip();
  }

  /** The command line as a JSON array. */
  private String words() {
    StringBuilder json = new StringBuilder(256);
    char before = '[';
    for (String word : argv) {
      json.append(before);
      before = ',';
      Text.appendJson(json, word);
    }
    return (argv.isEmpty() ? json.append('[') : json).append(']').toString();
  }

  private String body(String words, InputRequest input) throws ExitException {
    int columns = columns();
    StringBuilder json = new StringBuilder(1024).append("{\"argv\":").append(words);
    json.append(",\"cwd\":");
    Text.appendJson(json, workingDirectory);
    json.append(",\"columns\":").append(columns);
    json.append(",\"color\":").append(columns > 0 && color());
    json.append(",\"environment\":");
    appendObject(json, input.environment());
    json.append(",\"files\":");
    appendObject(json, input.files());
    return json.append('}').toString();
  }

  private static void appendObject(StringBuilder json, Map<String, String> entries) {
    char before = '{';
    if (entries.isEmpty()) {
      json.append(before);
    }
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      json.append(before);
      before = ',';
      Text.appendJson(json, entry.getKey());
      json.append(':');
      Text.appendJson(json, entry.getValue());
    }
    json.append('}');
  }

  /** The width of the terminal, as the launcher measured it; 0 if there is none. */
  private int columns() throws ExitException {
    String columns = caller.variable("COORD_COLUMNS");
    int width = 0;
    for (int i = 0; i < columns.length(); i++) {
      char c = columns.charAt(i);
      if (c < '0' || c > '9' || width > 9999) {
        return 0;
      }
      width = width * 10 + (c - '0');
    }
    return width;
  }

  /** As {@code https://no-color.org} has it. */
  private boolean color() throws ExitException {
    String terminal = caller.variable("TERM");
    return caller.variable("NO_COLOR").isEmpty() && !terminal.isEmpty() && !terminal.equals("dumb");
  }
}
