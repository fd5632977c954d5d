-- What was a note under a name gets columns of its own.

-- The power mode that the spec names, as the board listed it when the experiment was enqueued; null if it names none.
ALTER TABLE experiment ADD COLUMN requested_power_mode_id INTEGER;
ALTER TABLE experiment ADD COLUMN requested_power_mode_name TEXT;

-- A power mode was noted as its number, a space and its name.
UPDATE experiment
SET requested_power_mode_id = CAST(substr(note.value, 1, instr(note.value, ' ') - 1) AS INTEGER),
    requested_power_mode_name = substr(note.value, instr(note.value, ' ') + 1)
FROM note
WHERE note.name = 'power-mode/' || experiment.id
  AND instr(note.value, ' ') BETWEEN 2 AND 10
  AND substr(note.value, 1, instr(note.value, ' ') - 1) NOT GLOB '*[^0-9]*';

-- What one coordinator leaves for the next.
CREATE TABLE coordinator_state (
  only_row               INTEGER PRIMARY KEY CHECK (only_row = 1),
  draining_by            TEXT,             -- null while experiments are started
  power_mode_before_id   INTEGER,          -- null unless there is a power mode to restore
  power_mode_before_name TEXT,
  throttled              INTEGER NOT NULL CHECK (throttled IN (0, 1)),
  throttled_from_percent INTEGER,          -- of one core; null while throttled: there was no limit
  CHECK ((power_mode_before_id IS NULL) = (power_mode_before_name IS NULL))
) STRICT;

INSERT INTO coordinator_state (only_row, throttled) VALUES (1, 0);

UPDATE coordinator_state SET draining_by = note.value FROM note WHERE note.name = 'draining';

UPDATE coordinator_state
SET power_mode_before_id = CAST(substr(note.value, 1, instr(note.value, ' ') - 1) AS INTEGER),
    power_mode_before_name = substr(note.value, instr(note.value, ' ') + 1)
FROM note
WHERE note.name = 'power-before'
  AND instr(note.value, ' ') BETWEEN 2 AND 10
  AND substr(note.value, 1, instr(note.value, ' ') - 1) NOT GLOB '*[^0-9]*';

-- A percentage of one core, or 'all'.
UPDATE coordinator_state
SET throttled = 1,
    throttled_from_percent =
        CASE WHEN note.value NOT GLOB '*[^0-9]*' AND length(note.value) BETWEEN 1 AND 9
         THEN CAST(note.value AS INTEGER) END
FROM note
WHERE note.name = 'throttled-from';

DROP TABLE note;
