package io.coord.systemd.unitfile;

import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reasons why an instance cannot be run exactly as its spec says. */
public final class InstanceProblems {
  /** Command and environment together; Linux allows 2 MiB with the usual stack limit of 8 MiB. */
  private static final int EXEC_BYTES = 1024 * 1024;

  /** The maximum time span; anything above is a mistake. */
  private static final Duration MAX_TIME = Duration.ofDays(36_525);

  private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9:_.-]{0,199}");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,255}\\$?");

  /**
   * Variables that systemd sets itself, by systemd.exec(5) up to version 255. A variable of an
   * {@code EnvironmentFile=} takes precedence over them (seen on 252), so the experiment could
   * forge its exit record.
   */
  private static final Set<String> RESERVED =
      Set.of(
          "CACHE_DIRECTORY",
          "CONFIGURATION_DIRECTORY",
          "CREDENTIALS_DIRECTORY",
          "EXIT_CODE",
          "EXIT_STATUS",
          "FDSTORE",
          "INVOCATION_ID",
          "JOURNAL_STREAM",
          "LOGS_DIRECTORY",
          "LOG_NAMESPACE",
          "MAINPID",
          "MANAGERPID",
          "NOTIFY_SOCKET",
          "PIDFILE",
          "REMOTE_ADDR",
          "REMOTE_PORT",
          "RUNTIME_DIRECTORY",
          "SERVICE_RESULT",
          "STATE_DIRECTORY",
          "SYSTEMD_EXEC_PID",
          "WATCHDOG_PID",
          "WATCHDOG_USEC");

  private static final List<String> RESERVED_PREFIXES =
      List.of("COORD_", "LISTEN_", "MEMORY_PRESSURE_", "MONITOR_", "TRIGGER_");

  private final List<String> problems = new ArrayList<>();

  private InstanceProblems() {}

  /**
   * All problems of a spec, one sentence each; empty if it can be written exactly. Called before a
   * spec is accepted: {@link InstanceFilesOnDisk#prepare} throws if there are problems. Values of
   * variables are never shown.
   */
  public static List<String> problems(InstanceSpec spec) {
    InstanceProblems problems = new InstanceProblems();
    problems.check(spec);
    return List.copyOf(problems.problems);
  }

  /** Whether a name belongs to systemd or to coord, and so cannot be set by a user. */
  public static boolean isReserved(String variable) {
    return RESERVED.contains(variable) || RESERVED_PREFIXES.stream().anyMatch(variable::startsWith);
  }

  static boolean isInstanceName(String instance) {
    return INSTANCE.matcher(instance).matches();
  }

  private void check(InstanceSpec spec) {
    if (!isInstanceName(spec.instance())) {
      add(
          "instance name '%s' is not 1 to 200 of letters, digits and ':_.-', beginning with a"
              + " letter, digit or '_'",
          spec.instance());
    }
    about("description", UnitText.descriptionProblem(spec.description()));
    spec.exec()
        .user()
        .filter(user -> !USER.matcher(user).matches())
        .ifPresent(user -> add("user '%s' is not an account name", user));
    checkCommand("", spec.exec().command());
    spec.success().check().ifPresent(check -> checkSuccessCheck(check, spec.timeouts().stop()));
    about("working directory", UnitText.pathProblem(spec.exec().workingDirectory().toString()));
    spec.exec()
        .output()
        .ifPresent(file -> about("output file", UnitText.pathProblem(file.toString())));
    checkEnvironment(spec);
    contextProblems(spec.context()).forEach(problems::add);
    checkLimits(spec);
  }

  /**
   * @param prefix of the subject in a message, with a space; may be empty
   */
  private void checkCommand(String prefix, List<String> command) {
    if (command.isEmpty()) {
      add("%scommand is empty", prefix);
      return;
    }
    about(prefix + "program '" + command.get(0) + "'", UnitText.programProblem(command.get(0)));
    for (int i = 1; i < command.size(); i++) {
      about(prefix + "argument " + i, UnitText.argumentProblem(command.get(i)));
    }
    if (problems.isEmpty() && UnitText.bytes(UnitText.command(command)) > UnitText.LINE_BYTES) {
      add("%scommand is longer than the %d bytes that systemd allows", prefix, UnitText.LINE_BYTES);
    }
  }

  private void checkSuccessCheck(InstanceSpec.SuccessCheck check, Optional<Duration> stopTimeout) {
    checkCommand("success check's ", check.command());
    positive("time limit of the success check", check.limit());
    Duration stop = stopTimeout.orElse(InstanceSpec.TEMPLATE_STOP_TIMEOUT);
    if (check.limit().compareTo(stop) >= 0) {
      add(
          "time limit of the success check is not less than the stop timeout %s: %s",
          stop, check.limit());
    }
  }

  private void checkEnvironment(InstanceSpec spec) {
    spec.exec()
        .environment()
        .forEach(
            (name, value) -> {
              about("variable '" + name + "'", UnitText.variableProblem(name, value));
              if (isReserved(name)) {
                add("variable '%s' is reserved for systemd or coord", name);
              }
            });
    // Each string also needs its terminating zero and a pointer.
    long total =
        Math.max(
            bytes(spec.exec().command()),
            spec.success().check().map(check -> bytes(check.command())).orElse(0L));
    for (Map.Entry<String, String> variable : spec.exec().environment().entrySet()) {
      total += UnitText.bytes(variable.getKey()) + UnitText.bytes(variable.getValue()) + 10;
    }
    if (total > EXEC_BYTES) {
      add(
          "command and environment together have %d bytes; at most %d are allowed",
          total, EXEC_BYTES);
    }
  }

  private static long bytes(List<String> command) {
    return command.stream().mapToLong(argument -> UnitText.bytes(argument) + 9L).sum();
  }

  static List<String> contextProblems(RunContext context) {
    InstanceProblems problems = new InstanceProblems();
    context
        .variables()
        .forEach(
            (name, value) -> {
              problems.about(
                  "context variable '" + name + "'", UnitText.variableProblem(name, value));
              if (!name.startsWith("COORD_")) {
                problems.add("context variable '%s' does not begin with COORD_", name);
              }
            });
    context
        .origin()
        .filter(origin -> !origin.matches("[0-9a-f]{32}"))
        .ifPresent(origin -> problems.add("origin '%s' is not 32 hexadecimal digits", origin));
    for (String counter : List.of(ContextFile.RUN, ContextFile.CRASH_COUNT)) {
      if (!context.variables().getOrDefault(counter, "0").matches("[0-9]{1,9}")) {
        problems.add("context variable '%s' is not a number", counter);
      }
    }
    if (!context.variables().getOrDefault(ContextFile.RESUME, "0").matches("[01]")) {
      problems.add("context variable '%s' is neither 0 nor 1", ContextFile.RESUME);
    }
    if (context.recordsSeen() < 0) {
      problems.add("number of exit records seen is negative: %d", context.recordsSeen());
    }
    return problems.problems;
  }

  private void checkLimits(InstanceSpec spec) {
    spec.resources().memoryMaxBytes().ifPresent(bytes -> positive("memory limit", bytes));
    spec.resources().cpuQuotaPercent().ifPresent(percent -> positive("CPU quota", percent));
    spec.resources().tasksMax().ifPresent(tasks -> positive("task limit", tasks));
    spec.restart()
        .limit()
        .ifPresent(
            limit -> {
              if (limit < 0) {
                add("restart limit is negative: %d", limit);
              }
            });
    spec.restart()
        .delay()
        .ifPresent(
            delay -> {
              // Zero is allowed here: no delay.
              if (!delay.isZero()) {
                positive("restart delay", delay);
              }
            });
    // systemd takes zero for "infinity" or "off" in all of these.
    spec.restart().interval().ifPresent(time -> positive("restart interval", time));
    spec.timeouts().stop().ifPresent(time -> positive("stop timeout", time));
    spec.timeouts().runtimeMax().ifPresent(time -> positive("maximum duration", time));
    spec.timeouts().watchdog().ifPresent(time -> positive("watchdog", time));
    spec.restart().backoff().ifPresent(backoff -> checkBackoff(backoff, spec.restart().delay()));
    for (int code : spec.success().codes()) {
      if (code < 0 || code > 255) {
        add("accepted exit code is not between 0 and 255: %d", code);
      }
    }
  }

  private void checkBackoff(InstanceSpec.Backoff backoff, Optional<Duration> restartDelay) {
    positive("maximum delay of the backoff", backoff.maxDelay());
    if (backoff.crashesBefore() < 0) {
      add("number of crashes before the backoff is negative: %d", backoff.crashesBefore());
    }
    if (restartDelay.filter(Duration::isZero).isPresent()) {
      add("restart delay is zero, which a backoff cannot double");
    }
  }

  private void positive(String what, long number) {
    if (number <= 0) {
      add("%s is not above zero: %d", what, number);
    }
  }

  private void positive(String what, Duration time) {
    if (time.compareTo(Duration.ofNanos(1000)) < 0 || time.compareTo(MAX_TIME) > 0) {
      add("%s is not between 1 microsecond and 100 years: %s", what, time);
    }
  }

  private void about(String subject, Optional<String> problem) {
    problem.ifPresent(why -> say(subject + " " + why));
  }

  private void add(String format, Object... arguments) {
    say(String.format(Locale.ROOT, format, arguments));
  }

  /** Replaces control characters, so that a quoted value cannot break the line. */
  private void say(String sentence) {
    problems.add(sentence.replaceAll("\\p{Cntrl}", "?"));
  }
}
