package io.coord.systemd.dbus;

import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.exceptions.NotConnected;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one bus: calls with a time limit, errors with their names, and the signals of
 * systemd.
 *
 * <p>Does not use dbus-java's proxies: they have one time limit per JVM, and replace error names
 * for which they have no class. Safe for use by several threads.
 */
final class Bus implements AutoCloseable {
  static final String MANAGER_NAME = "org.freedesktop.systemd1";
  static final String MANAGER_PATH = "/org/freedesktop/systemd1";
  static final String MANAGER = "org.freedesktop.systemd1.Manager";
  static final String JOB = "org.freedesktop.systemd1.Job";
  static final String PROPERTIES = "org.freedesktop.DBus.Properties";
  private static final String DAEMON = "org.freedesktop.DBus";

  static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

  /** As long as systemd's own tools wait: it answers no call while it reads unit files. */
  static final Duration CALL_LIMIT = Duration.ofSeconds(25);

  /** The name of an error that means: no connection, or no service to answer. */
  static final String DISCONNECTED = "disconnected";

  static final String TIMEOUT = "timeout";

  /**
   * The bus must not start a missing manager: it is PID 1 or a unit of another manager, and the
   * call would wait for it.
   */
  private static final byte NO_AUTO_START = 2;

  /**
   * For dbus-java, which makes one attempt to connect per 500 ms of this time, and blocks
   * meanwhile.
   */
  private static final int ONE_ATTEMPT_MILLIS = 500;

  /** Receives signals; called on threads of the connection, must return immediately. */
  interface Listener {
    void signal(Bus bus, DBusSignal signal);

    void ended(Bus bus, String why);
  }

  private final DBusConnection connection;
  private final Listener listener;

  /** INVARIANT: set before the listener is called, so that late readers miss nothing. */
  private volatile boolean ended;

  private volatile @Nullable String announcedOwner;

  /**
   * Connects, and receives signals from now on.
   *
   * @throws SystemdException if there is no bus at the address
   */
  Bus(String address, Listener listener) {
    this.listener = listener;
    DBusConnection opened = null;
    try {
      opened =
          DBusConnectionBuilder.forAddress(address)
              .withShared(false)
              .withImportWeakReferences(true)
              .withDisconnectCallback(new EndOfConnection())
              .transportConfig()
              .withTimeout(ONE_ATTEMPT_MILLIS)
              .back()
              .build();
      this.connection = opened;
      receive(
          DBusMatchRuleBuilder.create()
              .withInterface(DAEMON)
              .withMember("NameOwnerChanged")
              .withArg0123(0, MANAGER_NAME));
      for (String member : List.of("JobRemoved", "UnitRemoved", "Reloading")) {
        receive(DBusMatchRuleBuilder.create().withInterface(MANAGER).withMember(member));
      }
      receive(
          DBusMatchRuleBuilder.create()
              .withInterface(PROPERTIES)
              .withMember("PropertiesChanged")
              .withPathNamespace(UnitPaths.ROOT));
    } catch (DBusException | RuntimeException e) {
      if (opened != null) {
        opened.disconnect();
      }
      throw new SystemdException(
          address, DISCONNECTED, "cannot connect to bus '" + address + "': " + why(e), e);
    }
  }

  private void receive(DBusMatchRuleBuilder rule) throws DBusException {
    connection.addGenericSigHandler(rule.withType("signal").build(), this::onSignal);
  }

  private void onSignal(DBusSignal signal) {
    if (signal.getName().equals("NameOwnerChanged")) {
      // Only the bus itself sends this, under its own name.
      if (!DAEMON.equals(signal.getSource())) {
        return;
      }
      announcedOwner = (String) arguments(signal)[2];
    }
    listener.signal(this, signal);
  }

  /** The arguments of a signal, in the library's types. */
  static Object[] arguments(Message message) {
    try {
      Object[] arguments = message.getParameters();
      return arguments == null ? new Object[0] : arguments;
    } catch (DBusException e) {
      throw new IllegalArgumentException("message '" + message.getName() + "' is malformed", e);
    }
  }

  /** The unique name that owns systemd's name, as last announced; empty if it was released. */
  @Nullable String announcedOwner() {
    return announcedOwner;
  }

  boolean hasEnded() {
    return ended || !connection.isConnected();
  }

