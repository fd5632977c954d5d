package io.coord.daemon;

import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.verify.Inspection;
import io.coord.scheduler.verify.Installation;
import io.coord.scheduler.verify.Installation.Bounds;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.SystemdException;
import io.coord.systemd.cgroup.Cgroup;
import io.coord.thermal.Cores;
import io.coord.thermal.Heat;
import io.coord.thermal.Reading;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Measures this machine: files of the kernel, systemd over the bus, the ledger. */
final class MachineInspection implements Inspection {
  static final String TEMPLATE = "brain-experiment@.service";

  /** A template cannot be loaded, an instance of it can; no experiment is ever named so. */
  private static final String PROBE = "brain-experiment@coord-verify.service";

  private static final List<String> OF_THE_MACHINE =
      List.of(
          "brain-experiment-coordinator.service",
          "brain-experiment-coordinator.socket",
          "brain-experiment.target");

  private final Paths paths;
  private final ServiceManager manager;
  private final Ledger ledger;
  private final long memoryBytes;
  private final Cores cores;
  private final Supplier<Timestamps> clock;
  private final Path groups;

  /**
   * @param memoryBytes what all experiments are to have
   * @param cores what they are to have; empty for all
   */
  MachineInspection(
      Paths paths,
      ServiceManager manager,
      Ledger ledger,
      long memoryBytes,
      Cores cores,
      Supplier<Timestamps> clock) {
    this.paths = paths;
    this.manager = manager;
    this.ledger = ledger;
    this.memoryBytes = memoryBytes;
    this.cores = cores;
    this.clock = clock;
    this.groups = paths.hardware().cgroups();
  }

  @Override
  public Installation measure(List<Bounded> experiments, Heat heat) {
    String own = ownGroup();
    Reading<SliceStatus> slice = asked(() -> manager.slices().status(ExperimentUnits.SLICE));
    String sliceGroup = slice.value().map(SliceStatus::controlGroup).orElse("");
    List<Installation.Unit> units = units();
    Timestamps now = clock.get();
    return new Installation(
        paths.user(),
        new Installation.ClockReading(
            now.wall(),
            now.uptime(),
            Files.exists(paths.hardware().board().resolve("run/systemd/timesync/synchronized"))),
        units,
        new Installation.Self(
            own.replaceFirst(".*/", ""),
            own.isEmpty() ? Bounds.missing("its cgroup is not known") : bounds(own),
            oomScoreAdjust()),
        new Installation.KernelLimits(
            new Installation.Slice(
                memoryBytes,
                cores,
                slice,
                sliceGroup.isEmpty()
                    ? Bounds.missing("nothing has run in it yet")
                    : bounds(sliceGroup)),
            controllers(sliceGroup, own),
            bounded(experiments)),
        new Installation.Access(rights(), socket()),
        heat,
        new Installation.DataFiles(store(), journal()));
  }

  /** Why experiments use other cores than they are to have; empty if the kernel sees to it. */
  Optional<String> coresProblem() {
    Installation.Controllers controllers = controllers("", ownGroup());
    if (cores.isEmpty() || (controllers.version2() && controllers.present().contains("cpuset"))) {
      return Optional.empty();
    }
    return Optional.of(
        "EXPERIMENT_CORES=%s is not enforced: this kernel's cgroups are %s; experiments use all cores"
            .formatted(cores, controllers.version2() ? "without cpuset here" : "of version 1"));
  }

  private List<Installation.Unit> units() {
    List<Installation.Unit> units = new ArrayList<>();
    units.add(new Installation.Unit(TEMPLATE, asked(() -> manager.facts(PROBE))));
    units.add(
        new Installation.Unit(
            ExperimentUnits.SLICE, asked(() -> manager.facts(ExperimentUnits.SLICE))));
    if (!paths.user()) {
      OF_THE_MACHINE.forEach(
          unit -> units.add(new Installation.Unit(unit, asked(() -> manager.facts(unit)))));
    }
    return units;
  }

  private static <T> Reading<T> asked(Supplier<T> question) {
    try {
      return Reading.of(question.get());
    } catch (SystemdException | LedgerException e) {
      return Reading.missing(String.valueOf(e.getMessage()));
    }
  }

  /** The cgroup of this process as systemd names it; empty if that cannot be told. */
  private String ownGroup() {
    List<String> lines;
    try {
      lines = Files.readAllLines(paths.hardware().proc().resolve("self/cgroup"));
    } catch (IOException e) {
      return "";
    }
    // Number, controllers, path: systemd's own hierarchy where there are several.
    return lines.stream()
        .filter(line -> line.startsWith("0::/") || line.contains(":name=systemd:/"))
        .map(line -> line.replaceFirst("^[^:]*:[^:]*:", ""))
        .filter(path -> !path.equals("/"))
        .findFirst()
        .orElse("");
  }

