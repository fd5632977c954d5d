package io.coord.scheduler.sim.oracle;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.testing.SimulatedRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What an experiment's command does, and how far it has really come: it works through its cycles,
 * remembers each that it reported, and goes on from there in its next run.
 */
public final class SimulatedProgram {

  /** What it is like. */
  public enum Temper {
    /** Works until it is done. */
    DILIGENT,
    /** Crashes a few times, then works until it is done. */
    FRAIL,
    /** Crashes in every run. */
    BROKEN,
    /** Says that it is done when it is not. */
    LIAR,
    /** Does nothing until it is stopped. */
    IDLE,
    /** Its program file is missing. */
    MISSING,
    /** The adapter refuses to launch it. */
    UNLAUNCHABLE
  }

  public final Temper temper;
  final Duration cycle;
  public final int cycles;
  private final boolean deaf;
  private final int crashesToCome;
  private final int wayToCrash;
  private int cyclesDone;
  private int crashes;
  private boolean completed;

  private SimulatedProgram(
      Temper temper, Duration cycle, int cycles, boolean deaf, int crashesToCome, int wayToCrash) {
    this.temper = temper;
    this.cycle = cycle;
    this.cycles = cycles;
    this.deaf = deaf;
    this.crashesToCome = crashesToCome;
    this.wayToCrash = wayToCrash;
  }

  public static SimulatedProgram diligent(Duration cycle, int cycles) {
    return new SimulatedProgram(Temper.DILIGENT, cycle, cycles, false, 0, 0);
  }

  public static SimulatedProgram frail(Duration cycle, int cycles, int crashes) {
    return new SimulatedProgram(Temper.FRAIL, cycle, cycles, false, crashes, 0);
  }

  /** One that does nothing until it is stopped. */
  public static SimulatedProgram idle() {
    return new SimulatedProgram(Temper.IDLE, Duration.ofSeconds(1), 1, false, 0, 0);
  }

  public static SimulatedProgram broken(Duration cycle) {
    return new SimulatedProgram(Temper.BROKEN, cycle, 3, false, Integer.MAX_VALUE, 1);
  }

  /** One that fails before it has done anything. */
  public static SimulatedProgram missing() {
    return new SimulatedProgram(
        Temper.MISSING, Duration.ofSeconds(1), 3, false, Integer.MAX_VALUE, 0);
  }

  public static SimulatedProgram liar(Duration cycle, int cycles) {
    return new SimulatedProgram(Temper.LIAR, cycle, cycles, false, 0, 0);
  }

  public static SimulatedProgram any(Random random) {
    Temper temper =
        switch (random.nextInt(14)) {
          case 0, 1, 2, 3, 4 -> Temper.DILIGENT;
          case 5, 6, 7, 8 -> Temper.FRAIL;
          case 9 -> Temper.BROKEN;
          case 10 -> Temper.LIAR;
          case 11 -> Temper.IDLE;
          case 12 -> Temper.MISSING;
          default -> Temper.UNLAUNCHABLE;
        };
    int crashes =
        switch (temper) {
          case FRAIL -> 1 + random.nextInt(5);
          case BROKEN, MISSING -> Integer.MAX_VALUE;
          default -> 0;
        };
    return new SimulatedProgram(
        temper,
        Duration.ofMillis(20 + random.nextInt(random.nextBoolean() ? 100 : 10_000)),
        1 + random.nextInt(12),
        random.nextInt(6) == 0,
        crashes,
        random.nextInt(5));
  }

  /** The next run. */
  public SimulatedRun run() {
    SimulatedRun run = bare();
    return deaf ? run.ignoringStop() : run;
  }

  private SimulatedRun bare() {
    if (temper == Temper.MISSING) {
      return SimulatedRun.notExecutable();
    }
    if (temper == Temper.IDLE) {
      return SimulatedRun.untilStopped();
    }
    boolean crashing = crashes < crashesToCome;
    int toDo = cycles - cyclesDone;
    int now = crashing ? Math.min(toDo - 1, 1 + crashes % 3) : toDo;
    if (temper == Temper.LIAR) {
      now = Math.max(0, toDo - 1);
    }
    Duration end = cycle.multipliedBy(Math.max(0, now)).plusMillis(5);
    SimulatedRun run = crashing ? crash(end) : SimulatedRun.exits(0, end);
    for (int i = 1; i <= now; i++) {
      run = run.reporting(cycle.multipliedBy(i), "cycle " + (cyclesDone + i) + "/" + cycles);
    }
    if (toDo == 0) {
      // Ended before its exit: what it reported then may be lost.
      run = run.reporting(Duration.ofMillis(1), "cycle " + cycles + "/" + cycles);
    }
    return run;
  }

  private SimulatedRun crash(Duration after) {
    return switch (wayToCrash) {
      case 0 -> SimulatedRun.exits(1 + crashes, after);
      case 1 -> SimulatedRun.killed(11, after);
      case 2 -> SimulatedRun.killed(9, after);
      case 3 -> SimulatedRun.outOfMemory(after);
      default -> SimulatedRun.watchdog(after);
    };
  }

  /** It has sent a status text, and remembers its cycle. */
  public void reported() {
    cyclesDone = Math.min(cycles, cyclesDone + 1);
  }

  /** A run of it has ended. */
  public void ended(ExitRecord exit) {
    if (isCrash(exit)) {
      crashes++;
    }
    if (exit.exit().code().equals("exited") && exit.exit().status().equals("0")) {
      completed = cyclesDone == cycles && temper != Temper.LIAR;
    }
  }

  /** Whether a run ended by itself without success. Every stop ends as TERM or as a timeout. */
  public static boolean isCrash(ExitRecord exit) {
    return !exit.result().equals("success") && !exit.result().equals("timeout");
  }

  /** Whether it is really done. */
  public boolean completed() {
    return completed;
  }

  public int cyclesDone() {
    return cyclesDone;
  }

  /** How often it will crash in all. */
  public int crashesToCome() {
    return crashesToCome;
  }

  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    words.add(temper.name());
    words.add(cycles + " cycles of " + cycle);
    if (crashesToCome > 0) {
      words.add("crashes " + crashesToCome + " times, way " + wayToCrash);
    }
    if (deaf) {
      words.add("deaf");
    }
    return String.join(", ", words);
  }
}
