package io.coord.selftest.chaos;

import java.util.OptionalInt;
import java.util.Random;

/**
 * An endless sequence of actions that a seed alone determines: neither time nor the result of an
 * action changes the next one.
 */
final class ChaosSchedule {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  private final Random random;
  private int tokens;

  ChaosSchedule(long seed) {
    random = new Random(seed);
  }

  /** The pause before the next action, in milliseconds. */
  int pauseMillis() {
    return random.nextInt(150);
  }

  ChaosAction next() {
    int choice = random.nextInt(100);
    if (choice < 60) {
      return enqueue();
    } else if (choice < 75) {
      return end();
    } else if (choice < 87) {
      return ask();
    }
    return new ChaosAction.Signal(random.nextInt(4) == 0 ? SIGTERM : SIGKILL, random.nextDouble());
  }

  private ChaosAction enqueue() {
    ExperimentPart part = pick(ExperimentPart.values());
    ChaosExperiment experiment =
        new ChaosExperiment(
            ++tokens,
            part,
            random.nextBoolean(),
            1 + random.nextInt(40),
            part == ExperimentPart.DOOMED ? random.nextInt(3) : 1 + random.nextInt(3));
    boolean awaited = random.nextInt(5) > 0;
    boolean killed = random.nextInt(5) == 0;
    // Within the time that the command takes.
    int after = random.nextInt(300);
    return new ChaosAction.Enqueue(
        experiment, awaited || killed, killed ? OptionalInt.of(after) : OptionalInt.empty());
  }

  private ChaosAction end() {
    boolean gently = random.nextInt(4) == 0;
    // Often within the time that a start takes.
    int after = random.nextInt(random.nextBoolean() ? 300 : 2500);
    int down = random.nextBoolean() ? 0 : random.nextInt(3000);
    ChaosAction.Litter litter = pick(ChaosAction.Litter.values());
    return new ChaosAction.End(gently, after, down, litter, random.nextInt(3) > 0);
  }

  private ChaosAction ask() {
    return new ChaosAction.Ask(pick("stop", "hold", "release"), random.nextDouble());
  }

  @SafeVarargs
  private <T> T pick(T... all) {
    return all[random.nextInt(all.length)];
  }
}
