package io.coord;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules of the architecture that a machine can check. Each test also shows that its rule bites:
 * it finds what it forbids where that is allowed.
 */
class ArchitectureTest {
  private static final JavaClasses SHIPPED =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("testkit"))
          .importPackages("io.coord");

  private static final String[] LEAVES = {
    "io.coord.persistence", "io.coord.systemd", "io.coord.thermal", "io.coord.runner"
  };

  private static void keeps(ArchRule rule) {
    rule.check(SHIPPED);
  }

  private static void bites(ArchRule rule) {
    assertThat(rule.evaluate(SHIPPED).hasViolation())
        .as("finds: " + rule.getDescription())
        .isTrue();
  }

  // --- ports know only the JDK

  @ParameterizedTest
  @ValueSource(
      strings = {"io.coord.persistence", "io.coord.systemd", "io.coord.thermal", "io.coord.runner"})
  void aPortKnowsOnlyTheJdk(String port) {
    keeps(
        classes()
            .that()
            .resideInAPackage(port)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", port));
  }

  @Test
  void anAdapterKnowsMoreThanTheJdk() {
    bites(
        classes()
            .that()
            .resideInAPackage("io.coord.persistence.sqlite")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.coord.persistence.."));
  }

  // --- leaves know neither each other nor the coordinator

  @ParameterizedTest
  @ValueSource(
      strings = {"io.coord.persistence", "io.coord.systemd", "io.coord.thermal", "io.coord.runner"})
  void aLeafStandsAlone(String leaf) {
    keeps(standsAlone(leaf));
  }

  @Test
  void theCoordinatorDoesNotStandAlone() {
    bites(standsAlone("io.coord.scheduler"));
  }

  private static ArchRule standsAlone(String module) {
    return noClasses()
        .that()
        .resideInAPackage(module + "..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage("io.coord..")
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(module + ".."))));
  }

  // --- the decisions

  @Test
  void whatDecidesKnowsNoTechnology() {
    keeps(onlyDecides("io.coord.scheduler.core.."));
    keeps(onlyDecides("io.coord.scheduler.verify"));
    keeps(onlyDecides("io.coord.scheduler.output"));
    bites(onlyDecides("io.coord.scheduler.loop"));
  }

  /** No input or output, no threads, no library; of the leaves only the records of their ports. */
  private static ArchRule onlyDecides(String deciding) {
    String[] known = {
      deciding,
      "java.lang",
      "java.lang.invoke",
      "java.lang.runtime",
      "java.time",
      "java.util",
      "java.util.function",
      "java.util.stream",
      "org.jspecify..",
      LEAVES[0],
      LEAVES[1],
      LEAVES[2],
      LEAVES[3]
    };
    return classes()
        .that()
        .resideInAPackage(deciding)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(known);
  }

  @Test
  void theCoreUsesNoCollectionWithoutAnOrder() {
    keeps(iteratesInOrder("io.coord.scheduler.core.."));
    bites(iteratesInOrder("io.coord.scheduler.loop"));
  }

  private static ArchRule iteratesInOrder(String where) {
    return noClasses()
        .that()
        .resideInAPackage(where)
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "is a collection without an order", ArchitectureTest::isUnordered));
  }

  private static boolean isUnordered(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getName();
    boolean hashed =
        Set.of(
                "java.util.HashMap",
                "java.util.HashSet",
                "java.util.IdentityHashMap",
                "java.util.WeakHashMap",
                "java.util.Hashtable",
                "java.util.concurrent.ConcurrentHashMap")
            .contains(owner);
    boolean immutable =
        Set.of("java.util.Set", "java.util.Map").contains(owner)
            && Set.of("of", "copyOf", "ofEntries").contains(name);
    boolean collected =
        owner.equals("java.util.stream.Collectors")
            && Set.of("toSet", "toMap", "groupingBy", "partitioningBy", "toUnmodifiableSet")
                .contains(name);
    return hashed || immutable || collected;
  }

  @Test
  void theLoopKnowsNoFaceAndNoAdapter() {
    keeps(
        classes()
            .that()
            .resideInAnyPackage("io.coord.scheduler.loop", "io.coord.scheduler.executor")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "org.slf4j",
                "io.coord.scheduler.loop",
                "io.coord.scheduler.executor",
                "io.coord.scheduler.core..",
                LEAVES[0],
                LEAVES[1],
                LEAVES[2],
                LEAVES[3]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.coord.scheduler..",
        "io.coord.server.api",
      })
  void whatIsInsideDoesNotKnowItsFaces(String inside) {
    keeps(
        noClasses()
            .that()
            .resideInAPackage(inside)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.coord.server.http..",
                "io.coord.server.cli..",
                "io.coord.client..",
                "io.coord.daemon..",
                "io.coord.selftest.."));
  }

  // --- each module knows those below it only

  @ParameterizedTest
  @CsvSource({
    "io.coord.client..,   "
        + " io.coord.scheduler..;io.coord.server..;io.coord.daemon..;io.coord.selftest..",
    "io.coord.scheduler..,"
        + " io.coord.client..;io.coord.server..;io.coord.daemon..;io.coord.selftest..",
    "io.coord.server..,    io.coord.client..;io.coord.daemon..;io.coord.selftest..",
    "io.coord.daemon..,    io.coord.client..;io.coord.selftest..",
    "io.coord.selftest.., "
        + " io.coord.client..;io.coord.scheduler..;io.coord.server..;io.coord.daemon..",
  })
  void aModuleKnowsThoseBelowItOnly(String module, String others) {
    keeps(knowsNothingOf(module, others.split(";", -1)));
  }

  @Test
  void aModuleKnowsThoseBelowIt() {
    bites(knowsNothingOf("io.coord.server..", "io.coord.scheduler.."));
    bites(knowsNothingOf("io.coord.daemon..", "io.coord.server.."));
  }

  private static ArchRule knowsNothingOf(String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others);
  }

  @Test
  void onlyTheWiringNamesAdapters() {
    keeps(namesAnAdapterOutsideOf("io.coord.daemon.."));
    bites(namesAnAdapterOutsideOf("nowhere"));
  }

  private static ArchRule namesAnAdapterOutsideOf(String wiring) {
    DescribedPredicate<JavaClass> adapter =
        JavaClass.Predicates.resideInAnyPackage(
                "io.coord.persistence.*",
                "io.coord.systemd.*",
                "io.coord.thermal.*",
                "io.coord.runner.*")
            // What a request looks like has one writer and one reader, and the command line is a
            // writer.
            .and(
                DescribedPredicate.not(
                    JavaClass.Predicates.resideInAPackage("io.coord.runner.json")));
    return noClasses()
        .that()
        .resideInAnyPackage(
            "io.coord.scheduler..", "io.coord.server..", "io.coord.client..", "io.coord.daemon..")
        .and()
        .resideOutsideOfPackage(wiring)
        .should()
        .dependOnClassesThat(adapter);
  }

  // --- technology stays in its place

  @ParameterizedTest
  @CsvSource({
    "org.freedesktop..,      io.coord.systemd.dbus",
    "org.jdbi..,             io.coord.persistence.sqlite",
    "org.sqlite..,           io.coord.persistence.sqlite;io.coord.runner.sqlite",
    "java.sql..,             io.coord.persistence.sqlite;io.coord.runner.sqlite",
    "com.fasterxml.jackson.., io.coord.runner.json;io.coord.server..;io.coord.selftest..",
    "org.eclipse.jetty..,    io.coord.server.http",
    "picocli..,              io.coord.server.cli..",
  })
  void eachLibraryStaysInItsPackage(String library, String homes) {
    keeps(staysIn(library, homes.split(";", -1)));
    bites(staysIn(library, "nowhere"));
  }

  private static ArchRule staysIn(String library, String... homes) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(homes)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }

  // --- no cycles

  @Test
  void noPackageNeedsItselfInTheEnd() {
    keeps(slices().matching("io.coord.(**)").should().beFreeOfCycles());
    bites(slices().matching("io.coord.(**)").should().notDependOnEachOther());
  }

  // --- no ambient time, sleep or chance

  @Test
  void timeAndChanceComeFromOutside() {
    keeps(
        takesNoAmbientTime(
            "io.coord.daemon..",
            "io.coord.selftest..",
            // A process of its own that lives for one request and has no one to give it a clock.
            "io.coord.client.."));
    bites(takesNoAmbientTime("nowhere"));
  }

  private static ArchRule takesNoAmbientTime(String... allowed) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(allowed)
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe("is ambient time or chance", ArchitectureTest::isAmbient));
  }

  private static boolean isAmbient(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getName();
    if (owner.startsWith("java.time.") && name.equals("now")) {
      return true;
    }
    if (owner.equals("java.time.Clock")) {
      return name.startsWith("system") || name.startsWith("tick");
    }
    if (owner.equals("java.lang.System")) {
      // How long a call over the bus may take is bounded where it waits, by elapsed time.
      boolean bounded = access.getOriginOwner().getPackageName().equals("io.coord.systemd.dbus");
      return name.equals("currentTimeMillis") || (name.equals("nanoTime") && !bounded);
    }
    if (owner.equals("java.lang.Thread") || owner.equals("java.util.concurrent.TimeUnit")) {
      return name.equals("sleep");
    }
    if (owner.equals("java.util.Random")) {
      return name.equals("<init>") && access.getTarget().getFullName().endsWith("<init>()");
    }
    return (owner.equals("java.lang.Math") && name.equals("random"))
        || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
        || owner.equals("java.util.concurrent.ThreadLocalRandom")
        || owner.equals("java.security.SecureRandom");
  }

  // --- the client starts fast because it needs nothing

  @Test
  void theClientNeedsOnlyJavaBase() {
    keeps(needsOnlyJavaBase("io.coord.client"));
    bites(needsOnlyJavaBase("io.coord.daemon"));
  }

  private static ArchRule needsOnlyJavaBase(String where) {
    Set<String> base = ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages();
    return noClasses()
        .that()
        .resideInAPackage(where)
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are not in java.base",
                other ->
                    !other.getPackageName().equals(where)
                        && !other.getPackageName().startsWith("org.jspecify")
                        && !other.isPrimitive()
                        && !base.contains(other.getBaseComponentType().getPackageName())
                        && !other.getBaseComponentType().isPrimitive()));
  }
}
