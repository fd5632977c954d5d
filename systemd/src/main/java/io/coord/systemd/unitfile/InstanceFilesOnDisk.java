package io.coord.systemd.unitfile;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Instance files where systemd reads them.
 *
 * <pre>
 * UNIT_DIR/PREFIX@ID.service.d/50-coord.conf  what it runs, within which limits
 * RUNTIME_DIR/ID.env                          the caller's variables: secrets
 * RUNTIME_DIR/ID.origin                       where it comes from: the request, with its variables
 * RUNTIME_DIR/ID.base                         the context as last told
 * RUNTIME_DIR/ID.context                      the context of the next run, written by prepare-run
 * RUNTIME_DIR/ID.records                      exit records for which the next had no space
 * STATE_DIR/exits/ID.log                      exit records, written by record-exit
 * </pre>
 *
 * <p>All of them belong to the service manager's owner, and so do the processes that write them,
 * see {@link RootCommands}: an experiment with an account of its own can write or replace nothing
 * that the service manager or we read.
 */
public final class InstanceFilesOnDisk implements InstanceFiles {
  /** The name of the drop-in of an instance. */
  public static final String DROP_IN = "50-coord.conf";

  /** More than any request has. */
  private static final long MAX_ORIGIN_BYTES = 16L << 20;

  private static final String PRIVATE = "rw-------";

  private final String prefix;
  private final Path unitDir;
  private final Path runtimeDir;
  private final Path recordDir;
  private final Path libDir;

