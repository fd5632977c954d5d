package io.coord.runner.files;

import io.coord.runner.OwnersFiles;
import io.coord.runner.OwnersFilesContract;

final class DirectFilesTest extends OwnersFilesContract {
  @Override
  protected OwnersFiles files() {
    return new DirectFiles();
  }

  @Override
  protected String owner() {
    return "whoever";
  }
}
