package io.coord.daemon;

import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.loop.Leftovers;
import io.coord.systemd.unitfile.InstanceFilesOnDisk;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Exit records, folders and output in the state directory, and drop-ins of units. */
final class LeftoversOnDisk implements Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(LeftoversOnDisk.class);

  /** An id that an experiment without one gets. */
  private static final Pattern DEFAULT_ID = Pattern.compile("exp-(\\d{1,15})");

  /**
   * Where something may be.
   *
   * @param before the id, in the name
   * @param after the id, in the name
   * @param inside what it must contain; blank if it counts by itself
   */
  private record Place(Path folder, String before, String after, String inside) {
    Path of(String id) {
      return folder.resolve(before + id + after).resolve(inside);
    }

    OptionalLong number(String name) {
      if (!name.startsWith(before)
          || !name.endsWith(after)
          || name.length() < before.length() + after.length()) {
        return OptionalLong.empty();
      }
      Matcher id =
          DEFAULT_ID.matcher(name.substring(before.length(), name.length() - after.length()));
      return id.matches() ? OptionalLong.of(Long.parseLong(id.group(1))) : OptionalLong.empty();
    }
  }

  private final List<Place> places;

  /**
   * @param state the state directory
   * @param units where the drop-ins of units are
   */
  LeftoversOnDisk(Path state, Path units) {
    String unit = ExperimentUnits.unitOf("");
    this.places =
        List.of(
            new Place(state.resolve("exits"), "", ".log", ""),
            new Place(state.resolve("experiments"), "", "", ""),
            new Place(state.resolve("output"), "", ".log", ""),
            new Place(
                units,
                unit.substring(0, unit.indexOf('@') + 1),
                ".service.d",
                InstanceFilesOnDisk.DROP_IN));
  }

  @Override
  public Optional<String> of(String id) {
    return places.stream()
        .map(place -> place.of(id))
        .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
        .findFirst()
        .map(
            path ->
                "'"
                    + path
                    + "' is left of an experiment that the database does not know; use another id,"
                    + " or remove it");
  }

  /** The largest number in a default id of which something is left; 0 if nothing is. */
  long largestNumber() {
    long largest = 0;
    for (Place place : places) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(place.folder())) {
        for (Path entry : entries) {
          largest = Math.max(largest, place.number(String.valueOf(entry.getFileName())).orElse(0));
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        // Nothing is left there.
      } catch (IOException e) {
        LOG.warn("cannot list '{}': {}; ids are checked one by one", place.folder(), e.toString());
      }
    }
    return largest;
  }
}
