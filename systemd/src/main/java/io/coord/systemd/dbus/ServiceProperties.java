package io.coord.systemd.dbus;

import io.coord.systemd.ActiveState;
import io.coord.systemd.SetupFailure;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;

/** Properties of a unit and a service, as org.freedesktop.systemd1(5) names them. */
final class ServiceProperties {
  /** systemd's value for "infinity" is 2^64-1, which is negative in Java. */
  private static final Duration ENDLESS = Duration.of(-1, ChronoUnit.MICROS);

  /** As in siginfo's CLD_ constants. */
  private static final int CLD_EXITED = 1;

  private static final int COMMAND_FIELDS = 10;

  private final Map<?, ?> properties;

  ServiceProperties(Map<?, ?> properties) {
    this.properties = properties;
  }

  /**
   * The properties as a status.
   *
   * @throws IllegalArgumentException if systemd sends a value that this version does not know
   */
  UnitStatus status(String unit) {
    return new UnitStatus(
        unit,
        ActiveState.ofWord(text("ActiveState")),
        text("SubState"),
        isJobQueued(),
        needsReload(),
        new UnitStatus.Activation(
            invocation(),
            text("Result"),
            new UnitStatus.MainProcess(number("ExecMainCode"), number("ExecMainStatus")),
            text("StatusText"),
            uptime("ActiveEnterTimestampMonotonic"),
            setupFailure()),
        new UnitStatus.ControlGroup(text("ControlGroup"), count("MemoryPeak")));
  }

  /**
   * The properties as the status of a slice.
   *
   * @param microsOfPercent CPUQuotaPerSecUSec of one percent of one core
   */
  SliceStatus slice(String slice, int microsOfPercent) {
    OptionalLong quota = count("CPUQuotaPerSecUSec");
    return new SliceStatus(
        slice,
        quota.isPresent()
            ? OptionalInt.of((int) ((quota.getAsLong() + microsOfPercent - 1) / microsOfPercent))
            : OptionalInt.empty(),
        count("MemoryMax"),
        CoreMask.cores(Objects.requireNonNullElse(value("AllowedCPUs"), new byte[0])),
        // Also freezing, frozen-by-parent and the like; not running, thawing or nothing at all.
        text("FreezerState").matches("(freez|frozen).*"),
        text("ControlGroup"));
  }

  /**
   * The properties as the facts of the unit's installation.
   *
   * @param enabled the result of GetUnitFileState
   */
  UnitFacts facts(String unit, String enabled) {
    return new UnitFacts(
        unit,
        text("LoadState"),
        text("FragmentPath"),
        value("DropInPaths") instanceof List<?> paths
            ? paths.stream().map(Object::toString).toList()
            : List.of(),
        needsReload(),
        enabled,
        text("Type"),
        new UnitFacts.WatchdogStatus(
            uptime("WatchdogUSec").filter(Predicate.not(ENDLESS::equals)),
            uptime("WatchdogTimestampMonotonic")));
  }

  /**
   * With Type=exec a unit is active only once its program was executed: a unit whose main process
   * began after it was last active has not executed it. What fails before that, fails for the first
   * command of ExecStartPre= too.
   */
  private Optional<SetupFailure> setupFailure() {
    if (text("ActiveState").equals("active") || !text("Type").equals("exec")) {
      return Optional.empty();
    }
    Optional<Duration> began = uptime("ExecMainStartTimestampMonotonic");
    Optional<Duration> active = uptime("ActiveEnterTimestampMonotonic");
    boolean notExecuted =
        number("ExecMainCode") == CLD_EXITED
            && began.isPresent()
            && active.filter(since -> since.compareTo(began.get()) >= 0).isEmpty();
    Optional<SetupFailure> ofMain =
        notExecuted ? SetupFailure.of(number("ExecMainStatus")) : Optional.empty();
    return ofMain.or(this::failureBeforeStart);
  }

  /** Of the commands of ExecStartPre=, as a(sasbttttuii). */
  private Optional<SetupFailure> failureBeforeStart() {
    if (!(value("ExecStartPre") instanceof List<?> commands)) {
      return Optional.empty();
    }
    return commands.stream()
        .filter(Object[].class::isInstance)
        .map(Object[].class::cast)
        .filter(command -> command.length == COMMAND_FIELDS)
        .filter(command -> command[COMMAND_FIELDS - 2].equals(CLD_EXITED))
        .flatMap(
            command -> SetupFailure.of(((Number) command[COMMAND_FIELDS - 1]).intValue()).stream())
        .findFirst();
  }

  /** Units other than services do not have all of them; empty values stand for missing ones. */
  private @Nullable Object value(String name) {
    return properties.get(name) instanceof Variant<?> variant ? variant.getValue() : null;
  }

  private String text(String name) {
    return value(name) instanceof String text ? text : "";
  }

  private int number(String name) {
    return value(name) instanceof Number number ? number.intValue() : 0;
  }

  private boolean needsReload() {
    return Boolean.TRUE.equals(value("NeedDaemonReload"));
  }

  /** InvocationID as 32 hexadecimal digits; empty if the unit was not started. */
  Optional<String> invocation() {
    byte[] id = new byte[0];
    Object value = value("InvocationID");
    if (value instanceof byte[] raw) {
      id = raw;
    } else if (value instanceof List<?> list) {
      id = new byte[list.size()];
      for (int i = 0; i < id.length; i++) {
        id[i] = ((Number) list.get(i)).byteValue();
      }
    }
    return id.length == 0 ? Optional.empty() : Optional.of(HexFormat.of().formatHex(id));
  }

  /** The object path of the job that is queued for it; empty if there is none. */
  Optional<String> job() {
    return isJobQueued() && value("Job") instanceof Object[] job
        ? Optional.of(job[1].toString())
        : Optional.empty();
  }

  /** Whether it left the state active at this uptime or later, and is not active again. */
  boolean hasGoneDownSince(Duration from) {
    boolean active = List.of("active", "reloading", "activating").contains(text("ActiveState"));
    return !active
        && uptime("ActiveExitTimestampMonotonic").filter(at -> at.compareTo(from) >= 0).isPresent();
  }

  /** Number and path of the job; the number 0 means "none". */
  private boolean isJobQueued() {
    return value("Job") instanceof Object[] job
        && job.length > 0
        && job[0] instanceof Number number
        && number.longValue() != 0;
  }

  /** Zero means "never" here. */
  private Optional<Duration> uptime(String name) {
    return value(name) instanceof UInt64 micros && micros.longValue() != 0
        ? Optional.of(Duration.of(micros.longValue(), ChronoUnit.MICROS))
        : Optional.empty();
  }

  /** 2^64-1 means "unknown" or "no limit" here. */
  private OptionalLong count(String name) {
    return value(name) instanceof UInt64 number && number.value().bitLength() < Long.SIZE
        ? OptionalLong.of(number.longValue())
        : OptionalLong.empty();
  }
}
