package io.coord.selftest.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.daemon.DaemonMain;
import io.coord.runner.json.Requests;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator in a process of its own, on roots of its own, and what can be done to it. Its log
 * is kept over restarts.
 *
 * <p>Waiting is for something to happen, never for time to pass: for a line in its log, for its
 * database or the work folder to change; and it ends with a failure that shows the log.
 */
final class LiveCoordinator {
  /** Only ends a test that hangs: a busy machine is no failure. */
  static final Duration LIMIT = Duration.ofMinutes(3);

  /**
   * Not everything that is waited for leaves a trace in a file, so it is looked at now and then.
   */
  private static final long LOOK_AGAIN_MILLIS = 100;

  /** What it logs when it answers requests. */
  static final String READY = "ready on";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Map<String, String> settings = new LinkedHashMap<>();

  /** Guarded by itself, and told of each new line. */
  private final List<String> log = new ArrayList<>();

  private @Nullable Process process;

  LiveCoordinator(Path folder) throws IOException {
    this.folder = folder;
    for (Path root : List.of(config(), state(), runtime(), work(), zone(), temporary())) {
      Files.createDirectories(root);
    }
    Files.writeString(zone().resolve("type"), "cpu-thermal\n");
    heat(45);
    set("TEMPERATURE_CHECK_INTERVAL_SECONDS", "0.2");
    set("THERMAL_DWELL_SECONDS", "0.5");
    set("HEALTH_CHECK_INTERVAL_SECONDS", "1");
    set("MAX_CONCURRENT_EXPERIMENTS", "4");
    set("TOTAL_RAM_LIMIT_GB", "1");
  }

  Path config() {
    return folder.resolve("etc");
  }

  Path state() {
    return folder.resolve("state");
  }

  Path runtime() {
    return folder.resolve("run");
  }

  /** Where experiments of tests work. */
  Path work() {
    return folder.resolve("work");
  }

  Path socket() {
    return runtime().resolve("coord.sock");
  }

  Path database() {
    return state().resolve("coord.db");
  }

  private Path temporary() {
    return folder.resolve("tmp");
  }

  /** The root of a board's own files; there are none, so that it is any Linux machine. */
  Path board() {
    return folder.resolve("board");
  }

  /** Where the tool for power modes is looked for. */
  Path nvpmodel() {
    return folder.resolve("bin/nvpmodel");
  }

  Path sysfs() {
    return folder.resolve("sys");
  }

  private Path zone() {
    return sysfs().resolve("class/thermal/thermal_zone0");
  }

  /** Where the service manager reads unit files that a reboot removes. */
  static Path units() {
    return Path.of(String.valueOf(System.getenv("XDG_RUNTIME_DIR")), "systemd", "user");
  }

  /** Changes a setting; the next start takes it up. */
  LiveCoordinator set(String key, String value) throws IOException {
    settings.put(key, value);
    StringBuilder text = new StringBuilder();
    settings.forEach((name, set) -> text.append(name).append('=').append(set).append('\n'));
    Files.writeString(config().resolve("coordinator.env"), text);
    return this;
  }

  /** Sets what the one thermal zone reads. */
  void heat(double celsius) throws IOException {
    Path written = zone().resolve("temp.new");
    Files.writeString(written, String.format(Locale.ROOT, "%.0f%n", celsius * 1000));
    Files.move(written, zone().resolve("temp"), StandardCopyOption.ATOMIC_MOVE);
  }

  // --- Its life.

  /** Starts it, and waits until it answers requests. */
  LiveCoordinator start() throws Exception {
    int before = lines().size();
    begin();
    awaitLine(READY, before);
    return this;
  }

  /** Starts it, and waits for nothing. */
  void begin() throws IOException {
    process = launch(state());
  }

  /** Starts one that is not expected to stay, and waits for its end; its log is among the lines. */
  int startAndExpectEnd() throws Exception {
    return startAndExpectEnd(state());
  }

  /** The same, on another state folder. */
  int startAndExpectEnd(Path state) throws Exception {
    return end(launch(state));
  }

