package io.coord.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The program behind {@code coord COMMAND}, for all commands that need the daemon: sends it the
 * command line and prints what comes back.
 */
public final class Client {
  private static final String HEAD =
      "POST /v1/cli HTTP/1.0\r\nHost: coord\r\nContent-Type: application/json\r\n"
          + "Accept: application/octet-stream, text/plain\r\nContent-Length: ";

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
      exitCode = new Client(output, caller).run();
    } catch (ExitException exit) {
      String message = exit.getMessage();
      if (message != null) {
        output.errorLine(message);
      }
      exitCode = exit.exitCode();
    }
    // Output is not buffered; there is nothing to shut down.
    Runtime.getRuntime().halt(exitCode);
  }

  private int run() throws ExitException {
    InputRequest input = new InputRequest();
    ResponseReader response = ask(input);
    String needed = response.needed();
    if (needed != null) {
      input.gather(needed, caller);
      response = ask(input);
      if (response.needed() != null) {
        throw new ExitException(
            ExitException.INTERNAL,
            "coord: the daemon requested files twice; check that client and daemon have the same"
                + " version. Nothing was enqueued");
      }
    }
    return response.exitCode();
  }

  private ResponseReader ask(InputRequest input) throws ExitException {
    byte[] body = body(input).getBytes(StandardCharsets.UTF_8);
    byte[] head = head(body.length).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer request = ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip();
    try (SocketChannel channel = daemon.connect()) {
      send(channel, request);
      ResponseReader response = new ResponseReader(channel, output, argv);
      response.read();
      return response;
    } catch (IOException e) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: cannot close the connection to the daemon: " + e.getMessage());
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

  private String body(InputRequest input) throws ExitException {
    int columns = columns();
    StringBuilder json = new StringBuilder(1024).append("{\"argv\":[");
    for (int i = 0; i < argv.size(); i++) {
      if (i > 0) {
        json.append(',');
      }
      Text.appendJson(json, argv.get(i));
    }
    json.append("],\"cwd\":");
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
