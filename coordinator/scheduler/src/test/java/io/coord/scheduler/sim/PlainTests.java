package io.coord.scheduler.sim;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.TagFilter.excludeTags;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the plain tests of some packages, without the simulation, and stops at the first that fails;
 * for {@code script/plant-bugs}. Prints one line: test, place, 0, seconds and the failure,
 * separated by tabs. Exit code 0 if one failed, 1 if none did, as for {@link SeedSearch}.
 *
 * <p>Called with names of packages and of classes; a class has a capital after its last full stop.
 */
final class PlainTests {
  private PlainTests() {}

  public static void main(String[] args) {
    Logger.getLogger("io.coord").setLevel(Level.OFF);
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String name : args) {
      boolean isClass = Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1));
      selectors.add(isClass ? selectClass(name) : selectPackage(name));
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .filters(excludeTags("systemd"), excludeClassNamePatterns(".*\\.sim\\..*Simulation.*"))
            .build();
    Launcher launcher = LauncherFactory.create();
    FirstFailure first = new FirstFailure();
    launcher.execute(request, first);
    System.out.println(first.tests == 0 ? "no test was run" : "nothing");
    System.exit(first.tests == 0 ? 2 : 1);
  }

  /** Ends this program at the first failure: nobody wants to know of a second. */
  private static final class FirstFailure implements TestExecutionListener {
    private final long begin = System.nanoTime();
    private int tests;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
      tests = 0;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      tests++;
      if (result.getStatus() == TestExecutionResult.Status.FAILED) {
        String why =
            result.getThrowable().map(Throwable::getMessage).map(String::strip).orElse("failed");
        System.out.printf(
            Locale.ROOT,
            "%s\t%s\t0\t%.1f\t%s%n",
            test.getUniqueId().replaceAll("^.*\\[class:[^\\]]*\\.(\\w+)\\].*$", "$1"),
            test.getDisplayName().replaceAll("\\(.*\\)$", ""),
            (System.nanoTime() - begin) / 1_000_000_000.0,
            why.replaceAll("\\s+", " "));
        System.out.flush();
        Runtime.getRuntime().halt(0);
      }
    }
  }
}
