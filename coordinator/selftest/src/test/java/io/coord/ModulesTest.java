package io.coord;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Which module may use which, as the POMs have it. */
class ModulesTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  private static final List<String> GROUND_FLOOR =
      List.of("coord-persistence", "coord-runner-adapter", "coord-systemd", "coord-thermal");

  /** By artifact: the other modules that it is compiled against or runs with. */
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "coord-client", List.of(),
          "coord-persistence", List.of(),
          "coord-runner-adapter", List.of(),
          "coord-systemd", List.of(),
          "coord-thermal", List.of(),
          "coord-scheduler", GROUND_FLOOR,
          "coord-server", and("coord-scheduler"),
          "coord-daemon", and("coord-scheduler", "coord-server"),
          // Starts daemons as people do, and knows of the program no more than they.
          "coord-selftest", List.of("coord-runner-adapter", "coord-systemd", "coord-thermal"));

  private static List<String> and(String... more) {
    return Stream.concat(GROUND_FLOOR.stream(), Stream.of(more)).toList();
  }

  /**
   * A dependency of a POM.
   *
   * @param kind its classifier or type, if it is no ordinary jar
   */
  private record Dependency(String group, String artifact, String scope, String kind) {
    boolean isShipped() {
      return !scope.equals("test") && !scope.equals("provided");
    }

    boolean isOurs() {
      return group.equals("io.coord");
    }
  }

  @Test
  void eachModuleUsesThoseBelowItOnly() throws Exception {
    Map<String, List<Dependency>> modules = modules(ROOT);
    assertThat(modules.keySet()).containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
    modules.forEach(
        (module, dependencies) ->
            assertThat(dependencies)
                .filteredOn(dependency -> dependency.isShipped() && dependency.isOurs())
                .extracting(Dependency::artifact)
                .as(module)
                .isSubsetOf(MAY_USE.getOrDefault(module, List.of())));
  }

  @Test
  void theClientNeedsNoLibrary() throws Exception {
    assertThat(modules(ROOT).get("coord-client")).noneMatch(Dependency::isShipped);
  }

  /** With all that its modules bring along. */
  @Test
  void nothingOfTestsIsOnTheClassPathOfTheDaemon() throws Exception {
    Map<String, List<Dependency>> modules = modules(ROOT);
    assertThat(ofTests(modules, "coord-daemon")).isEmpty();
    assertThat(ofTests(modules, "coord-client")).isEmpty();
  }

  /** What is in a folder {@code testing} of the shipped sources would be in the shipped jar. */
  @Test
  void noSourceThatIsShippedIsATestDouble() throws Exception {
    List<Path> found = new ArrayList<>();
    for (Path pom : poms(ROOT)) {
      Path main = pom.resolveSibling("src/main/java");
      if (Files.isDirectory(main)) {
        try (Stream<Path> files = Files.walk(main)) {
          files.filter(file -> file.endsWith("testing")).forEach(found::add);
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void findsWhatComesWithAModuleThatIsUsed(@TempDir Path folder) throws Exception {
    pom(folder.resolve("a"), "coord-daemon", "<artifactId>coord-server</artifactId>");
    pom(
        folder.resolve("b"),
        "coord-server",
        "<artifactId>coord-thermal</artifactId><classifier>testkit</classifier>");
    pom(folder.resolve("c"), "coord-thermal", "<artifactId>x</artifactId><scope>test</scope>");
    assertThat(ofTests(modules(folder), "coord-daemon")).containsExactly("coord-thermal testkit");
    assertThat(ofTests(modules(folder), "coord-thermal")).isEmpty();
  }

  private static void pom(Path folder, String artifact, String dependency) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("pom.xml"),
        """
        <project><artifactId>%s</artifactId><dependencies><dependency>
        <groupId>io.coord</groupId>%s</dependency></dependencies></project>
        """
            .formatted(artifact, dependency));
  }

  /** What belongs to tests among all that is on the class path of a module's program. */
  private static Set<String> ofTests(Map<String, List<Dependency>> modules, String module) {
    Set<String> seen = new TreeSet<>();
    Set<String> found = new TreeSet<>();
    List<String> next = new ArrayList<>(List.of(module));
    while (!next.isEmpty()) {
      for (Dependency dependency : modules.getOrDefault(next.remove(0), List.of())) {
        if (!dependency.isShipped()) {
          continue;
        }
        if (!dependency.kind().isEmpty()) {
          found.add(dependency.artifact() + " " + dependency.kind());
        } else if (List.of("coord-selftest", "assertj-core", "junit-jupiter", "archunit")
            .contains(dependency.artifact())) {
          found.add(dependency.artifact());
        }
        if (dependency.isOurs() && seen.add(dependency.artifact())) {
          next.add(dependency.artifact());
        }
      }
    }
    return found;
  }

  /** The modules with code of their own, by artifact. */
  private static Map<String, List<Dependency>> modules(Path root) throws Exception {
    Map<String, List<Dependency>> modules = new TreeMap<>();
    for (Path pom : poms(root)) {
      Element project =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(pom.toFile())
              .getDocumentElement();
      if (text(project, "packaging").equals("pom")) {
        continue;
      }
      List<Dependency> dependencies = new ArrayList<>();
      for (Element list : children(project, "dependencies")) {
        for (Element one : children(list, "dependency")) {
          String classifier = text(one, "classifier");
          dependencies.add(
              new Dependency(
                  text(one, "groupId"),
                  text(one, "artifactId"),
                  text(one, "scope"),
                  classifier.isEmpty() ? text(one, "type") : classifier));
        }
      }
      modules.put(text(project, "artifactId"), dependencies);
    }
    return modules;
  }

  private static List<Path> poms(Path root) throws IOException {
    try (Stream<Path> files = Files.find(root, 3, (path, file) -> path.endsWith("pom.xml"))) {
      return files.sorted().toList();
    }
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }
}
