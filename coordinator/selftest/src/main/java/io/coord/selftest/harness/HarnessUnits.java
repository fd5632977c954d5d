package io.coord.selftest.harness;

import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.cgroup.Cgroup;
import io.coord.systemd.dbus.DbusServiceManager;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The units on the user's service manager, which is restored at the end. */
public final class HarnessUnits implements AutoCloseable {
  /** Logs too much at INFO; kept in a field, as a logger without a reference loses its level. */
  private static final Logger DBUS = Logger.getLogger("org.freedesktop.dbus");

  private static final String SLICE = "brain.slice";
  private static final String TEMPLATE = "brain-experiment@.service";
  private static final String PATTERN = "brain-experiment@*.service";
  private static final int STOP_LIMIT_SECONDS = 60;

  private final ServiceManager manager;
  private final Path folder;
  private final Map<Path, Optional<byte[]>> filesBefore = new LinkedHashMap<>();
  private final boolean sliceBefore;
  private final SliceStatus limitsBefore;

  /**
   * @param script the script that starts a private service manager
   * @throws HarnessException if there is no service manager, or if a coordinator or experiments of
   *     the user are in it
   */
  public HarnessUnits(Map<String, String> environment, String script) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (runtime.isEmpty()) {
      throw new HarnessException(
          "cannot find your service manager: XDG_RUNTIME_DIR is not set; use "
              + script
              + ", which starts a private one");
    }
    if (Files.exists(Path.of(runtime, "coord", "coord.sock"))) {
      throw new HarnessException(
          "your own coordinator runs on your service manager; nothing was changed; stop it first,"
              + " or use "
              + script
              + ", which starts a private service manager");
    }
    folder = Path.of(runtime, "systemd", "user");
    DBUS.setLevel(Level.SEVERE);
    try {
      manager = DbusServiceManager.onUserBus();
    } catch (SystemdException e) {
      throw new HarnessException(
          e.getMessage() + "; use " + script + ", which starts a private service manager");
    }
    try {
      List<String> inUse = new ArrayList<>(dropIns().map(Path::toString).toList());
      manager.units(PATTERN).stream()
          .filter(unit -> !unit.isDown())
          .map(UnitStatus::unit)
          .forEach(inUse::add);
      if (!inUse.isEmpty()) {
        throw new HarnessException(
            "your service manager has experiments of your own ('%s'); nothing was changed;"
                    .formatted(inUse.get(0))
                + " wait for them to end, or use "
                + script
                + ", which starts a private service manager");
      }
      limitsBefore = manager.slices().status(SLICE);
      sliceBefore = manager.status(SLICE).filter(slice -> !slice.isDown()).isPresent();
      for (String name : List.of(TEMPLATE, SLICE)) {
        Path file = folder.resolve(name);
        filesBefore.put(
            file, Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty());
      }
    } catch (IOException e) {
      manager.close();
      throw new HarnessException("cannot read '" + folder + "'", e);
    } catch (HarnessException | SystemdException e) {
      manager.close();
      throw e;
    }
  }

  private Stream<Path> dropIns() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(folder, "brain-experiment@*.service.d")) {
      folders.forEach(found::add);
    } catch (NoSuchFileException e) {
      return Stream.empty();
    }
    return found.stream();
  }

  /** The cgroup of a running experiment; empty if it has none now. */
  public Optional<Cgroup> cgroup(String id) {
    return manager
        .status(unit(id))
        .map(unit -> unit.controlGroup().path())
        .filter(path -> !path.isEmpty())
        .map(Cgroup::new);
  }

  private static String unit(String id) {
    return "brain-experiment@" + id + ".service";
  }

  /** The experiments' units that the service manager has not forgotten. */
  public List<String> loaded() {
    return manager.units(PATTERN).stream().map(UnitStatus::unit).toList();
  }

  /** The experiments' units that are up. */
  public List<String> up() {
    return manager.units(PATTERN).stream()
        .filter(unit -> !unit.isDown())
        .map(UnitStatus::unit)
        .toList();
  }

  /** Where the service manager reads unit files that a reboot removes. */
  public Path folder() {
    return folder;
  }

  /** Sends a signal to the main process of an experiment, if it has one. */
  public void kill(String id, int signal) {
    manager.kill(unit(id), signal);
  }

  /** The folders with drop-ins of experiments. */
  public List<Path> leftDropIns() {
    try {
      return dropIns().toList();
    } catch (IOException e) {
      throw new HarnessException("cannot read '" + folder + "'", e);
    }
  }

  /**
   * Stops what is still active and removes what was added.
   *
   * @param ids the experiments that were run
   * @return what failed; empty if everything was restored
   */
  public List<String> restore(Collection<String> ids) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    try {
      List<CompletableFuture<?>> stops = new ArrayList<>();
      up().forEach(unit -> stops.add(manager.stop(unit)));
      if (!sliceBefore
          && filesBefore.getOrDefault(folder.resolve(SLICE), Optional.empty()).isEmpty()) {
        stops.add(manager.stop(SLICE));
      }
      CompletableFuture.allOf(stops.toArray(CompletableFuture<?>[]::new))
          .get(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
      for (String id : ids) {
        manager.release(unit(id));
      }
      // The coordinator under test limits the slice, and may have been killed while it was hot.
      manager.slices().limitProcessor(SLICE, limitsBefore.processorPercent());
      manager.slices().limitTotals(SLICE, limitsBefore.memoryBytes(), limitsBefore.cores());
      removeFiles();
      manager.reload();
    } catch (IOException | SystemdException | ExecutionException | TimeoutException e) {
      problems.add("cannot restore the service manager: " + e);
    }
    return problems;
  }

  private void removeFiles() throws IOException {
    for (Path dropIn : dropIns().toList()) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(dropIn)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(dropIn);
    }
    for (Map.Entry<Path, Optional<byte[]>> file : filesBefore.entrySet()) {
      if (file.getValue().isPresent()) {
        Files.write(file.getKey(), file.getValue().get());
      } else {
        Files.deleteIfExists(file.getKey());
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
