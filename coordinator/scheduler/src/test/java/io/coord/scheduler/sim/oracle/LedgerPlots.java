package io.coord.scheduler.sim.oracle;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Phase;
import io.coord.persistence.RunCounts;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Submission;
import io.coord.persistence.Transition;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.testing.ExitRecordBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Histories in which a ledger does not agree with what has happened, one for each rule of the
 * audit.
 */
final class LedgerPlots {
  private static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");
  private static final RunEnd SUCCESS =
      new RunEnd(RunEnd.Kind.SUCCESS, RunEnd.Cause.SUCCESS, "exit code 0", OptionalLong.empty());
  private static final RunEnd CRASH =
      new RunEnd(RunEnd.Kind.CRASH, RunEnd.Cause.EXIT_CODE, "exit code 1", OptionalLong.empty());

  private LedgerPlots() {}

  static void add(BiConsumer<Rule, Runnable> to) {
    to.accept(
        Rule.LOST,
        () -> {
          World world = new World();
          world.acknowledged.add("b");
          world.audit(world.completed());
        });
    to.accept(
        Rule.SEQUENCE,
        () -> {
          World world = new World();
          world.audit(lie(world.completed(), "ended", LedgerPlots::twice));
        });
    to.accept(
        Rule.HISTORY,
        () -> {
          World world = new World();
          world.audit(lie(world.completed(), "transitions", LedgerPlots::withoutTheLast));
        });
    to.accept(
        Rule.RUN_MISSING,
        () -> {
          World world = new World();
          world.runs.add(run("2", exit("success", "exited", "0", 1)));
          world.audit(world.completed());
        });
    to.accept(
        Rule.RUN_KIND,
        () -> {
          World world = new World();
          world.runs.set(0, run("1", exit("exit-code", "exited", "1", 1)));
          world.audit(world.completed());
        });
    to.accept(
        Rule.RUN_CAUSE,
        () -> {
          World world = new World();
          world.runs.set(0, run("1", exit("signal", "killed", "KILL", 1)));
          world.audit(world.ended(CRASH, ExperimentState.FAILED));
        });
    to.accept(
        Rule.RUN_TIME,
        () -> {
          World world = new World();
          world.runs.set(0, run("1", exit("success", "exited", "0", 60)));
          world.audit(world.completed());
        });
    to.accept(
        Rule.COUNTS,
        () -> {
          World world = new World();
          world.audit(lie(world.completed(), "ended", LedgerPlots::withMoreCrashes));
        });
    to.accept(
        Rule.END,
        () -> {
          World world = new World();
          world.program = SimulatedProgram.liar(Duration.ofSeconds(1), 3);
          world.audit(world.completed());
        });
    to.accept(
        Rule.DEPENDENCY,
        () -> {
          World world = new World();
          Ledger ledger = world.completed();
          world.enqueue(ledger, "b", 2);
          ledger.commit(List.of(moved("b", new Phase.Queued(), ended(ExperimentState.STOPPED))));
          world.follows = List.of("b");
          world.audit(ledger);
        });
    to.accept(
        Rule.LEFTOVER,
        () -> {
          World world = new World();
          world.left.add("brain-experiment@a.service");
          world.audit(world.completed());
        });
  }

  private static Phase ended(ExperimentState state) {
    return new Phase.Ended(state);
  }

  private static Change.Moved moved(String id, Phase from, Phase to) {
    return new Change.Moved(id, from, to, false, BEGIN, "stopped by ada");
  }

  private static ExitRecord exit(String result, String code, String status, int seconds) {
    return new ExitRecordBuilder()
        .invocation("1")
        .result(result)
        .exit(code, status)
        .duration(Duration.ofSeconds(seconds))
        .build();
  }

  private static Truth.TrueRun run(String invocation, ExitRecord exit) {
    return new Truth.TrueRun("a", invocation, BEGIN, Optional.of(exit), false, false);
  }