  private Bounds bounds(String controlGroup) {
    Cgroup group = new Cgroup(groups, controlGroup);
    return new Bounds(
        limit(group.memory(), "memory"),
        limit(group.processor(), "cpu"),
        limit(group.tasks(), "pids"),
        group
            .cores()
            .map(text -> Reading.of(Cores.parse(text)))
            .orElseGet(() -> Reading.missing("the kernel has no cpuset for it")));
  }

  private static Reading<OptionalLong> limit(Optional<Cgroup.Limit> limit, String controller) {
    return limit
        .map(
            held ->
                Reading.of(
                    held.value()
                        .map(value -> OptionalLong.of(Math.round(value)))
                        .orElse(OptionalLong.empty())))
        .orElseGet(
            () -> Reading.missing("the kernel has no controller '" + controller + "' for it"));
  }

  private Reading<Integer> oomScoreAdjust() {
    Path file = paths.hardware().proc().resolve("self/oom_score_adj");
    try {
      return Reading.of(Integer.valueOf(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException e) {
      return Reading.missing("cannot read '" + file + "'");
    }
  }

  /** What the kernel can bound in the slice: what its parent may hand down. */
  private Installation.Controllers controllers(String sliceGroup, String own) {
    if (Cgroup.isVersion2(groups)) {
      String parent =
          sliceGroup.isEmpty()
              ? managerGroup(own)
              : sliceGroup.substring(0, sliceGroup.lastIndexOf('/'));
      return new Installation.Controllers(
          true,
          new Cgroup(groups, parent)
              .controllers()
              .map(text -> List.of(text.split(" ", -1)))
              .orElse(List.of()));
    }
    return new Installation.Controllers(
        false,
        List.of("cpu", "cpuset", "io", "memory", "pids").stream()
            .filter(name -> Files.isDirectory(groups.resolve(name.equals("io") ? "blkio" : name)))
            .toList());
  }

  /** The cgroup below which the manager has its slices. */
  private String managerGroup(String own) {
    return paths.user() && own.contains("/user@") ? own.replaceFirst("(/user@[^/]*).*", "$1") : "";
  }

  private List<Installation.Experiment> bounded(List<Bounded> experiments) {
    List<Installation.Experiment> running = new ArrayList<>();
    for (Bounded experiment : experiments) {
      asked(() -> manager.status(ExperimentUnits.unitOf(experiment.id())))
          .value()
          .flatMap(status -> status)
          .filter(status -> status.active() == ActiveState.ACTIVE)
          .map(unit -> unit.controlGroup().path())
          .filter(group -> !group.isEmpty())
          .ifPresent(group -> running.add(new Installation.Experiment(experiment, bounds(group))));
    }
    return running;
  }

  private Optional<String> rights() {
    try {
      manager.checkRights(ExperimentUnits.SLICE);
      return Optional.empty();
    } catch (SystemdException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Installation.Store store() {
    return new Installation.Store(asked(ledger::storage), ledger.damage(), disk());
  }

  private Reading<Installation.Disk> disk() {
    try {
      FileStore store = Files.getFileStore(paths.state());
      return Reading.of(
          new Installation.Disk(paths.state().toString(), store.type(), store.getUsableSpace()));
    } catch (IOException e) {
      return Reading.missing("cannot read the file system of '" + paths.state() + "': " + e);
    }
  }

  private Reading<Installation.SocketFile> socket() {
    Path file = paths.socket();
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isOther()) {
        return Reading.missing("'" + file + "' is no socket");
      }
      return Reading.of(
          new Installation.SocketFile(
              file.toString(),
              PosixFilePermissions.toString(attributes.permissions()),
              paths.user() ? "rw-------" : "rw-rw-rw-",
              attributes.owner().getName(),
              paths.user() ? System.getProperty("user.name", "") : "root"));
    } catch (IOException e) {
      return Reading.missing("cannot read '" + file + "': " + e);
    }
  }

  private Reading<Installation.Journal> journal() {
    for (String folder : List.of("var/log/journal", "run/log/journal")) {
      Path path = paths.hardware().board().resolve(folder);
      if (Files.isDirectory(path)) {
        return Files.isReadable(path)
            ? Reading.of(new Installation.Journal(path.toString(), folder.startsWith("var")))
            : Reading.missing("'" + path + "' cannot be read");
      }
    }
    return Reading.missing("there is no journal");
  }
}
