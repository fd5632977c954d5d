package io.coord.runner;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a user asked for, checked. Empty options mean that the machine's default applies.
 *
 * @param id the name of the experiment; empty if the coordinator is to choose one
 * @param name one line for people
 * @param launch what is run, where and with which variables
 * @param resources how much of the machine it may use
 * @param times how long it may take
 * @param restart what follows a crash
 * @param success when it is complete
 * @param scheduling when it may start
 */
public record Spec(
    Optional<String> id,
    String name,
    Launch launch,
    ResourceLimits resources,
    TimeLimits times,
    RestartPolicy restart,
    SuccessCriteria success,
    Scheduling scheduling) {

  /**
   * What is run.
   *
   * @param workingDirectory an absolute path
   * @param environment variables of the caller, in the order given
   */
  public record Launch(Task task, Path workingDirectory, Map<String, String> environment) {}

  /**
   * When an experiment may start.
   *
   * @param priority larger goes first, -1000 to 1000
   * @param ordering what it waits for besides a slot
   * @param conditions what it requires of the board
   */
  public record Scheduling(int priority, Ordering ordering, Conditions conditions) {
    /** As soon as there is a slot. */
    public static final Scheduling DEFAULT = new Scheduling(0, Ordering.NONE, Conditions.NONE);

    static Scheduling of(FieldValues values) {
      return new Scheduling(
          values.get(RequestField.PRIORITY).orElse(0),
          new Ordering(
              values.get(RequestField.GROUP).orElse(Ordering.DEFAULT_GROUP),
              values.get(RequestField.AFTER).orElse(List.of()),
              values.get(RequestField.AFTER_ANY).orElse(List.of()),
              values.get(RequestField.NOT_BEFORE),
              values.get(RequestField.UNIQUE_KEY)),
          new Conditions(
              values.get(RequestField.NVPMODEL_MODE),
              values.getInt(RequestField.MAX_TEMP_CELSIUS)));
    }
  }

  /**
   * What an experiment waits for besides a slot.
   *
   * @param group the group whose slots it shares; {@link #DEFAULT_GROUP} if none is named
   * @param after experiments that must have completed
   * @param afterAny experiments that must have ended, however
   * @param notBefore the time before which it does not start
   * @param uniqueKey no other experiment with this key may be waiting or running
   */
  public record Ordering(
      String group,
      List<String> after,
      List<String> afterAny,
      Optional<Instant> notBefore,
      Optional<String> uniqueKey) {

    /** The group of experiments that name none. */
    public static final String DEFAULT_GROUP = "default";

    /** Waits for a slot only. */
    public static final Ordering NONE =
        new Ordering(DEFAULT_GROUP, List.of(), List.of(), Optional.empty(), Optional.empty());

    public Ordering {
      after = List.copyOf(after);
      afterAny = List.copyOf(afterAny);
    }

    /** All experiments that it waits for, each once, in the order given. */
    public List<String> dependencies() {
      return Stream.concat(after.stream(), afterAny.stream()).distinct().toList();
    }
  }

  /**
   * What an experiment requires of its board.
   *
   * @param powerMode the id or the name of the power mode (nvpmodel) that it needs; {@link
   *     #isPowerMode}
   * @param maxMilliCelsius the temperature above which it is stopped until it is cool again, 30 000
   *     to 125 000
   */
  public record Conditions(Optional<String> powerMode, OptionalInt maxMilliCelsius) {
    /** Runs in any power mode, and for as long as the machine's own limits allow. */
    public static final Conditions NONE = new Conditions(Optional.empty(), OptionalInt.empty());

    /** Below it nothing would ever run. */
    public static final int MIN_CELSIUS = 30;

    /** No board is whole above it. */
    public static final int MAX_CELSIUS = 125;

    /** What a power mode is, for messages. */
    public static final String POWER_MODE_RULE =
        "its id or its name: 1 to 200 printable characters but '#'";

    /**
     * Boards and users name modes freely, for example {@code 50W(AI)} or {@code 7W AI}. In {@code
     * nvpmodel.conf}, a {@code #} begins a comment.
     */
    private static final Pattern POWER_MODE = Pattern.compile("(?! *$)[^\\p{C}#]{1,200}");

    /** Whether the text can be the id or the name of a power mode. */
    public static boolean isPowerMode(String text) {
      return POWER_MODE.matcher(text).matches();
    }
  }

  /**
   * The spec that the values of a request make.
   *
   * @param id its own or that of its config
   */
  public static Spec of(Optional<String> id, String name, Launch launch, FieldValues values) {
    return new Spec(
        id,
        name,
        launch,
        ResourceLimits.of(values),
        TimeLimits.of(values),
        RestartPolicy.of(values),
        SuccessCriteria.of(values),
        Scheduling.of(values));
  }

  public Task task() {
    return launch.task();
  }

  public Path workingDirectory() {
    return launch.workingDirectory();
  }

  public Map<String, String> environment() {
    return launch.environment();
  }

  public int priority() {
    return scheduling.priority();
  }

  public Ordering ordering() {
    return scheduling.ordering();
  }

  public Conditions conditions() {
    return scheduling.conditions();
  }

  /** What an experiment runs. */
  public sealed interface Task {}

  /**
   * Any command.
   *
   * @param argv the argument vector, at least the program; taken as it is
   */
  public record Command(List<String> argv) implements Task {
    public Command {
      argv = atLeastTheProgram(argv);
    }
  }

  /**
   * A brain-in-jar experiment config, run by its runner.
   *
   * @param text the config file as given
   * @param experimentId the name that its runner files it under; empty if the config has none
   * @param runner the start of the runner's argument vector; {@code --config FILE --db FILE} follow
   * @param maxCycles how many cycles make it complete; empty if the config does not say
   * @param cpuThreads how many threads it computes with; empty if the config does not say
   */
  public record Config(
      String text,
      Optional<String> experimentId,
      List<String> runner,
      OptionalInt maxCycles,
      OptionalInt cpuThreads)
      implements Task {
    /** The runner's own database, in the experiment's folder. */
    public static final String DATABASE = "state.db";

    public Config {
      runner = atLeastTheProgram(runner);
    }
  }

  /** What an id is, for messages. */
  public static final String ID_RULE =
      "1 to 64 letters, digits, '_', '.' and '-', a letter or digit first";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  private static List<String> atLeastTheProgram(List<String> argv) {
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("argument vector without a program");
    }
    return List.copyOf(argv);
  }

  /** Whether the text can be an id: safe in a unit's name, a file's name and a URL. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }
}
