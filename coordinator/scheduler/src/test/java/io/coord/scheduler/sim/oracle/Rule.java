package io.coord.scheduler.sim.oracle;

/** What the oracle checks. {@code OracleTest} shows for each rule that it can fail. */
public enum Rule {
  // --- at each step

  /** An experiment never has two processes at once. */
  TWICE_AT_ONCE,
  /** What is complete does not run again. */
  RUNS_AGAIN,
  /** No more experiments run than there are slots. */
  SLOTS,
  /** No more memory is reserved than there is. */
  MEMORY,
  /** No more experiments of a group run than the group has slots. */
  GROUP_SLOTS,
  /** What was asked for in one power mode never holds a slot beside what asked for another. */
  TWO_POWER_MODES,
  /** A process runs only while its experiment holds a slot. */
  PROCESS_WITHOUT_SLOT,

  // --- when something is stored

  /** An id is given out once. */
  ID_REUSED,
  /** Of the experiments with one unique key, one at most has not ended. */
  UNIQUE_KEY,
  /** A state follows from the one before; a final one is never left. */
  TRANSITION,
  /** An experiment is held, stopped or cooled only for a reason that there was. */
  MOVED_UNASKED,
  /** A group is held only after early failures. */
  BREAKER,
  /** The cycle in the ledger is the one that the program reached. */
  CYCLES,

  // --- at a dispatch

  /** Nothing starts while it is hot, or was so a moment ago, or cannot be known. */
  STARTS_HOT,
  /** Nothing starts in another power mode than the one it asked for. */
  STARTS_IN_OTHER_MODE,
  /** Nothing starts while the queue is draining. */
  STARTS_DRAINING,
  /** Nothing starts before its time. */
  STARTS_EARLY,
  /** Nothing starts before its dependencies have ended as they must. */
  STARTS_BEFORE_DEPENDENCY,
  /** What is disabled does not start by itself after a boot. */
  STARTS_DISABLED,
  /** What is before another in the order, and fits, is not overtaken. */
  STARTS_OUT_OF_ORDER,

  // --- after a while without faults

  /** At the critical temperature all processes end within the bound. */
  CRITICAL_STOP,
  /** What has crashed more often than allowed does not run any more. */
  CRASH_LIMIT,
  /** What has run for longer than allowed does not run any more. */
  TIME_LIMIT,
  /** What makes no progress for longer than allowed is killed. */
  NO_PROGRESS,
  /** No slot is idle while an experiment fits. */
  IDLE_SLOT,
  /** No experiment stays in a state that it must leave. */
  STUCK,
  /** What was to be stopped is stopped. */
  STOP_OBEYED,
  /** What is hot is cooled. */
  NOT_COOLED,
  /** What is cool again is neither frozen nor limited. */
  COOLING_LEFT,

  // --- at the end, from the ledger

  /** What was acknowledged is in the ledger. */
  LOST,
  /** No two experiments have the same place in the queue. */
  SEQUENCE,
  /** The transitions are a chain from queued to the state. */
  HISTORY,
  /** Each run that there was is there once, and no other. */
  RUN_MISSING,
  /** A run is a success, a crash or an interruption as it was. */
  RUN_KIND,
  /** The cause of a crash is the real one. */
  RUN_CAUSE,
  /** A run lasted as long as it did. */
  RUN_TIME,
  /** The counters are the sums of the runs. */
  COUNTS,
  /** An experiment ended as its program must. */
  END,
  /** What was to follow something that did not complete has not run. */
  DEPENDENCY,
  /** No process, no file and no limit is left. */
  LEFTOVER,
  /** A run is told which run it is. */
  RUN_CONTEXT
}
