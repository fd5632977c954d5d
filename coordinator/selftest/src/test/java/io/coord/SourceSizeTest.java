package io.coord;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How large a file, a method and a list of parameters may be in what is shipped, and that a simple
 * name is the name of one class.
 */
class SourceSizeTest {
  private static final int MAX_FILE_LINES = 500;
  private static final int MAX_METHOD_LINES = 60;

  /** Of a constructor, and components of a record. */
  private static final int MAX_PARAMETERS = 8;

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  @Test
  void whatIsShippedIsInReadableParts() throws IOException {
    List<Path> sources = sources("src/main");
    assertThat(sources).hasSizeGreaterThan(100);
    assertThat(tooLarge(ROOT, sources)).isEmpty();
  }

  @Test
  void findsWhatIsTooLarge(@TempDir Path folder) throws IOException {
    String parameters =
        Stream.of("a", "b", "c", "d", "e", "f", "g", "h", "i")
            .map(name -> "int " + name)
            .collect(Collectors.joining(", "));
    Path wide =
        Files.writeString(
            folder.resolve("Wide.java"),
            "record Wide(%s) { static final int NONE = 0; }\nclass Other { Other(%s) {} Other() {} }\n"
                .formatted(parameters, parameters));
    Path allowed =
        Files.writeString(
            folder.resolve("Allowed.java"),
            "record Allowed(%s) { static int count; Allowed {} }\nclass All {\n  void long60() {%s  }\n}%s"
                .formatted(parameters.replace(", int i", ""), "\n".repeat(59), "\n".repeat(438)));
    Path lengthy =
        Files.writeString(
            folder.resolve("Lengthy.java"),
            "class Lengthy {\n  void all() {%s  }\n}\n".formatted("\n".repeat(60)));
    Path endless = Files.writeString(folder.resolve("Endless.java"), "\n".repeat(501));

    assertThat(tooLarge(folder, List.of(wide, allowed, lengthy, endless)))
        .containsExactlyInAnyOrder(
            "Wide.java: record Wide has 9 components; at most 8",
            "Wide.java: constructor of Other has 9 parameters; at most 8",
            "Lengthy.java: method all has 61 lines; at most 60",
            "Endless.java has 501 lines; at most 500");
  }

  @Test
  void aSimpleNameIsTheNameOfOneClass() throws IOException {
    List<Path> all = new ArrayList<>(sources("src/main"));
    all.addAll(sources("src/test"));
    assertThat(namesOfSeveral(all)).isEmpty();
    assertThat(namesOfSeveral(List.of(Path.of("a/Same.java"), Path.of("b/Same.java"))))
        .containsOnlyKeys("Same.java");
  }

  private static Map<String, List<Path>> namesOfSeveral(List<Path> files) {
    Map<String, List<Path>> byName =
        files.stream()
            .filter(file -> !file.endsWith("package-info.java"))
            .collect(
                Collectors.groupingBy(
                    file -> file.getFileName().toString(), TreeMap::new, Collectors.toList()));
    byName.values().removeIf(same -> same.size() == 1);
    return byName;
  }

  /** The Java files of that kind of all modules. */
  private static List<Path> sources(String kind) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> poms = Files.find(ROOT, 3, (path, file) -> path.endsWith("pom.xml"))) {
      for (Path pom : poms.sorted().toList()) {
        Path folder = pom.resolveSibling(kind).resolve("java");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
          }
        }
      }
    }
    return found;
  }

  private static List<String> tooLarge(Path root, List<Path> sources) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path source : sources) {
      int lines = Files.readAllLines(source).size();
      if (lines > MAX_FILE_LINES) {
        found.add(
            "%s has %d lines; at most %d"
                .formatted(root.relativize(source), lines, MAX_FILE_LINES));
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      Iterable<? extends JavaFileObject> units = files.getJavaFileObjectsFromPaths(sources);
      JavacTask task =
          (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null, units);
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        String name = root.relativize(Path.of(unit.getSourceFile().toUri())).toString();
        new Measurement(name, positions, found).scan(unit, null);
      }
    }
    return found;
  }

  /** Looks at each method and each record of a file. */
  private static final class Measurement extends TreePathScanner<Void, Void> {
    private final String file;
    private final SourcePositions positions;
    private final List<String> found;

    Measurement(String file, SourcePositions positions, List<String> found) {
      this.file = file;
      this.positions = positions;
      this.found = found;
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
      if (type.getKind() == Tree.Kind.RECORD) {
        long components =
            type.getMembers().stream()
                .filter(VariableTree.class::isInstance)
                .map(VariableTree.class::cast)
                .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                .count();
        if (components > MAX_PARAMETERS) {
          found.add(
              "%s: record %s has %d components; at most %d"
                  .formatted(file, type.getSimpleName(), components, MAX_PARAMETERS));
        }
      }
      return super.visitClass(type, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      boolean constructor = method.getName().contentEquals("<init>");
      String name =
          constructor
              ? "constructor of "
                  + ((ClassTree) getCurrentPath().getParentPath().getLeaf()).getSimpleName()
              : "method " + method.getName();
      LineMap lines = getCurrentPath().getCompilationUnit().getLineMap();
      CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
      long length =
          lines.getLineNumber(positions.getEndPosition(unit, method))
              - lines.getLineNumber(positions.getStartPosition(unit, method))
              + 1;
      if (length > MAX_METHOD_LINES) {
        found.add(
            "%s: %s has %d lines; at most %d".formatted(file, name, length, MAX_METHOD_LINES));
      }
      if (constructor && method.getParameters().size() > MAX_PARAMETERS) {
        found.add(
            "%s: %s has %d parameters; at most %d"
                .formatted(file, name, method.getParameters().size(), MAX_PARAMETERS));
      }
      return super.visitMethod(method, null);
    }
  }
}
