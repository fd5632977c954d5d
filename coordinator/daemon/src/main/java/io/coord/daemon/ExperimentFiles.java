package io.coord.daemon;

import io.coord.daemon.ConfigValues.Given;
import io.coord.runner.Quoting;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.runner.json.RequestField;
import io.coord.runner.json.Requests;
import io.coord.server.api.RequestDefaults;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the administrator has set for single experiments: the file {@code ID.env} of each, if there
 * is one. It is read at each request, so that a change holds from the next one on.
 *
 * <p>Threads may share it.
 */
final class ExperimentFiles implements RequestDefaults {
  /** In the folder of the configuration. */
  static final String FOLDER = "experiments";

  private static final String SUFFIX = ".env";

  static final String RAM = "EXPERIMENT_RAM_LIMIT";
  static final String CPU = "EXPERIMENT_CPU_QUOTA";
  private static final String POWER_MODE = "NVPMODEL_MODE";
  private static final String MAX_TEMPERATURE = "MAX_TEMP_CELSIUS";

  static final List<String> KNOWN = List.of(RAM, CPU, POWER_MODE, MAX_TEMPERATURE);

  private static final Logger LOG = LoggerFactory.getLogger(ExperimentFiles.class);

  private final Path folder;
  private final long totalRamBytes;
  private final List<String> administrators;

  /**
   * What came of reading one file.
   *
   * @param values none if there is no such file
   * @param faults if there is one, no value holds
   * @param warnings one line each; something in the file has no effect
   */
  record Reading(
      Map<RequestField, String> values,
      List<Settings.ValidationError> faults,
      List<String> warnings) {}

  /**
   * @param totalRamBytes the memory of all experiments, the most that one can be given
   */
  ExperimentFiles(Path folder, long totalRamBytes) {
    this(folder, totalRamBytes, List.of("root", System.getProperty("user.name", "root")));
  }

  /**
   * @param administrators whose files are believed
   */
  ExperimentFiles(Path folder, long totalRamBytes, List<String> administrators) {
    this.folder = folder;
    this.totalRamBytes = totalRamBytes;
    this.administrators = administrators.stream().distinct().toList();
  }

  @Override
  public Validated<String> completed(String id, String request) {
    Reading reading = read(id);
    reading.warnings().forEach(warning -> LOG.warn("{}", warning));
    if (!reading.faults().isEmpty()) {
      return new Validated.Invalid<>(
          reading.faults().stream()
              .map(fault -> new ValidationError(fault.place(), fault.problem()))
              .toList());
    }
    return new Validated.Valid<>(
        reading.values().isEmpty() ? request : Requests.completed(request, reading.values()));
  }

  /**
   * Reads the file of one id.
   *
   * @throws IllegalArgumentException if that is no id
   */
  Reading read(String id) {
    if (!Spec.isId(id)) {
      throw new IllegalArgumentException("no id: " + Quoting.of(id));
    }
    Path file = folder.resolve(id + SUFFIX);
    ConfigValues given =
        new ConfigValues(
            KNOWN,
            SettingsReader.KNOWN,
            "is a setting of the coordinator, ignored here; it belongs in 'coordinator.env'");
    Map<RequestField, String> values = new EnumMap<>(RequestField.class);
    if (isTheAdministrators(file, given)) {
      given.takeFile(file);
      if (given.experimentRamBytes(RAM, totalRamBytes).isPresent()) {
        given.find(RAM).ifPresent(ram -> values.put(RequestField.RAM, ram.value()));
      }
      given.cpuPercent(CPU).ifPresent(percent -> values.put(RequestField.CPU, percent + "%"));
      powerMode(given).ifPresent(mode -> values.put(RequestField.NVPMODEL_MODE, mode));
      maxTemperature(given)
          .ifPresent(degrees -> values.put(RequestField.MAX_TEMP_CELSIUS, degrees));
    }
    return new Reading(values, given.faults(), given.warnings());
  }

  /** What is wrong with all the files that there are, in the order of their names; no values. */
  Reading check() {
    List<Settings.ValidationError> faults = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (String name : names(faults)) {
      String id = name.substring(0, name.length() - SUFFIX.length());
      if (Spec.isId(id)) {
        Reading reading = read(id);
        faults.addAll(reading.faults());
        warnings.addAll(reading.warnings());
      } else {
        warnings.add(folder.resolve(name) + ": no experiment can have this id, ignored");
      }
    }
    return new Reading(Map.of(), faults, warnings);
  }

  private SortedSet<String> names(List<Settings.ValidationError> faults) {
    SortedSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      found.forEach(file -> names.add(String.valueOf(file.getFileName())));
    } catch (NoSuchFileException e) {
      // Nothing is set for any of them.
    } catch (IOException | DirectoryIteratorException e) {
      faults.add(new Settings.ValidationError(folder.toString(), "cannot list the settings: " + e));
    }
    return names;
  }

  private static Optional<String> powerMode(ConfigValues given) {
    Optional<Given> mode = given.find(POWER_MODE);
    if (mode.isPresent() && !Spec.Conditions.isPowerMode(mode.get().value())) {
      given.refuse(POWER_MODE, mode.get(), "a power mode, " + Spec.Conditions.POWER_MODE_RULE);
      return Optional.empty();
    }
    return mode.map(Given::value);
  }

  private static Optional<String> maxTemperature(ConfigValues given) {
    Optional<BigDecimal> degrees =
        given.celsius(MAX_TEMPERATURE).map(BigDecimal::stripTrailingZeros);
    if (degrees.isPresent() && degrees.get().scale() > 3) {
      given
          .find(MAX_TEMPERATURE)
          .ifPresent(
              found ->
                  given.refuse(
                      MAX_TEMPERATURE, found, "a temperature in °C with at most 3 decimals"));
      return Optional.empty();
    }
    return degrees.map(BigDecimal::toPlainString);
  }

  /** Whether there is such a file, and nobody but an administrator can have written it. */
  private boolean isTheAdministrators(Path file, ConfigValues given) {
    PosixFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, PosixFileAttributes.class);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      given.fault(file.toString(), "cannot read the settings: " + e);
      return false;
    }
    String owner = attributes.owner().getName();
    if (!attributes.isRegularFile()) {
      given.fault(file.toString(), "cannot read the settings: it is no regular file");
    } else if (!administrators.contains(owner)) {
      given.fault(
          file.toString(),
          "its settings are not believed: it belongs to %s, not to %s; give it to one of them, or"
                  .formatted(Quoting.of(owner), String.join(" or ", administrators))
              + " remove it");
    } else if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
        || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      given.fault(
          file.toString(),
          "its settings are not believed: others than its owner may write it; run 'chmod go-w "
              + file
              + "'");
    } else {
      return true;
    }
    return false;
  }
}
