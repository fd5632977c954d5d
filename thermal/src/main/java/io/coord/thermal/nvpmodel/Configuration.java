package io.coord.thermal.nvpmodel;

import io.coord.thermal.Cores;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.ThermalException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table of power modes in {@code nvpmodel.conf}, as far as it tells what a mode allows.
 * Sections and parameters that say nothing about that are skipped, as releases and users add some.
 */
final class Configuration {

  private static final Pattern HEADER = Pattern.compile("<\\s*(\\w+)\\s*([^<>]*)>");
  private static final Pattern BEGIN = Pattern.compile("<\\s*\\w");

  /** A value ends where the next attribute begins: names are free, and may have blanks. */
  private static final Pattern ATTRIBUTE =
      Pattern.compile("(\\w+)\\s*=\\s*((?:(?!\\s+\\w+\\s*=).)*)");

  private static final Pattern CORE = Pattern.compile("CORE_(\\d{1,3})");

  /** How {@code nvpmodel} itself prints -1. */
  private static final long PRINTED_NO_CAP = 2147483647;

  /** More than a person corrects in one go. */
  private static final int MAX_PROBLEMS = 20;

  /** No name is longer, either. */
  static final int MAX_LINE_CHARACTERS = 200;

  private final List<String> problems = new ArrayList<>();
  private int problemCount;
  private final List<ModeDraft> drafts = new ArrayList<>();
  private Optional<ModeDraft> open = Optional.empty();
  private boolean inSection;
  private boolean hasEnd;
  private Optional<Integer> defaultId = Optional.empty();

  private Configuration() {}

