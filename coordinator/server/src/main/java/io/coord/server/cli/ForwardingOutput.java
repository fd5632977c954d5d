package io.coord.server.cli;

import java.util.List;

/** Passes on all but the standard output, which a subclass changes. For one thread. */
abstract class ForwardingOutput implements CommandOutput {
  final CommandOutput to;

  ForwardingOutput(CommandOutput to) {
    this.to = to;
  }

  @Override
  public void error(String line) {
    to.error(line);
  }

  @Override
  public void keepAlive() {
    to.keepAlive();
  }

  @Override
  public void resumeWith(List<String> argv) {
    to.resumeWith(argv);
  }

  @Override
  public void need(List<String> needs) {
    to.need(needs);
  }

  @Override
  public void beginFile(String name, boolean replace) {
    to.beginFile(name, replace);
  }

  @Override
  public void file(byte[] bytes, int offset, int length) {
    to.file(bytes, offset, length);
  }

  @Override
  public void endFile() {
    to.endFile();
  }
}