  private static Object twice(Object experiments) {
    List<Object> more = new ArrayList<>((List<?>) experiments);
    more.addAll((List<?>) experiments);
    return more;
  }

  private static Object withoutTheLast(Object transitions) {
    List<?> all = (List<?>) transitions;
    return all.subList(0, all.size() - 1).stream().map(Transition.class::cast).toList();
  }

  private static Object withMoreCrashes(Object experiments) {
    return ((List<?>) experiments)
        .stream()
            .map(Experiment.class::cast)
            .map(
                e ->
                    e.withCounts(
                        new RunCounts(
                            e.counts().runs(),
                            e.counts().crashes() + 1,
                            e.counts().interruptions(),
                            e.counts().recordsSeen(),
                            e.counts().ran())))
            .toList();
  }

  /** A ledger that says something else when it is asked this. */
  private static Ledger lie(Ledger ledger, String question, UnaryOperator<Object> answer) {
    return (Ledger)
        Proxy.newProxyInstance(
            LedgerPlots.class.getClassLoader(),
            new Class<?>[] {Ledger.class},
            (proxy, method, arguments) -> {
              try {
                Object truth = method.invoke(ledger, arguments);
                return method.getName().equals(question) ? answer.apply(truth) : truth;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** One experiment that ran once, for a second, and is complete. */
  private static final class World implements Truth {
    private final TreeSet<String> acknowledged = new TreeSet<>(List.of("a"));
    private final List<TrueRun> runs =
        new ArrayList<>(List.of(run("1", exit("success", "exited", "0", 1))));
    private final List<String> left = new ArrayList<>();
    private List<String> follows = List.of();
    private SimulatedProgram program = SimulatedProgram.diligent(Duration.ofSeconds(1), 1);

    World() {
      program.reported();
      program.ended(exit("success", "exited", "0", 1));
    }

    void enqueue(Ledger ledger, String id, long sequence) {
      ledger.commit(
          List.of(
              new Change.Enqueued(
                  Experiment.enqueued(
                      id,
                      sequence,
                      new Submission("ada", 0, 1, BEGIN, Optional.empty(), Optional.empty()),
                      "enqueued by ada"),
                  id)));
    }

    Ledger completed() {
      return ended(SUCCESS, ExperimentState.COMPLETED);
    }

    Ledger ended(RunEnd end, ExperimentState state) {
      InMemoryLedger ledger = new InMemoryLedger();
      enqueue(ledger, "a", 1);
      Instant later = BEGIN.plusSeconds(1);
      ledger.commit(
          List.of(
              moved("a", new Phase.Queued(), new Phase.Starting()),
              new Change.RunStarted("a", 1, "1", BEGIN),
              moved("a", new Phase.Starting(), new Phase.Running("1")),
              new Change.RunEnded("a", "1", later, end, 1, Duration.ofSeconds(1)),
              moved("a", new Phase.Running("1"), LedgerPlots.ended(state))));
      return ledger;
    }

    void audit(Ledger ledger) {
      new LedgerAudit(this, ledger).check();
    }

    @Override
    public Set<String> acknowledged() {
      return acknowledged;
    }

    @Override
    public List<TrueRun> runs() {
      return runs;
    }

    @Override
    public SimulatedProgram program(String spec, String id) {
      return program;
    }

    @Override
    public Asked asked(String spec) {
      return Asked.plain(1, 0, "default")
          .under(
              new Asked.Conditions(
                  "default",
                  spec.equals("a") ? follows : List.of(),
                  List.of(),
                  Optional.empty(),
                  OptionalInt.empty()));
    }

    @Override
    public boolean stoppedOutside(String id) {
      return false;
    }

    @Override
    public boolean wasManagerKilled() {
      return false;
    }

    @Override
    public boolean wasClockChanged() {
      return false;
    }

    @Override
    public String bootId() {
      return exit("success", "exited", "0", 1).bootId();
    }

    @Override
    public List<String> leftovers() {
      return left;
    }
  }
}
