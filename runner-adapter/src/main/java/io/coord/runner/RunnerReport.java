package io.coord.runner;

/** What a runner's own database contains about an experiment. */
public sealed interface RunnerReport permits RunnerFacts, RunnerReport.Silent {
  /**
   * Nothing, or nothing that can be read.
   *
   * @param why in words that go on after {@code its runner's database}, for example {@code is
   *     missing}
   */
  record Silent(String why) implements RunnerReport {}
}
