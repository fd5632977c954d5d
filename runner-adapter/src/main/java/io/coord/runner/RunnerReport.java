package io.coord.runner;

/** What a runner's own database contains about an experiment. */
public sealed interface RunnerReport
    permits RunnerFacts, RunnerReport.Silent, RunnerReport.Damaged, RunnerReport.Unreadable {
  /**
   * There is none.
   *
   * @param why in words that go on after {@code its runner's database}, for example {@code is
   *     missing}
   * @param expected whether there should be one
   */
  record Silent(String why, boolean expected) implements RunnerReport {}

  /**
   * What is there tells nothing about the experiment, and will not without being changed.
   *
   * @param why as for {@link Silent}, for example {@code is not an SQLite database}
   */
  record Damaged(String why) implements RunnerReport {}

  /**
   * It cannot be read now.
   *
   * @param why as for {@link Silent}, for example {@code cannot be copied in time}
   */
  record Unreadable(String why) implements RunnerReport {}
}