  /**
   * Reads the table. A mode in whose section something is wrong, or whose id or name is there
   * twice, is left out; {@link PowerModes#problems} says why.
   *
   * @param name the file's, for messages
   * @throws ThermalException if it is no such table, is cut off, or leaves no mode; with all that
   *     is wrong with it
   */
  static PowerModes parse(String name, String text) {
    Configuration configuration = new Configuration();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      configuration.line(++number, bounded(line.replaceFirst("#.*", "").strip()));
    }
    return configuration.end(name);
  }

  /** A mode of which not all is read yet. */
  private static final class ModeDraft {
    final int id;
    final String name;
    final List<Integer> online = new ArrayList<>(List.of(0));
    final List<Integer> offline = new ArrayList<>();
    final Map<String, String> masks = new TreeMap<>();
    final List<Long> cpu = new ArrayList<>();
    final List<Long> gpu = new ArrayList<>();
    final List<Long> emc = new ArrayList<>();
    boolean wrong;

    ModeDraft(int id, String name) {
      this.id = id;
      this.name = name;
    }

    PowerMode mode() {
      return new PowerMode(
          id, name, new Cores(online), new Cores(offline), masks, cap(cpu), cap(gpu), cap(emc));
    }

    /** The highest of several clusters' caps, as the fastest core is what it is about. */
    private static OptionalLong cap(List<Long> caps) {
      boolean free =
          caps.stream().anyMatch(cap -> cap <= 0 || cap == PRINTED_NO_CAP) || caps.isEmpty();
      return free ? OptionalLong.empty() : OptionalLong.of(Collections.max(caps));
    }
  }

  private void line(int number, String line) {
    if (line.isEmpty()) {
      return;
    }
    if (line.startsWith("<")) {
      if (!BEGIN.matcher(line).lookingAt()) {
        // What follows may belong to the section before.
        open.ifPresent(mode -> mode.wrong = true);
      }
      open = Optional.empty();
      inSection = true;
      Matcher header = HEADER.matcher(line);
      if (header.matches()) {
        header(number, header.group(1), attributes(header.group(2)));
      } else {
        problem(number, "'%s' is not a section".formatted(line));
      }
    } else if (!inSection) {
      problem(number, "'%s' is outside of a section".formatted(line));
    } else if (open.isPresent()) {
      int before = problemCount;
      value(number, open.get(), line);
      open.get().wrong |= problemCount > before;
    }
  }

  private void header(int number, String kind, Map<String, String> attributes) {
    if (kind.equals("POWER_MODEL")) {
      Optional<Integer> id = id(number, kind, attributes, "ID");
      String name = attributes.getOrDefault("NAME", "");
      if (name.isEmpty()) {
        problem(number, "POWER_MODEL has no NAME");
      }
      if (id.isPresent() && !name.isEmpty()) {
        open(number, new ModeDraft(id.get(), name));
      }
    } else if (kind.equals("PM_CONFIG")) {
      hasEnd = true;
      defaultId = id(number, kind, attributes, "DEFAULT");
    }
  }

  private void open(int number, ModeDraft mode) {
    for (ModeDraft other : drafts) {
      if (other.id == mode.id || other.name.equals(mode.name)) {
        // Which of them nvpmodel would set is unknown.
        other.wrong = true;
        mode.wrong = true;
      }
    }
    if (mode.wrong) {
      problem(number, "duplicate power mode %d '%s'".formatted(mode.id, mode.name));
    }
    drafts.add(mode);
    open = Optional.of(mode);
  }

  private static Map<String, String> attributes(String text) {
    Map<String, String> attributes = new TreeMap<>();
    Matcher matcher = ATTRIBUTE.matcher(text);
    while (matcher.find()) {
      attributes.put(matcher.group(1), matcher.group(2).strip());
    }
    return attributes;
  }

  private Optional<Integer> id(
      int number, String kind, Map<String, String> attributes, String attribute) {
    String text = attributes.getOrDefault(attribute, "");
    if (!text.matches("\\d{1,9}")) {
      problem(
          number,
          text.isEmpty()
              ? "%s has no %s".formatted(kind, attribute)
              : "%s '%s' is not the id of a mode".formatted(attribute, text));
      return Optional.empty();
    }
    return Optional.of(Integer.valueOf(text));
  }

  private void value(int number, ModeDraft mode, String line) {
    String[] words = line.split("\\s+", -1);
    if (words.length != 3) {
      problem(number, "'%s' is not PARAM ARG VALUE".formatted(line));
      return;
    }
    String parameter = words[0];
    String argument = words[1];
    String value = words[2];
    if (parameter.equals("CPU_ONLINE")) {
      core(number, mode, argument, value);
    } else if (parameter.endsWith("POWER_GATING")) {
      mode.masks.put(argument, number(value).map(String::valueOf).orElse(value));
    } else if (argument.equals("MAX_FREQ")) {
      if (parameter.startsWith("CPU_")) {
        cap(number, mode.cpu, line, value);
      } else if (parameter.equals("GPU")) {
        cap(number, mode.gpu, line, value);
      } else if (parameter.equals("EMC")) {
        cap(number, mode.emc, line, value);
      }
    }
  }

  private void core(int number, ModeDraft mode, String argument, String value) {
    Matcher core = CORE.matcher(argument);
    if (!core.matches() || !value.matches("[01]")) {
      problem(number, "'CPU_ONLINE %s %s' is not CORE_n 0 or 1".formatted(argument, value));
    } else if (!core.group(1).matches("0+")) {
      // CPU 0 cannot be switched off, whatever a mode says.
      (value.equals("1") ? mode.online : mode.offline).add(Integer.valueOf(core.group(1)));
    }
  }

  private void cap(int number, List<Long> caps, String line, String value) {
    number(value)
        .ifPresentOrElse(
            caps::add, () -> problem(number, "the value of '%s' is not a number".formatted(line)));
  }

  /** Decimal or hexadecimal, beyond 2^31, too. */
  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.decode(text.matches("0+\\d+") ? text.replaceFirst("^0+", "") : text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private PowerModes end(String name) {
    List<PowerMode> modes =
        drafts.stream().filter(draft -> !draft.wrong).map(ModeDraft::mode).toList();
    if (drafts.isEmpty() && problems.isEmpty()) {
      problems.add("no POWER_MODEL found");
    }
    if (problemCount > problems.size()) {
      problems.add("%d more problems".formatted(problemCount - problems.size()));
    }
    if (!hasEnd) {
      problems.add("no PM_CONFIG found: the file may be truncated");
    }
    if (modes.isEmpty() || !hasEnd) {
      throw new ThermalException(
          name,
          "cannot read power modes from '%s': %s; power modes are not available"
              .formatted(name, String.join("; ", problems)),
          null);
    }
    OptionalInt known =
        modes.stream()
            .mapToInt(PowerMode::id)
            .filter(id -> Optional.of(id).equals(defaultId))
            .findFirst();
    if (known.isEmpty() && defaultId.isPresent()) {
      problems.add("the default %d is not among the usable modes".formatted(defaultId.get()));
    }
    return new PowerModes(modes, known, problems);
  }

  /** No line that says something is longer; what is cut off is no number or name any more. */
  private static String bounded(String line) {
    return line.length() <= MAX_LINE_CHARACTERS
        ? line
        : line.substring(0, MAX_LINE_CHARACTERS) + '\u2026';
  }

  private void problem(int number, String what) {
    problemCount++;
    if (problems.size() < MAX_PROBLEMS) {
      problems.add("line %d: %s".formatted(number, what));
    }
  }
}
