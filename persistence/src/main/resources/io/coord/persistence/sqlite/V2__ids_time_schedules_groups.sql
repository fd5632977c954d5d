-- Every id that was ever given out, with its sequence. It outlives the experiment, which retention deletes.
CREATE TABLE used_id (
  sequence INTEGER PRIMARY KEY,
  id       TEXT    NOT NULL UNIQUE
) STRICT;

INSERT INTO used_id (sequence, id) SELECT sequence, id FROM experiment;

-- Whether it comes back by itself after a boot.
ALTER TABLE experiment ADD COLUMN autostart INTEGER NOT NULL DEFAULT 1 CHECK (autostart IN (0, 1));

-- How long its ended runs took together, by a clock that only goes forward. Of runs that ended under schema 1
-- nobody knows: they count as nothing here, and have no lasted_ms.
ALTER TABLE experiment ADD COLUMN ran_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN lasted_ms INTEGER;

-- The ledger's age: all time that is known to have passed since it was made, which no wall clock disturbs. An
-- experiment keeps the age at which it ended; null while its state is not final.
ALTER TABLE meta ADD COLUMN age_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE experiment ADD COLUMN ended_age_ms INTEGER;

UPDATE experiment SET ended_age_ms = 0 WHERE ended_order IS NOT NULL;

-- What else is to be remembered about the whole, one value to a name.
CREATE TABLE note (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
  id           TEXT    NOT NULL PRIMARY KEY,
  cron         TEXT    NOT NULL,
  spec         TEXT    NOT NULL,
  owner        TEXT    NOT NULL,
  enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  next_number  INTEGER NOT NULL,
  last_fire_at INTEGER
) STRICT;

CREATE TABLE experiment_group (
  name        TEXT    NOT NULL PRIMARY KEY,
  held        INTEGER NOT NULL CHECK (held IN (0, 1)),
  fingerprint TEXT,
  streak      INTEGER NOT NULL,
  held_at     INTEGER
) STRICT;