  private Process launch(Path state) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeAll(settings.keySet());
    environment.keySet().removeIf(name -> name.startsWith("COORD_"));
    environment.remove("JOURNAL_STREAM");
    environment.putAll(roots(state));
    Process started = builder.redirectErrorStream(true).start();
    Thread reader = new Thread(() -> readLog(started), "log");
    reader.setDaemon(true);
    reader.start();
    return started;
  }

  /** What runs it, on the roots that its environment names. */
  List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        // Native libraries that a killed JVM leaves end with the test's folder.
        "-Djava.io.tmpdir=" + temporary(),
        "-cp",
        System.getProperty("java.class.path"),
        DaemonMain.class.getName(),
        "--user",
        "daemon");
  }

  /** The part of its environment that names its roots. */
  Map<String, String> roots() {
    return roots(state());
  }

  private Map<String, String> roots(Path state) {
    return Map.of(
        "COORD_CONFIG_DIR", config().toString(),
        "COORD_STATE_DIR", state.toString(),
        "COORD_RUNTIME_DIR", runtime().toString(),
        "COORD_SYSFS_ROOT", sysfs().toString(),
        "COORD_BOARD_ROOT", board().toString(),
        "COORD_NVPMODEL", nvpmodel().toString());
  }

  private void readLog(Process from) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (log) {
          log.add(line);
          log.notifyAll();
        }
      }
    } catch (IOException e) {
      // Closed with the process that was killed: the log ends here.
    }
  }

  /** SIGKILL: it has no time for a last word. */
  void kill() throws Exception {
    Process now = running();
    now.destroyForcibly();
    end(now);
  }

  /** SIGTERM; its exit code. */
  int terminate() throws Exception {
    Process now = running();
    now.destroy();
    return end(now);
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  private Process running() {
    return Objects.requireNonNull(process, "not started");
  }

  private int end(Process ending) throws InterruptedException {
    if (!ending.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      ending.destroyForcibly();
      throw failure("the daemon to end");
    }
    return ending.exitValue();
  }

  List<String> lines() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  /** Waits for a line of its log that has this in it, from the line of that number on. */
  String awaitLine(String part, int from) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    int next = from;
    synchronized (log) {
      while (true) {
        for (; next < log.size(); next++) {
          if (log.get(next).contains(part)) {
            return log.get(next);
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw failure("a log line with '" + part + "'");
        }
        log.wait(left);
      }
    }
  }

  private AssertionError failure(String what) {
    List<String> lines = lines();
    return new AssertionError(
        "waited "
            + LIMIT.toSeconds()
            + " s in vain for "
            + what
            + "; the end of the log:\n"
            + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size())));
  }

  /** Waits until this is so; looked at whenever the database or the work folder changes. */
  void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    try (WatchService watch = folder.getFileSystem().newWatchService()) {
      for (Path watched : List.of(state(), work())) {
        watched.register(
            watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      }
      while (!condition.call()) {
        if (System.nanoTime() > end) {
          throw failure(what);
        }
        WatchKey key = watch.poll(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
  }

  /** Waits for a file in the work folder, written by an experiment with a line end at its end. */
  String awaitFile(String name) throws Exception {
    Path file = work().resolve(name);
    await(
        "a whole file " + file, () -> Files.exists(file) && Files.readString(file).endsWith("\n"));
    return Files.readString(file);
  }

  /** Lets experiments go on that wait for this file. */
  void touch(String name) throws IOException {
    Files.writeString(work().resolve(name), "");
  }

  // --- Its API.

  UnixHttp.Reply exchange(String method, String target, String body)
      throws IOException, InterruptedException {
    return UnixHttp.exchange(
        socket(), method, target, body.getBytes(StandardCharsets.UTF_8), LIMIT);
  }

  JsonNode get(String target) throws IOException, InterruptedException {
    return JSON.readTree(exchange("GET", target, "").text());
  }

  /** Enqueues, which must succeed; the id. */
  String enqueue(Requests request) throws IOException, InterruptedException {
    UnixHttp.Reply reply = exchange("POST", "/v1/experiments", request.toJson());
    if (reply.status() != 201) {
      throw new AssertionError("not enqueued: " + reply.status() + " " + reply.text());
    }
    return JSON.readTree(reply.text()).path("id").asText();
  }

  /** Enqueues, which must be refused; the refusal. */
  JsonNode refusal(String request, int status) throws IOException, InterruptedException {
    UnixHttp.Reply reply = exchange("POST", "/v1/experiments", request);
    if (reply.status() != status) {
      throw new AssertionError(
          "not refused with " + status + ": " + reply.status() + " " + reply.text());
    }
    return JSON.readTree(reply.text());
  }

  /** What became of a command line. */
  record CommandResult(String out, String error, int code) {}

  /** Says a command as the thin client does. */
  CommandResult say(String... words) throws IOException, InterruptedException {
    return say(Map.of(), words);
  }

  /** Says a command as the thin client does, with files that it read. */
  CommandResult say(Map<String, String> files, String... words)
      throws IOException, InterruptedException {
    ObjectNode line = JSON.createObjectNode();
    for (String word : words) {
      line.withArray("argv").add(word);
    }
    line.put("cwd", work().toString());
    line.put("columns", 0);
    line.putObject("environment").put("LANG", "C.UTF-8");
    ObjectNode given = line.putObject("files");
    files.forEach(given::put);
    UnixHttp.Reply reply = exchange("POST", "/v1/cli", line.toString());
    if (reply.status() != 200) {
      throw new AssertionError(List.of(words) + ": " + reply.status() + " " + reply.text());
    }
    return said(reply.body().duplicate());
  }

  private static CommandResult said(ByteBuffer frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    while (frames.hasRemaining()) {
      char type = (char) frames.get();
      byte[] content = new byte[frames.getInt()];
      frames.get(content);
      switch (type) {
        case 'o' -> out.writeBytes(content);
        case 'e' -> error.writeBytes(content);
        case 'k', 'r' -> {}
        case 'x' -> {
          return new CommandResult(
              out.toString(StandardCharsets.UTF_8),
              error.toString(StandardCharsets.UTF_8),
              ByteBuffer.wrap(content).getInt());
        }
        default -> throw new AssertionError("frame of type " + type);
      }
    }
    throw new AssertionError("no exit code came; printed: " + out + error);
  }

  JsonNode experiment(String id) throws IOException, InterruptedException {
    return get("/v1/experiments/" + id);
  }

  String stateOf(String id) throws IOException, InterruptedException {
    return experiment(id).path("state").asText();
  }

  /** Waits until an experiment is as wanted. */
  JsonNode awaitExperiment(String id, String what, Predicate<JsonNode> wanted) throws Exception {
    JsonNode[] last = new JsonNode[1];
    await(
        "'" + id + "' to be " + what,
        () -> {
          last[0] = experiment(id);
          return wanted.test(last[0]);
        });
    return last[0];
  }

  JsonNode awaitState(String id, String state) throws Exception {
    return awaitExperiment(id, state, e -> e.path("state").asText().equals(state));
  }

  /**
   * Waits for the end of experiments, as {@code coord wait} does; the last of them as it is then.
   */
  JsonNode awaitEnd(String... ids) throws Exception {
    List<String> words = new ArrayList<>(List.of("wait"));
    words.addAll(List.of(ids));
    CommandResult said = say(words.toArray(String[]::new));
    if (said.code() > 3 || said.code() == 2) {
      throw new AssertionError(words + ": " + said);
    }
    return experiment(ids[ids.length - 1]);
  }

  // --- What it leaves.

  /** Ends everything, whatever state it is in. */
  void endAll() throws Exception {
    if (process != null) {
      process.destroyForcibly();
      end(process);
    }
    String all = "brain-experiment@*.service";
    // Twice: what has no chance to restart is stopped at once.
    LivePrograms.systemctl("kill", "--signal=KILL", all);
    LivePrograms.systemctl("stop", all);
    LivePrograms.systemctl("reset-failed", all);
    // A coordinator that was killed while it was hot leaves its limit, which the next test's
    // coordinator, with a store of its own, takes for the administrator's.
    LivePrograms.systemctl("set-property", "--runtime", "brain.slice", "CPUQuota=");
    try (DirectoryStream<Path> dropIns =
        Files.newDirectoryStream(units(), "brain-experiment@*.service.d")) {
      for (Path dropIn : dropIns) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(dropIn)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(dropIn);
      }
    }
  }
}
