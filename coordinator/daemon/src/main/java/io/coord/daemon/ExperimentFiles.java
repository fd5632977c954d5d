package io.coord.daemon;

import io.coord.daemon.ConfigValues.Given;
import io.coord.runner.Quoting;
import io.coord.runner.RequestDefaults;
import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationErrors;
import io.coord.runner.json.SpecReader;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

  static final String RAM = RequestField.RAM.setting().orElseThrow();
  static final String CPU = RequestField.CPU.setting().orElseThrow();

  static final List<String> KNOWN =
      RequestField.all().stream().flatMap(field -> field.setting().stream()).toList();

  private static final Logger LOG = LoggerFactory.getLogger(ExperimentFiles.class);

  private final Path folder;
  private final long totalRamBytes;
  private final List<String> administrators;

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
  public Validated<Map<RequestField<?>, String>> of(String id) {
    Validated<Map<RequestField<?>, String>> read = read(id);
    read.warnings().forEach(warning -> LOG.warn("{}", warning));
    return read;
  }

  /**
   * Reads the file of one id.
   *
   * @return no values if there is no such file; a warning for each line that has no effect
   * @throws IllegalArgumentException if that is no id
   */
  Validated<Map<RequestField<?>, String>> read(String id) {
    if (!Spec.isId(id)) {
      throw new IllegalArgumentException("no id: " + Quoting.of(id));
    }
    Path file = folder.resolve(id + SUFFIX);
    ConfigValues given =
        new ConfigValues(
            KNOWN,
            SettingsReader.KNOWN,
            "is a setting of the coordinator, ignored here; it belongs in 'coordinator.env'");
    Map<RequestField<?>, String> values = new LinkedHashMap<>();
    if (isTheAdministrators(file, given.errors())) {
      given.takeFile(file);
      for (RequestField<?> field : RequestField.all()) {
        field
            .setting()
            .flatMap(given::find)
            .filter(found -> isValid(field, found, given))
            .ifPresent(found -> values.put(field, found.value()));
      }
    }
    return given.errors().validated(() -> values);
  }

  private boolean isValid(RequestField<?> field, Given found, ConfigValues given) {
    if (field == RequestField.RAM) {
      return given.experimentRamBytes(RAM, totalRamBytes).isPresent();
    }
    Optional<String> problem = SpecReader.problem(field, found.value());
    problem.ifPresent(why -> given.refuse(found, field.setting().orElseThrow() + ": " + why));
    return problem.isEmpty();
  }

  /**
   * Checks all the files that there are, in the order of their names.
   *
   * @return the ids that have one
   */
  Validated<List<String>> check() {
    ValidationErrors errors = new ValidationErrors(folder.toString());
    List<String> ids = new ArrayList<>();
    for (String name : names(errors)) {
      String id = name.substring(0, name.length() - SUFFIX.length());
      if (Spec.isId(id)) {
        ids.add(id);
        Validated<Map<RequestField<?>, String>> read = read(id);
        read.warnings().forEach(errors::warn);
        if (read instanceof Validated.Invalid<Map<RequestField<?>, String>> invalid) {
          invalid.errors().forEach(error -> errors.add(error.field(), error.problem()));
        }
      } else {
        errors.warn(folder.resolve(name) + ": no experiment can have this id, ignored");
      }
    }
    return errors.validated(() -> ids);
  }

  private SortedSet<String> names(ValidationErrors errors) {
    SortedSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      found.forEach(file -> names.add(String.valueOf(file.getFileName())));
    } catch (NoSuchFileException e) {
      // Nothing is set for any of them.
    } catch (IOException | DirectoryIteratorException e) {
      errors.add(folder.toString(), "cannot list the settings: " + e);
    }
    return names;
  }

  /** Whether there is such a file, and nobody but an administrator can have written it. */
  private boolean isTheAdministrators(Path file, ValidationErrors errors) {
    PosixFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, PosixFileAttributes.class);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      errors.add(file.toString(), "cannot read the settings: " + e);
      return false;
    }
    String owner = attributes.owner().getName();
    if (!attributes.isRegularFile()) {
      errors.add(file.toString(), "cannot read the settings: it is no regular file");
    } else if (!administrators.contains(owner)) {
      errors.add(
          file.toString(),
          "its settings are not believed: it belongs to %s, not to %s; give it to one of them, or"
                  .formatted(Quoting.of(owner), String.join(" or ", administrators))
              + " remove it");
    } else if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
        || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      errors.add(
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
