package io.coord.daemon;

import io.coord.systemd.InstanceFiles;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.dbus.DbusServiceManager;
import io.coord.systemd.unitfile.InstanceFilesOnDisk;
import io.coord.systemd.unitfile.UnitFileInstaller;
import io.coord.systemd.unitfile.UnitFilePaths;

/** The service manager, and the unit files that it reads. */
record SystemdConnection(ServiceManager manager, InstanceFiles files) {

  /** Connects, and installs the unit files unless a package has. */
  static SystemdConnection open(Paths paths, Lifecycle lifecycle) {
    ServiceManager manager =
        lifecycle.opened(
            "the connection to systemd",
            paths.user() ? DbusServiceManager.onUserBus() : DbusServiceManager.onSystemBus());
    UnitFileInstaller installer = installer(paths);
    boolean changed = paths.unitFilesInstalled() ? installer.installScripts() : installer.install();
    if (changed) {
      manager.reload();
    }
    return new SystemdConnection(
        manager,
        new InstanceFilesOnDisk(
            "brain-experiment",
            paths.units(),
            paths.runtime().resolve("instances"),
            paths.state(),
            paths.scripts()));
  }

  private static UnitFileInstaller installer(Paths paths) {
    UnitFilePaths named =
        new UnitFilePaths(
            UnitFilePaths.OF_PACKAGE.program(),
            paths.scripts(),
            paths.config(),
            paths.state(),
            paths.runtime(),
            paths.units(),
            paths.state(),
            new UnitFilePaths.Nvpmodel(paths.hardware().nvpmodel(), paths.nvpmodelOutput()));
    return new UnitFileInstaller(paths.units(), named, !paths.user());
  }
}
