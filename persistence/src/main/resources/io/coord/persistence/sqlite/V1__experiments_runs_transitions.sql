-- Times are milliseconds since the epoch. States, kinds and causes are their words in lower case.

-- Tells a ledger ("coor") from any other SQLite file.
PRAGMA application_id = 0x636f6f72;

CREATE TABLE experiment (
  id             TEXT    NOT NULL PRIMARY KEY,
  sequence       INTEGER NOT NULL UNIQUE,
  priority       INTEGER NOT NULL,
  owner          TEXT    NOT NULL,
  ram_bytes      INTEGER NOT NULL,
  enqueued_at    INTEGER NOT NULL,
  state          TEXT    NOT NULL,
  invocation     TEXT,                -- running, restarting; stopping, if a run is open
  stop_goal      TEXT,                -- stopping: the state it becomes
  stop_why       TEXT,                -- stopping
  reason         TEXT    NOT NULL,
  since          INTEGER NOT NULL,
  front          INTEGER NOT NULL CHECK (front IN (0, 1)),
  runs           INTEGER NOT NULL,
  crashes        INTEGER NOT NULL,
  interruptions  INTEGER NOT NULL,
  records_seen   INTEGER NOT NULL,
  progress_cycle INTEGER,
  progress_of    INTEGER,
  -- Null while the state is not final. Counts up, because "the latest" must not depend on a wall clock
  -- that can jump: a board without a battery boots in the past.
  ended_order    INTEGER,
  -- Last, so that a long one does not stand between the other columns and their readers.
  spec           TEXT    NOT NULL
) STRICT;

CREATE INDEX experiment_active ON experiment (sequence) WHERE ended_order IS NULL;
CREATE UNIQUE INDEX experiment_ended ON experiment (ended_order) WHERE ended_order IS NOT NULL;

CREATE TABLE run (
  experiment        TEXT    NOT NULL REFERENCES experiment (id),
  number            INTEGER NOT NULL,
  invocation        TEXT    NOT NULL,
  started_at        INTEGER NOT NULL,
  ended_at          INTEGER,
  end_kind          TEXT,
  end_cause         TEXT,
  end_detail        TEXT,
  memory_peak_bytes INTEGER,
  progress_cycle    INTEGER,
  progress_of       INTEGER,
  PRIMARY KEY (experiment, number),
  UNIQUE (experiment, invocation),
  CHECK ((ended_at IS NULL) = (end_kind IS NULL)
     AND (ended_at IS NULL) = (end_cause IS NULL)
     AND (ended_at IS NULL) = (end_detail IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE transition (
  number     INTEGER PRIMARY KEY,     -- the order of commits
  experiment TEXT    NOT NULL REFERENCES experiment (id),
  from_state TEXT    NOT NULL,
  to_state   TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  reason     TEXT    NOT NULL
) STRICT;

CREATE INDEX transition_of_experiment ON transition (experiment, number);

CREATE TABLE meta (
  only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
  last_sequence INTEGER NOT NULL,
  boot_id       TEXT,
  boot_seen_at  INTEGER
) STRICT;

INSERT INTO meta (only_row, last_sequence) VALUES (1, 0);