  /**
   * The unique name under which the manager sends its signals.
   *
   * @throws SystemdException if no connection owns the manager's name
   */
  String managerOwner(Duration limit) {
    Object[] answer =
        exchange(
            new Request("service manager", "find the service manager on the bus", limit),
            DAEMON,
            "/org/freedesktop/DBus",
            DAEMON,
            "GetNameOwner",
            "s",
            MANAGER_NAME);
    return (String) answer[0];
  }

  /**
   * The purpose of a call, for error messages.
   *
   * @param subject the unit or other object that it is about
   * @param intent goes on after "cannot", for example {@code start unit 'x'}
   * @param limit how long the answer may take
   */
  record Request(String subject, String intent, Duration limit) {
    static Request ofUnit(String unit, String verb) {
      return new Request(unit, verb + " unit '" + unit + "'", CALL_LIMIT);
    }

    static Request ofManager(String intent) {
      return new Request("service manager", intent, CALL_LIMIT);
    }

    SystemdException failure(String errorName, String why, @Nullable Throwable cause) {
      return new SystemdException(subject, errorName, "cannot " + intent + ": " + why, cause);
    }
  }

  /**
   * Calls a method of the manager itself.
   *
   * @throws SystemdException if it answers with an error or not at all
   */
  Object[] callManager(Request request, String method, String signature, Object... arguments) {
    return call(request, MANAGER_PATH, MANAGER, method, signature, arguments);
  }

  /**
   * Calls a method of one of the manager's objects.
   *
   * @throws SystemdException if it answers with an error or not at all
   */
  Object[] call(
      Request request,
      String path,
      String type,
      String method,
      String signature,
      Object... arguments) {
    return exchange(request, MANAGER_NAME, path, type, method, signature, arguments);
  }

  private Object[] exchange(
      Request request,
      String destination,
      String path,
      String type,
      String method,
      String signature,
      Object... arguments) {
    Message reply;
    try {
      MethodCall call =
          connection
              .getMessageFactory()
              .createMethodCall(
                  null,
                  destination,
                  path,
                  type,
                  method,
                  NO_AUTO_START,
                  signature.isEmpty() ? null : signature,
                  arguments);
      connection.sendMessage(call);
      reply = reply(call, request.limit());
    } catch (DBusException | RuntimeException e) {
      // While a connection ends, the library throws all kinds of exceptions.
      throw hasEnded() || e instanceof NotConnected
          ? request.failure(DISCONNECTED, "the connection to the bus is gone", e)
          : request.failure("refused", "the call cannot be sent: " + why(e), e);
    }
    if (reply == null) {
      String why =
          Thread.currentThread().isInterrupted()
              ? "interrupted while waiting for the answer"
              : "no answer within " + request.limit().toSeconds() + " s";
      throw request.failure(TIMEOUT, why + "; it may still happen", null);
    }
    if (reply instanceof Error error) {
      throw failure(request, error);
    }
    return arguments(reply);
  }

  private static @Nullable Message reply(MethodCall call, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    Message reply = null;
    // The library's wait may end early without an answer.
    long left = limit.toNanos();
    while (reply == null && left > 0 && !Thread.currentThread().isInterrupted()) {
      reply = call.getReply(TimeUnit.NANOSECONDS.toMillis(left) + 1);
      left = end - System.nanoTime();
    }
    return reply;
  }

  private SystemdException failure(Request request, Error error) {
    Object[] arguments = arguments(error);
    String why = arguments.length > 0 ? String.valueOf(arguments[0]) : error.getName();
    String name = error.getName();
    // An error of the library itself, because the connection was lost during the call.
    if (hasEnded() || !name.contains(".") || name.startsWith("java.")) {
      return request.failure(DISCONNECTED, "the connection to the bus is gone", null);
    }
    return request.failure(name, why, null);
  }

  @Override
  public void close() {
    ended = true;
    try {
      connection.disconnect();
    } catch (DBusExecutionException e) {
      // It was closed before.
      return;
    }
  }

  private static String why(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
  }

  private final class EndOfConnection implements IDisconnectCallback {
    @Override
    public void disconnectOnError(IOException failure) {
      ended = true;
      listener.ended(Bus.this, "the bus closed the connection");
    }
  }
}
