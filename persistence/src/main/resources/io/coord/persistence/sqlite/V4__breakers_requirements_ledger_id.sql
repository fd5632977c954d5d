-- Why it ends before its last cycle, as its runner says; null unless it said that.
ALTER TABLE experiment ADD COLUMN done_early TEXT;
ALTER TABLE run ADD COLUMN done_early TEXT;

-- Why it enqueued nothing when it was due last; null if it did.
ALTER TABLE schedule ADD COLUMN refusal TEXT;

-- Held are the experiments of one owner with the same command, where whole groups were held before. What was held is
-- tried once more.
DROP TABLE experiment_group;

CREATE TABLE breaker (
  owner       TEXT    NOT NULL,
  command     TEXT    NOT NULL,     -- digest of what the commands have in common
  held        INTEGER NOT NULL CHECK (held IN (0, 1)),
  cause       TEXT,
  failed_task TEXT,                 -- digest of the command that failed last
  streak      INTEGER NOT NULL,
  held_at     INTEGER,
  PRIMARY KEY (owner, command)
) STRICT, WITHOUT ROWID;

-- Tells this ledger from every other one, also from a copy of itself that was put back later.
ALTER TABLE meta ADD COLUMN ledger_id TEXT;
UPDATE meta SET ledger_id = lower(hex(randomblob(16)));

-- The ledger in which it was enqueued; null for the one that stores it.
ALTER TABLE experiment ADD COLUMN ledger_id TEXT;

-- What an experiment requires to start, so that its spec is read only when it starts or is shown. An experiment of an
-- earlier schema has none: its spec is read at each start of the coordinator until it has ended.
CREATE TABLE requirement (
  sequence          INTEGER PRIMARY KEY,    -- of the experiment
  task_group        TEXT    NOT NULL,
  max_milli_celsius INTEGER,
  max_duration_ms   INTEGER,
  after_completed   TEXT,                   -- ids with a space between them
  after_any         TEXT,
  not_before        INTEGER,
  unique_key        TEXT,
  directory         INTEGER NOT NULL,       -- digests of the working directory, of what the commands have in common,
  command           INTEGER NOT NULL,       -- and of the command
  task              INTEGER NOT NULL
) STRICT;
