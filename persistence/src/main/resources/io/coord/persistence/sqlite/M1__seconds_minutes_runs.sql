-- Times are milliseconds since the epoch, as the wall clock showed them. The number says in which order rows came,
-- because a wall clock can jump: the oldest is the one with the smallest number. Numbers have no gaps.

-- Tells measurements ("meas") from any other SQLite file.
PRAGMA application_id = 0x6d656173;

-- The last measurements as they were made. So few that reading all of them is no matter.
CREATE TABLE second (
  number        INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,
  lasted_ms     INTEGER NOT NULL,
  milli_celsius INTEGER,
  zone          TEXT    NOT NULL,
  milliwatts    INTEGER,
  heat          TEXT    NOT NULL,
  share_percent INTEGER NOT NULL,
  throttled     INTEGER NOT NULL CHECK (throttled IN (0, 1)),
  power_mode    TEXT    NOT NULL,
  gpu_percent   INTEGER,
  gpu_megahertz INTEGER
) STRICT;

-- Those before, added up. A measurement is either here or above.
CREATE TABLE minute (
  number                INTEGER PRIMARY KEY,
  at                    INTEGER NOT NULL UNIQUE,
  measured_ms           INTEGER NOT NULL,
  throttled_ms          INTEGER NOT NULL,
  temperature_ms        INTEGER NOT NULL,   -- the time in which a temperature is known
  milli_celsius_seconds REAL    NOT NULL,
  lowest                INTEGER,
  highest               INTEGER,
  power_ms              INTEGER NOT NULL,   -- the time in which the power is known
  joules                REAL    NOT NULL
) STRICT;

-- All measurements of each run, added up.
CREATE TABLE run (
  number                INTEGER PRIMARY KEY,
  invocation            TEXT    NOT NULL UNIQUE,
  measured_ms           INTEGER NOT NULL,
  throttled_ms          INTEGER NOT NULL,
  temperature_ms        INTEGER NOT NULL,
  milli_celsius_seconds REAL    NOT NULL,
  lowest                INTEGER,
  highest               INTEGER,
  power_ms              INTEGER NOT NULL,
  joules                REAL    NOT NULL,
  seen_age_ms           INTEGER NOT NULL    -- how old the file was when it was measured last
) STRICT;

-- What was done about heat and power.
CREATE TABLE step (
  number INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  what   TEXT    NOT NULL,
  why    TEXT    NOT NULL
) STRICT;

-- All time that was measured since the file was made.
CREATE TABLE meta (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  age_ms   INTEGER NOT NULL
) STRICT;

INSERT INTO meta (only_row, age_ms) VALUES (1, 0);
