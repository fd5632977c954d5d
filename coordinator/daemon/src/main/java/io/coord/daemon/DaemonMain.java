package io.coord.daemon;

import io.coord.persistence.LedgerException;
import io.coord.runner.Validated;
import io.coord.server.cli.Completion;
import io.coord.server.cli.HelpMain;
import io.coord.systemd.SystemdException;
import io.coord.systemd.unitfile.PackagedUnitFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs without a daemon: the daemon itself, the check of settings, the restore of a backup,
 * the completion for shells, and the unit files of a package.
 */
public final class DaemonMain {
  private static final int OK = 0;
  private static final int USER = 2;
  private static final int INTERNAL = 70;

  private DaemonMain() {}

  /**
   * Runs what the arguments say, and ends the process with its exit code.
   *
   * @param args {@code [--user] daemon}, {@code config check}, {@code restore [--dry-run] FILE},
   *     {@code completion} or {@code unit-files --into DIR}
   */
  public static void main(String[] args) throws InterruptedException {
    List<String> words = new ArrayList<>(List.of(args));
    Map<String, String> environment = System.getenv();
    boolean user = words.remove("--user") || "1".equals(environment.get("COORD_USER"));
    if (words.size() == 3 && words.subList(0, 2).equals(List.of("unit-files", "--into"))) {
      System.exit(unitFiles(Path.of(words.get(2))));
    }
    if (!words.isEmpty() && words.get(0).equals("restore")) {
      System.exit(restore(user, environment, words));
    }
    String command = String.join(" ", words);
    int code =
        switch (command) {
          case "daemon" -> daemon(user, environment);
          case "config check" -> checkConfig(user, environment);
          case "completion" -> completion();
          default -> {
            System.err.println(
                "coord: cannot run '" + command + "': 'coord --help' shows what is possible");
            yield USER;
          }
        };
    System.exit(code);
  }

  private static int daemon(boolean user, Map<String, String> environment)
      throws InterruptedException {
    Logging.setUp(environment);
    Logger log = LoggerFactory.getLogger(DaemonMain.class);
    CountDownLatch closed = new CountDownLatch(1);
    try {
      Paths paths = Paths.of(user, environment);
      Host host = new Host(paths.hardware().proc(), paths.hardware().sysfs());
      Optional<Settings> settings = settings(paths, host, environment, log);
      if (settings.isEmpty()) {
        return USER;
      }
      try (Daemon daemon =
          Daemon.start(paths, settings.get(), host, ServiceEnvironment.of(environment))) {
        Thread main = Thread.currentThread();
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      if (closed.getCount() == 0) {
                        return;
                      }
                      // Closing in the main thread lets a request that is being answered finish.
                      // That thread itself does not end: its exit waits for this hook.
                      main.interrupt();
                      try {
                        if (closed.await(5, TimeUnit.SECONDS)) {
                          // A service that is asked to end and does has not failed; without this
                          // the JVM would say 143.
                          Runtime.getRuntime().halt(OK);
                        }
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }));
        daemon.join();
        return INTERNAL;
      }
    } catch (InterruptedException e) {
      return OK;
    } catch (IllegalArgumentException | LedgerException e) {
      log.error("{}", e.getMessage());
      return USER;
    } catch (IOException | UncheckedIOException | SystemdException e) {
      log.error("{}", e.getMessage());
      return INTERNAL;
    } finally {
      closed.countDown();
    }
  }

  private static int restore(boolean user, Map<String, String> environment, List<String> words) {
    Logging.setUp(environment);
    PrintWriter help = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    OptionalInt answered = HelpMain.answer(words, 0, help, System.err::println);
    if (answered.isPresent()) {
      help.flush();
      return answered.getAsInt();
    }
    List<String> rest = new ArrayList<>(words.subList(1, words.size()));
    boolean dryRun = rest.remove("--dry-run");
    boolean json = rest.remove("--json");
    rest.remove("--");
    try {
      return new Restore(
              Paths.of(user, environment),
              System.getProperty("user.name", "root"),
              System.out,
              System.err)
          .run(Path.of(rest.get(0)).toAbsolutePath(), dryRun, json);
    } catch (IllegalArgumentException e) {
      System.err.println("coord: " + e.getMessage());
      return USER;
    }
  }

  private static int completion() {
    System.out.print(Completion.bash());
    return OK;
  }

  private static int unitFiles(Path root) {
    try {
      PackagedUnitFiles.writeBelow(root).forEach(System.out::println);
      return OK;
    } catch (SystemdException e) {
      System.err.println("coord: " + e.getMessage());
      return INTERNAL;
    }
  }

  private static int checkConfig(boolean user, Map<String, String> environment) {
    Logging.setUp(environment);
    Logger log = LoggerFactory.getLogger(DaemonMain.class);
    try {
      Paths paths = Paths.of(user, environment);
      Optional<Settings> settings =
          settings(
              paths, new Host(paths.hardware().proc(), paths.hardware().sysfs()), environment, log);
      if (settings.isEmpty()) {
        return USER;
      }
      System.out.println(settings.get().asFile());
      return reported(
                  new ExperimentFiles(
                          paths.config().resolve(ExperimentFiles.FOLDER),
                          settings.get().capacity().ramBytes())
                      .check(),
                  log)
              .isPresent()
          ? OK
          : USER;
    } catch (IllegalArgumentException e) {
      log.error("{}", e.getMessage());
      return USER;
    }
  }

  /** The settings; empty if something is wrong with them, and then all of it was said. */
  private static Optional<Settings> settings(
      Paths paths, Host host, Map<String, String> environment, Logger log) {
    Path file = paths.config().resolve("coordinator.env");
    Validated<Settings> read =
        Settings.read(
            file, environment, host.memTotalBytes(), ThresholdBounds.of(paths), host.cores());
    if (read instanceof Validated.Invalid<Settings> invalid) {
      reported(read, log);
      log.error("cannot start: {} settings are wrong", invalid.errors().size());
      return Optional.empty();
    }
    return reported(read, log);
  }

  /** Logs the warnings and errors. */
  private static <T> Optional<T> reported(Validated<T> read, Logger log) {
    read.warnings().forEach(warning -> log.warn("{}", warning));
    if (read instanceof Validated.Invalid<T> invalid) {
      invalid.errors().forEach(error -> log.error("{}", error));
      return Optional.empty();
    }
    return Optional.of(((Validated.Valid<T>) read).value());
  }
}
