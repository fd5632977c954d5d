package io.coord.runner.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.LaunchPlan;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchPlannerTest {
  private static final Path FOLDER = Path.of("/var/lib/coord/experiments/a");

  @TempDir private Path work;

  @Test
  void findsAProgramInThePathOfTheSpec() throws IOException {
    Path program = program("bin/tool");
    Path second = program("bin2/tool");

    assertThat(plan(command("tool", "x"), path("/nowhere", work + "/bin", work + "/bin2")).argv())
        .containsExactly(program.toString(), "x");
    assertThat(plan(command("tool"), path("bin2", "bin")).argv())
        .containsExactly(second.toString());
  }

  @Test
  void looksUpTheUsualFoldersIfTheSpecHasNoPath() {
    assertThat(plan(command("sh", "-c", "$A %i \\"), Map.of()).argv())
        .hasSize(3)
        .endsWith("-c", "$A %i \\")
        .first()
        .asString()
        .matches("/(usr/)?bin/sh");
  }

  @Test
  void takesAProgramWithASlashFromTheWorkingDirectory() throws IOException {
    Path program = program("train");

    assertThat(plan(command("./train"), Map.of()).argv()).containsExactly(program.toString());
    assertThat(plan(command("x/../train"), Map.of()).argv()).containsExactly(program.toString());
    assertThat(plan(command(program.toString()), Map.of()).argv())
        .containsExactly(program.toString());
  }

  @Test
  void findsTheCheckAsItFindsTheCommand() throws IOException {
    Path program = program("check.sh");

    assertThat(good(checkedBy("./check.sh", "--strict", "")).successCommand())
        .containsExactly(program.toString(), "--strict", "");
    assertThat(plan(command("sh"), Map.of()).successCommand()).isEmpty();
    assertThat(
            faults(
                LaunchSpecs.of(
                    command("none"),
                    work,
                    Map.of(),
                    Optional.empty(),
                    List.of("test -s model.pt"))))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith("command: 'none' is not found in PATH"),
            fault ->
                assertThat(fault)
                    .startsWith("success_command: 'test -s model.pt' is not found in PATH"));
  }

  private Validated<LaunchPlan> checkedBy(String... check) {
    return new LaunchPlanner(new DirectFileAccess())
        .plan(
            LaunchSpecs.of(command("sh"), work, Map.of(), Optional.empty(), List.of(check)),
            FOLDER,
            "ada");
  }

  @Test
  void passesOverWhatCannotBeExecuted() throws IOException {
    Files.createDirectories(work.resolve("a/tool"));
    file("b/tool", "rw-r--r--");
    Path program = program("c/tool");

    assertThat(plan(command("tool"), path("a", "b", "c")).argv())
        .containsExactly(program.toString());
  }

  @Test
  void saysThatAProgramIsNotFound() {
    assertThat(faults(command("pyhton3"), Map.of()))
        .containsExactly(
            "command: 'pyhton3' is not found in PATH"
                + " (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)");
    assertThat(faults(command("tool"), path("/x", "y")))
        .containsExactly("command: 'tool' is not found in PATH (/x:y)");
    assertThat(faults(command("./none"), Map.of()))
        .containsExactly("command: './none' does not exist (as '" + work + "/none')");
    assertThat(faults(command("/none"), Map.of()))
        .containsExactly("command: '/none' does not exist");
    assertThat(faults(config("none"), Map.of()))
        .singleElement()
        .asString()
        .startsWith("runner: 'none' is not found in PATH");
  }

  @Test
  void saysThatAProgramIsNotExecutable() throws IOException {
    Path script = file("train.py", "rw-r--r--");

    assertThat(faults(command("./train.py"), Map.of()))
        .containsExactly(
            "command: './train.py' is not executable (as '"
                + script
                + "'); use chmod +x or name its interpreter first");
    assertThat(faults(command("train.py"), path("")))
        .singleElement()
        .asString()
        .startsWith("command: 'train.py' is not found in PATH (/usr/local/sbin:");
    assertThat(faults(command("train.py"), path(".")))
        .containsExactly("command: 'train.py' is not executable (as '" + script + "')");
    assertThat(faults(command("/"), Map.of()))
        .containsExactly("command: '/' is a directory, not a program");
  }

  @Test
  void saysThatTheWorkingDirectoryIsNotThere() throws IOException {
    Path file = file("file", "rw-r--r--");

    assertThat(faults(in(work.resolve("none"), command("pyhton3"), Map.of())))
        .hasSize(2)
        .first()
        .isEqualTo("working_directory: '" + work + "/none' does not exist or is not accessible");
    assertThat(faults(in(file, command("sh"), Map.of())))
        .containsExactly("working_directory: '" + file + "' is not a directory");
  }

  @Test
  void refusesAProgramThatSystemdCannotName() throws IOException {
    Path program = program("it's");

    assertThat(faults(command("./it's"), Map.of()))
        .singleElement()
        .asString()
        .startsWith("command: '" + program + "' has a quote, backslash or control character");
  }

  @Test
  void runsAConfigByItsRunnerAndWritesNothing() throws IOException {
    Path experimentFolder = work.resolve("experiments/a");

    LaunchPlan launch =
        good(
            new LaunchPlanner(new DirectFileAccess())
                .plan(in(work, config("sh", "runner.py"), Map.of()), experimentFolder, "ada"));

    assertThat(launch.argv())
        .satisfiesExactly(
            shell -> assertThat(shell).endsWith("/bin/sh"),
            runner -> assertThat(runner).isEqualTo("runner.py"),
            option -> assertThat(option).isEqualTo("--config"),
            file -> assertThat(file).isEqualTo(experimentFolder + "/config.json"),
            option -> assertThat(option).isEqualTo("--db"),
            file -> assertThat(file).isEqualTo(experimentFolder + "/state.db"));
    assertThat(launch.files())
        .isEqualTo(Map.of(experimentFolder.resolve("config.json"), " {as given} "));
    assertThat(launch.workingDirectory()).isEqualTo(work);
    assertThat(launch.environment()).isEqualTo(Map.of("OMP_NUM_THREADS", "4"));
    assertThat(experimentFolder).doesNotExist();
  }

  @Test
  void leavesTheThreadsToTheCallerIfHeSetThem() {
    assertThat(plan(config("sh"), Map.of("OMP_NUM_THREADS", "2", "A", "b")).environment())
        .isEqualTo(Map.of("OMP_NUM_THREADS", "2", "A", "b"));
  }

  @Test
  void writesNoFileForACommand() {
    assertThat(plan(command("sh"), Map.of()).files()).isEmpty();
    assertThat(plan(command("sh"), Map.of()).environment()).isEmpty();
  }

  private LaunchPlan plan(Spec.Task task, Map<String, String> environment) {
    return good(
        new LaunchPlanner(new DirectFileAccess()).plan(in(work, task, environment), FOLDER, "ada"));
  }

  private List<String> faults(Spec.Task task, Map<String, String> environment) {
    return faults(in(work, task, environment));
  }

  private static List<String> faults(Spec spec) {
    Validated<LaunchPlan> checked =
        new LaunchPlanner(new DirectFileAccess()).plan(spec, FOLDER, "ada");
    if (checked instanceof Validated.Invalid<LaunchPlan> bad) {
      return bad.errors().stream().map(Object::toString).toList();
    }
    throw new AssertionError("taken: " + checked);
  }

  private static LaunchPlan good(Validated<LaunchPlan> checked) {
    if (checked instanceof Validated.Valid<LaunchPlan> good) {
      return good.value();
    }
    throw new AssertionError("refused: " + checked);
  }

  private static Spec in(Path folder, Spec.Task task, Map<String, String> environment) {
    return LaunchSpecs.of(task, folder, environment);
  }

  private static Spec.Task command(String... argv) {
    return new Spec.Command(List.of(argv));
  }

  private static Spec.Task config(String... runner) {
    return new Spec.Config(
        " {as given} ", Optional.of("a"), List.of(runner), OptionalInt.of(20), OptionalInt.of(4));
  }

  private static Map<String, String> path(String... entries) {
    return Map.of("PATH", String.join(":", entries));
  }

  private Path program(String name) throws IOException {
    return file(name, "rwxr-xr-x");
  }

  private Path file(String name, String permissions) throws IOException {
    Path file = work.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, "");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
