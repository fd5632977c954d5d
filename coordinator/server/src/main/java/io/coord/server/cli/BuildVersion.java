package io.coord.server.cli;

import java.util.Optional;
import picocli.CommandLine;

/** The version that the build has written into the jar. */
final class BuildVersion implements CommandLine.IVersionProvider {
  @Override
  public String[] getVersion() {
    Optional<String> version =
        Optional.ofNullable(BuildVersion.class.getPackage().getImplementationVersion());
    return new String[] {"coord " + version.orElse("(not packaged)")};
  }
}
