package io.coord.systemd.unitfile;

import io.coord.systemd.InstanceSpec;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The text of one instance's drop-in. */
final class DropIn {
  /** RestartSec of the template, which a drop-in repeats where it doubles it. */
  static final Duration TEMPLATE_RESTART_DELAY = Duration.ofSeconds(5);

  private static final Pattern PLAIN_PATH = Pattern.compile("/[A-Za-z0-9/_.,:@+=-]*");

  /** A reload makes systemd deaf for some seconds, on a small board for more. */
  private static final Duration MAX_TIME_TO_ASK = Duration.ofSeconds(5);

  /** More depends on the answer then: nothing else tells what came of the check. */
  private static final Duration MAX_TIME_TO_ASK_FOR_CHECK = Duration.ofSeconds(20);

  private final StringBuilder text = new StringBuilder();
  private final Path libDir;
  private final RootCommands root;

  private DropIn(Path libDir, RootCommands root) {
    this.libDir = libDir;
    this.root = root;
  }

  /**
   * @param environment file with the caller's variables; must exist when a run begins
   * @param base file with the context that is known now
   * @param context file that {@code prepare-run} writes before each run
   * @param records file that {@code record-exit} appends to
   */
  static String text(
      InstanceSpec spec, Path libDir, Path environment, Path base, Path context, Path records) {
    DropIn dropIn = new DropIn(libDir, new RootCommands(spec.exec()));
    dropIn.unit(spec);
    dropIn.service(spec);
    // The context comes last, so that it wins.
    dropIn.line("EnvironmentFile", UnitText.path(environment.toString()));
    dropIn.line("EnvironmentFile", "-" + UnitText.path(context.toString()));
    dropIn.before(spec, base, context, records);
    dropIn.line("ExecStart", "");
    dropIn.line("ExecStart", dropIn.root.own(spec.exec().command()));
    dropIn.after(spec, context, records);
    dropIn.limits(spec);
    return dropIn.text.toString();
  }

  private void before(InstanceSpec spec, Path base, Path context, Path records) {
    // The template's, for starts by hand; the variables then reach the experiment only.
    line("ExecStartPre", "");
    line("UnsetEnvironment", "");
    if (root.needed()) {
      // As the account, like the program; with systemd's own exit code for it.
      line(
          "ExecStartPre",
          UnitText.command(
              List.of(
                  "/bin/sh",
                  "-c",
                  "[ . -ef \"$0\" ] || exit 200",
                  spec.exec().workingDirectory().toString())));
    }
    spec.restart()
        .backoff()
        .ifPresent(
            backoff ->
                backoff(backoff, firstDelay(spec), script(false, "delay-restart", records, base)));
    // The account may see the success file where root does not: looked at with its rights.
    Optional<Path> success = spec.success().file();
    line(
        "ExecStartPre",
        script(success.isPresent(), "prepare-run", records, base, context)
            + output(spec)
            + success.map(file -> " " + UnitText.argument(file.toString())).orElse("")
            + (success.isPresent()
                ? spec.exec().user().map(user -> " " + UnitText.argument(user)).orElse("")
                : ""));
  }

  private void after(InstanceSpec spec, Path context, Path records) {
    // Before the signal: MAINPID is empty where the process has ended by itself.
    line("ExecStop", "-" + script(false, "note-stop", context) + " ${MAINPID} ${SERVICE_RESULT}");
    spec.success().check().ifPresent(check -> check(check, spec.exec().workingDirectory()));
    // Expanded by systemd: one word each, empty where it is not set.
    line(
        "ExecStopPost",
        script(false, "record-exit", records, context)
            + " ${INVOCATION_ID} ${SERVICE_RESULT} ${EXIT_CODE} ${EXIT_STATUS}"
            + output(spec)
            + " %t %n "
            + decimal(timeToAsk(spec))
            + (spec.success().childOomAllowed() ? " child-oom-allowed" : ""));
  }

  /** Told in the journal; without it the output is there, too. */
  private static String output(InstanceSpec spec) {
    return " " + UnitText.argument(spec.exec().output().map(Path::toString).orElse(""));
  }

  private void unit(InstanceSpec spec) {
    text.append("# Written by coord for this instance; removed by a reboot.\n[Unit]\n");
    if (!spec.description().isBlank()) {
      line("Description", UnitText.description(spec.description()));
    }
    // systemd ignores what begins with X-.
    spec.context().origin().ifPresent(origin -> line("X-Coord-Origin", origin));
    String mounts = mountsFor(spec);
    if (!mounts.isEmpty()) {
      line("RequiresMountsFor", mounts);
    }
    spec.restart().interval().ifPresent(time -> line("StartLimitIntervalSec", seconds(time)));
    spec.restart().limit().ifPresent(limit -> line("StartLimitBurst", Long.toString(limit + 1L)));
    text.append("\n[Service]\n");
  }

  /** A path with other characters is only not waited for: systemd has a quoting of its own here. */
  private static String mountsFor(InstanceSpec spec) {
    return Stream.of(spec.exec().workingDirectory().toString(), spec.exec().command().get(0))
        .filter(path -> PLAIN_PATH.matcher(path).matches())
        .distinct()
        .collect(Collectors.joining(" "));
  }

