package io.coord.runner.files;

import io.coord.runner.UserFileAccess;
import io.coord.runner.UserFileAccessContract;

final class DirectFileAccessTest extends UserFileAccessContract {
  @Override
  protected UserFileAccess files() {
    return new DirectFileAccess();
  }

  @Override
  protected String owner() {
    return "whoever";
  }
}