  /**
   * @param prefix the template's name before the {@code @}: {@code brain-experiment}
   * @param unitDir where systemd looks for what a reboot removes: {@code /run/systemd/system}, or
   *     {@code $XDG_RUNTIME_DIR/systemd/user}
   * @param runtimeDir a folder for environment and context files alone, gone at reboot; made with
   *     mode 0711
   * @param stateDir a folder that stays; {@code exits} in it is made with mode 0711. Where
   *     experiments run as other users, those must be able to pass through it
   * @param libDir the folder of the scripts that {@link UnitFileInstaller} installs
   * @throws IllegalArgumentException if systemd cannot take one of these paths
   */
  public InstanceFilesOnDisk(
      String prefix, Path unitDir, Path runtimeDir, Path stateDir, Path libDir) {
    this.prefix = prefix;
    this.unitDir = unitDir;
    this.runtimeDir = runtimeDir;
    this.recordDir = stateDir.resolve("exits");
    this.libDir = libDir;
    for (Path path : List.of(runtimeDir, recordDir, libDir)) {
      UnitText.pathProblem(path.toString())
          .ifPresent(
              why -> {
                throw new IllegalArgumentException("cannot use folder '" + path + "': it " + why);
              });
    }
    if (runtimeDir.toString().matches(".*[*?\\[\\\\].*")) {
      throw new IllegalArgumentException(
          "cannot use folder '" + runtimeDir + "': systemd takes *?[\\ for a shell pattern there");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if {@link InstanceProblems#problems} finds something
   */
  @Override
  public void prepare(InstanceSpec spec) {
    List<String> problems = InstanceProblems.problems(spec);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot prepare '" + spec.instance() + "': " + String.join("; ", problems));
    }
    String instance = spec.instance();
    StringBuilder environment = new StringBuilder();
    new RootCommands(spec.exec())
        .variables()
        .forEach((name, value) -> environment.append(UnitText.environmentFileLine(name, value)));
    String dropIn =
        DropIn.text(
            spec,
            libDir,
            environmentFile(instance),
            baseFile(instance),
            contextFile(instance),
            recordFile(instance));
    try {
      makeFolder(runtimeDir, "rwx--x--x");
      makeFolder(recordDir, "rwx--x--x");
      makeFolder(dropInFolder(instance), "rwxr-xr-x");
      AtomicFile.write(environmentFile(instance), environment.toString(), PRIVATE);
      AtomicFile.write(baseFile(instance), ContextFile.text(spec.context()), PRIVATE);
      AtomicFile.write(contextFile(instance), "", PRIVATE);
      if (spec.context().origin().isPresent()) {
        setRecordsOfAnotherAside(instance, spec.context().origin().get());
      }
      makeRecordFile(recordFile(instance));
      ExitRecords.complete(
          recordFile(instance), keptRecords(instance), spec.context().recordsSeen());
      // Last: an instance that can be loaded has all that it needs.
      AtomicFile.write(dropInFile(instance), dropIn, "rw-r--r--");
    } catch (IOException e) {
      throw failure("prepare", instance, e);
    }
  }

  @Override
  public void keepOrigin(String instance, String text) {
    try {
      makeFolder(runtimeDir, "rwx--x--x");
      AtomicFile.write(originFile(instance), text, PRIVATE);
    } catch (IOException e) {
      throw failure("keep the origin of", instance, e);
    }
  }

  @Override
  public Optional<String> origin(String instance) {
    Path file = originFile(instance);
    try {
      return Files.exists(dropInFile(instance)) && Files.size(file) <= MAX_ORIGIN_BYTES
          ? Optional.of(Files.readString(file))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure("read the origin of", instance, e);
    }
  }

  @Override
  public void updateContext(String instance, RunContext context) {
    List<String> problems = InstanceProblems.contextProblems(context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot update context of '" + instance + "': " + String.join("; ", problems));
    }
    try {
      AtomicFile.write(baseFile(instance), ContextFile.text(context), PRIVATE);
    } catch (IOException e) {
      throw failure("update context of", instance, e);
    }
  }

  @Override
  public void discard(String instance) {
    try {
      // The drop-in last: until then, the instance is listed and this is tried again.
      if (Files.exists(recordFile(instance))) {
        ExitRecords.complete(recordFile(instance), keptRecords(instance), 0);
        ExitRecords.trim(recordFile(instance));
      }
      AtomicFile.delete(environmentFile(instance));
      AtomicFile.delete(originFile(instance));
      AtomicFile.delete(contextFile(instance));
      AtomicFile.delete(baseFile(instance));
      AtomicFile.delete(dropInFile(instance));
      Files.deleteIfExists(dropInFolder(instance));
    } catch (DirectoryNotEmptyException e) {
      // Somebody else's drop-ins for this instance stay.
    } catch (IOException e) {
      throw failure("discard", instance, e);
    }
  }

  @Override
  public List<String> prepared() {
    String before = prefix + "@";
    String after = ".service.d";
    List<String> instances = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(unitDir)) {
      for (Path folder : folders) {
        String name = String.valueOf(folder.getFileName());
        if (name.startsWith(before)
            && name.endsWith(after)
            && name.length() > before.length() + after.length()
            && isOurs(folder)) {
          instances.add(name.substring(before.length(), name.length() - after.length()));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new SystemdException(
          unitDir.toString(),
          "input-output",
          "cannot list drop-ins in '" + unitDir + "': " + e.getMessage(),
          e);
    }
    return instances.stream().sorted().toList();
  }

  /** Whether our drop-in is in it, or nothing but what a crash left of writing or deleting that. */
  private static boolean isOurs(Path folder) throws IOException {
    boolean ours = true;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (file.endsWith(DROP_IN)) {
          return true;
        }
        ours &= AtomicFile.isUnfinished(file, DROP_IN);
      }
      return ours;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
  }

  @Override
  public List<ExitRecord> exitRecords(String instance, int skip) {
    Path file = recordFile(instance);
    try {
      try {
        return ExitRecords.read(file, keptRecords(instance), skip);
      } catch (AccessDeniedException e) {
        takeOver(file);
        return ExitRecords.read(file, keptRecords(instance), skip);
      }
    } catch (IOException e) {
      throw failure("read the exit records of", instance, e);
    }
  }

  /** Of an experiment of another ledger, which had the same id. */
  private void setRecordsOfAnotherAside(String instance, String origin) throws IOException {
    Path file = recordFile(instance);
    if (!ExitRecords.anyOfAnother(file, keptRecords(instance), origin)) {
      return;
    }
    if (Files.exists(file)) {
      ExitRecords.complete(file, keptRecords(instance), 0);
      int number = 1;
      while (Files.exists(aside(file, number))) {
        number++;
      }
      Files.move(file, aside(file, number), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.deleteIfExists(keptRecords(instance));
  }

  private static Path aside(Path file, int number) {
    return file.resolveSibling(file.getFileName() + ".of-another-" + number);
  }

  /** Whole records stay. */
  private void makeRecordFile(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      AtomicFile.write(file, "", PRIVATE);
    } else if (!Files.getOwner(file).equals(Files.getOwner(runtimeDir))) {
      takeOver(file);
    }
  }

  /**
   * Earlier versions gave the records to the account of the experiment. It may still have the file
   * open, or another name for it: a copy takes its place.
   */
  private void takeOver(Path file) throws IOException {
    Files.setOwner(file, Files.getOwner(runtimeDir));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(PRIVATE));
    AtomicFile.write(file, ExitRecords.completeLines(file), PRIVATE);
  }

  private static void makeFolder(Path folder, String mode) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
  }

  private Path dropInFolder(String instance) {
    if (!InstanceProblems.isInstanceName(instance)) {
      throw new IllegalArgumentException("not the name of an instance: '" + instance + "'");
    }
    return unitDir.resolve(prefix + "@" + instance + ".service.d");
  }

  private Path dropInFile(String instance) {
    return dropInFolder(instance).resolve(DROP_IN);
  }

  private Path environmentFile(String instance) {
    return runtimeFile(instance, ".env");
  }

  private Path originFile(String instance) {
    return runtimeFile(instance, ".origin");
  }

  private Path baseFile(String instance) {
    return runtimeFile(instance, ".base");
  }

  private Path contextFile(String instance) {
    return runtimeFile(instance, ".context");
  }

  private Path recordFile(String instance) {
    dropInFolder(instance);
    return recordDir.resolve(instance + ".log");
  }

  private Path keptRecords(String instance) {
    return runtimeFile(instance, ".records");
  }

  private Path runtimeFile(String instance, String suffix) {
    dropInFolder(instance);
    return runtimeDir.resolve(instance + suffix);
  }

  private static SystemdException failure(String what, String instance, IOException e) {
    return new SystemdException(
        instance, "input-output", "cannot " + what + " instance '" + instance + "': " + e, e);
  }
}