  private void service(InstanceSpec spec) {
    spec.exec().user().ifPresent(user -> line("User", user));
    // Root may have no right to enter it: a folder of a network, or a mount of the account's.
    String rootMayFail = root.needed() ? "-" : "";
    line(
        "WorkingDirectory", rootMayFail + UnitText.path(spec.exec().workingDirectory().toString()));
    String output =
        spec.exec()
            .output()
            .map(file -> "append:" + UnitText.path(file.toString()))
            .orElse("journal");
    line("StandardOutput", output);
    line("StandardError", output);
    // That of an instance started by hand, where the machine's drop-in gives it one.
    line("StateDirectory", "");
  }

  private void limits(InstanceSpec spec) {
    spec.resources().memoryMaxBytes().ifPresent(bytes -> line("MemoryMax", Long.toString(bytes)));
    spec.resources().cpuQuotaPercent().ifPresent(percent -> line("CPUQuota", percent + "%"));
    if (spec.success().childOomAllowed()) {
      line("OOMPolicy", "continue");
    }
    spec.resources().tasksMax().ifPresent(tasks -> line("TasksMax", Integer.toString(tasks)));
    if (spec.restart().limit().orElse(1) == 0) {
      // Otherwise the restart would be waited for, and then refused as start-limit-hit.
      line("Restart", "no");
      line("RestartForceExitStatus", "");
    }
    if (spec.restart().backoff().isPresent()) {
      line("RestartSec", seconds(firstDelay(spec)));
    } else {
      spec.restart().delay().ifPresent(time -> line("RestartSec", seconds(time)));
    }
    spec.timeouts().stop().ifPresent(time -> line("TimeoutStopSec", seconds(time)));
    spec.timeouts().runtimeMax().ifPresent(time -> line("RuntimeMaxSec", seconds(time)));
    spec.timeouts().watchdog().ifPresent(time -> line("WatchdogSec", seconds(time)));
    if (!spec.success().codes().isEmpty()) {
      line(
          "SuccessExitStatus",
          spec.success().codes().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }

  /** Waits on top of RestartSec; with '-', so that a stop during the wait is no failure. */
  private void backoff(InstanceSpec.Backoff backoff, Duration firstDelay, String script) {
    text.append("# Delay before the n-th restart: RestartSec * 2^(n-1), at most ");
    text.append(seconds(backoff.maxDelay())).append("; this waits for the part beyond RestartSec.");
    text.append('\n');
    line(
        "ExecStartPre",
        "-%s %d %d %d"
            .formatted(
                script, millis(firstDelay), millis(backoff.maxDelay()), backoff.crashesBefore()));
    line("TimeoutStartSec", "infinity");
  }

  /** The delay before the first restart, where there is a backoff. */
  private static Duration firstDelay(InstanceSpec spec) {
    Duration delay = spec.restart().delay().orElse(TEMPLATE_RESTART_DELAY);
    return spec.restart().backoff().map(backoff -> backoff.firstDelay(delay)).orElse(delay);
  }

  /** A part of the stop timeout, which ends the whole script: systemd must not be waited for. */
  private static Duration timeToAsk(InstanceSpec spec) {
    Duration part = spec.timeouts().stop().orElse(InstanceSpec.TEMPLATE_STOP_TIMEOUT).dividedBy(3);
    Duration max = spec.success().check().isPresent() ? MAX_TIME_TO_ASK_FOR_CHECK : MAX_TIME_TO_ASK;
    return part.compareTo(max) < 0 ? part : max;
  }

  private static String decimal(Duration time) {
    return BigDecimal.valueOf(millis(time), 3).toPlainString();
  }

  /** Rounded up: nothing above zero becomes zero. */
  private static long millis(Duration time) {
    return time.plusNanos(999_999).toMillis();
  }

  /**
   * With '-', so that its end, whatever it is, is neither the unit's nor keeps the record from
   * being written. Unlike the other scripts it has the experiment's environment, for its program.
   */
  private void check(InstanceSpec.SuccessCheck check, Path workingDirectory) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("/bin/sh", libDir.resolve("check-success").toString()));
    words.addAll(List.of(workingDirectory.toString(), decimal(check.limit())));
    line(
        "ExecStopPost",
        "-"
            + root.own(words)
            + " ${SERVICE_RESULT} ${EXIT_CODE} "
            + check.command().stream().map(UnitText::argument).collect(Collectors.joining(" ")));
  }

  private String script(boolean capabilities, String name, Path... arguments) {
    StringBuilder words = new StringBuilder(root.shell(capabilities));
    words.append(UnitText.argument(libDir.resolve(name).toString()));
    for (Path argument : arguments) {
      words.append(' ').append(UnitText.argument(argument.toString()));
    }
    return words.toString();
  }

  private static String seconds(Duration time) {
    long micros = TimeUnit.MICROSECONDS.convert(time);
    return micros % 1_000_000 == 0 ? Long.toString(micros / 1_000_000) : micros + "us";
  }

  private void line(String key, String value) {
    text.append(key).append('=').append(value).append('\n');
  }
}
