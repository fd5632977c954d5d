-- A ledger of schema V3, written by the program of that time and dumped; it never changes.
PRAGMA application_id = 1668247410;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
, autostart INTEGER NOT NULL DEFAULT 1 CHECK (autostart IN (0, 1)), ran_ms INTEGER NOT NULL DEFAULT 0, ended_age_ms INTEGER, requested_power_mode_id INTEGER, requested_power_mode_name TEXT) STRICT;
INSERT INTO experiment VALUES('queued',1,-1,'ada',1073741824,1795176000123,'completed',NULL,NULL,NULL,'verified',1795176000123,0,1,0,0,1,NULL,NULL,4,'{}',0,90001,8640000000,NULL,NULL);
INSERT INTO experiment VALUES('odd',2,0,'ada',2147483648,1795176000123,'queued',NULL,NULL,NULL,'waits for a slot',1795176000123,0,34,11,11,33,33,NULL,NULL,replace('{"argv": ["a''b", "%s ${X}", "größe 🧠"]}\n	end','\n',char(10)),1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-0',3,1,'ada',3221225472,1795176000123,'held',NULL,NULL,NULL,'to 0',1795176000123,1,0,0,0,0,NULL,NULL,NULL,'{"i":0}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-1',4,2,'ada',4294967296,1795176000123,'starting',NULL,NULL,NULL,'to 1',1795176001123,0,0,0,0,0,NULL,NULL,NULL,'{"i":1}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-2',5,-2,'ada',5368709120,1795176000123,'running','0123456789abcdef0123456789abcdef',NULL,NULL,'to 2',1795176002123,1,0,0,0,0,NULL,NULL,NULL,'{"i":2}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-3',6,-1,'ada',6442450944,1795176000123,'restarting','fedcba9876543210fedcba9876543210',NULL,NULL,'to 3',1795176003123,0,0,0,0,0,NULL,NULL,NULL,'{"i":3}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-4',7,0,'ada',7516192768,1795176000123,'cooling',NULL,NULL,NULL,'to 4',1795176004123,1,0,0,0,0,NULL,NULL,NULL,'{"i":4}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-5',8,1,'ada',8589934592,1795176000123,'stopping',NULL,'stopped','asked by ada','to 5',1795176005123,0,0,0,0,0,NULL,NULL,NULL,'{"i":5}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-6',9,2,'ada',9663676416,1795176000123,'stopping','aa','cooling','91 °C','to 6',1795176006123,1,0,0,0,0,NULL,NULL,NULL,'{"i":6}',1,0,NULL,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-7',10,-2,'ada',10737418240,1795176000123,'stopped',NULL,NULL,NULL,'to 7',1795176007123,0,0,0,0,0,NULL,NULL,3,'{"i":7}',1,0,0,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-8',11,-1,'ada',11811160064,1795176000123,'failed',NULL,NULL,NULL,'to 8',0,1,0,0,0,0,NULL,NULL,2,'{"i":8}',1,0,0,NULL,NULL);
INSERT INTO experiment VALUES('in-phase-9',12,0,'ada',12884901888,1795176000123,'completed',NULL,NULL,NULL,'to 9',1795176009123,0,0,0,0,0,NULL,NULL,1,'{"i":9}',1,0,0,NULL,NULL);
INSERT INTO experiment VALUES('with-power-mode',108,1,'ada',115964116992,1795176000123,'queued',NULL,NULL,NULL,'waits for a slot',1795176000123,0,0,0,0,0,NULL,NULL,NULL,'{}',1,0,NULL,3,'MODE 50W');
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
  progress_of       INTEGER, lasted_ms INTEGER,
  PRIMARY KEY (experiment, number),
  UNIQUE (experiment, invocation),
  CHECK ((ended_at IS NULL) = (end_kind IS NULL)
     AND (ended_at IS NULL) = (end_cause IS NULL)
     AND (ended_at IS NULL) = (end_detail IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO run VALUES('odd',1,'run-1',1795176001123,1795176002123,'success','success','detail of ''SUCCESS''',NULL,NULL,NULL,0);
INSERT INTO run VALUES('odd',2,'run-2',1795176002123,1795176003123,'success','exit_code','detail of ''EXIT_CODE''',30064771072,NULL,NULL,0);
INSERT INTO run VALUES('odd',3,'run-3',1795176003123,1795176004123,'success','signal','detail of ''SIGNAL''',NULL,3,NULL,0);
INSERT INTO run VALUES('odd',4,'run-4',1795176004123,1795176005123,'success','out_of_memory','detail of ''OUT_OF_MEMORY''',30064771072,3,NULL,0);
INSERT INTO run VALUES('odd',5,'run-5',1795176005123,1795176006123,'success','watchdog','detail of ''WATCHDOG''',NULL,3,NULL,0);
INSERT INTO run VALUES('odd',6,'run-6',1795176006123,1795176007123,'success','time_limit','detail of ''TIME_LIMIT''',30064771072,6,500,0);
INSERT INTO run VALUES('odd',7,'run-7',1795176007123,1795176008123,'success','start','detail of ''START''',NULL,6,500,0);
INSERT INTO run VALUES('odd',8,'run-8',1795176008123,1795176009123,'success','operator','detail of ''OPERATOR''',30064771072,6,500,0);
INSERT INTO run VALUES('odd',9,'run-9',1795176009123,1795176010123,'success','heat','detail of ''HEAT''',NULL,9,NULL,0);
INSERT INTO run VALUES('odd',10,'run-10',1795176010123,1795176011123,'success','reboot','detail of ''REBOOT''',30064771072,9,NULL,0);
INSERT INTO run VALUES('odd',11,'run-11',1795176011123,1795176012123,'success','lost','detail of ''LOST''',NULL,9,NULL,0);
INSERT INTO run VALUES('odd',12,'run-12',1795176012123,1795176013123,'crash','success','detail of ''SUCCESS''',30064771072,12,500,0);
INSERT INTO run VALUES('odd',13,'run-13',1795176013123,1795176014123,'crash','exit_code','detail of ''EXIT_CODE''',NULL,12,500,0);
INSERT INTO run VALUES('odd',14,'run-14',1795176014123,1795176015123,'crash','signal','detail of ''SIGNAL''',30064771072,12,500,0);
INSERT INTO run VALUES('odd',15,'run-15',1795176015123,1795176016123,'crash','out_of_memory','detail of ''OUT_OF_MEMORY''',NULL,15,NULL,0);
INSERT INTO run VALUES('odd',16,'run-16',1795176016123,1795176017123,'crash','watchdog','detail of ''WATCHDOG''',30064771072,15,NULL,0);
INSERT INTO run VALUES('odd',17,'run-17',1795176017123,1795176018123,'crash','time_limit','detail of ''TIME_LIMIT''',NULL,15,NULL,0);
INSERT INTO run VALUES('odd',18,'run-18',1795176018123,1795176019123,'crash','start','detail of ''START''',30064771072,18,500,0);
INSERT INTO run VALUES('odd',19,'run-19',1795176019123,1795176020123,'crash','operator','detail of ''OPERATOR''',NULL,18,500,0);
INSERT INTO run VALUES('odd',20,'run-20',1795176020123,1795176021123,'crash','heat','detail of ''HEAT''',30064771072,18,500,0);
INSERT INTO run VALUES('odd',21,'run-21',1795176021123,1795176022123,'crash','reboot','detail of ''REBOOT''',NULL,21,NULL,0);
INSERT INTO run VALUES('odd',22,'run-22',1795176022123,1795176023123,'crash','lost','detail of ''LOST''',30064771072,21,NULL,0);
INSERT INTO run VALUES('odd',23,'run-23',1795176023123,1795176024123,'interruption','success','detail of ''SUCCESS''',NULL,21,NULL,0);
INSERT INTO run VALUES('odd',24,'run-24',1795176024123,1795176025123,'interruption','exit_code','detail of ''EXIT_CODE''',30064771072,24,500,0);
INSERT INTO run VALUES('odd',25,'run-25',1795176025123,1795176026123,'interruption','signal','detail of ''SIGNAL''',NULL,24,500,0);
INSERT INTO run VALUES('odd',26,'run-26',1795176026123,1795176027123,'interruption','out_of_memory','detail of ''OUT_OF_MEMORY''',30064771072,24,500,0);
INSERT INTO run VALUES('odd',27,'run-27',1795176027123,1795176028123,'interruption','watchdog','detail of ''WATCHDOG''',NULL,27,NULL,0);
INSERT INTO run VALUES('odd',28,'run-28',1795176028123,1795176029123,'interruption','time_limit','detail of ''TIME_LIMIT''',30064771072,27,NULL,0);
INSERT INTO run VALUES('odd',29,'run-29',1795176029123,1795176030123,'interruption','start','detail of ''START''',NULL,27,NULL,0);
INSERT INTO run VALUES('odd',30,'run-30',1795176030123,1795176031123,'interruption','operator','detail of ''OPERATOR''',30064771072,30,500,0);
INSERT INTO run VALUES('odd',31,'run-31',1795176031123,1795176032123,'interruption','heat','detail of ''HEAT''',NULL,30,500,0);
INSERT INTO run VALUES('odd',32,'run-32',1795176032123,1795176033123,'interruption','reboot','detail of ''REBOOT''',30064771072,30,500,0);
INSERT INTO run VALUES('odd',33,'run-33',1795176033123,1795176034123,'interruption','lost','detail of ''LOST''',NULL,33,NULL,0);
INSERT INTO run VALUES('odd',34,'open',1795176099123,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO run VALUES('queued',1,'timed',1795176000123,1795176000123,'success','success','exit code 0',NULL,NULL,NULL,90001);
CREATE TABLE transition (
  number     INTEGER PRIMARY KEY,     -- the order of commits
  experiment TEXT    NOT NULL REFERENCES experiment (id),
  from_state TEXT    NOT NULL,
  to_state   TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  reason     TEXT    NOT NULL
) STRICT;
INSERT INTO transition VALUES(1,'queued','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(2,'odd','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(3,'in-phase-0','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(4,'in-phase-1','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(5,'in-phase-2','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(6,'in-phase-3','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(7,'in-phase-4','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(8,'in-phase-5','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(9,'in-phase-6','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(10,'in-phase-7','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(11,'in-phase-8','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(12,'in-phase-9','queued','queued',1795176000123,'waits for a slot');
INSERT INTO transition VALUES(13,'in-phase-9','queued','completed',1795176009123,'to 9');
INSERT INTO transition VALUES(14,'in-phase-8','queued','failed',0,'to 8');
INSERT INTO transition VALUES(15,'in-phase-7','queued','stopped',1795176007123,'to 7');
INSERT INTO transition VALUES(16,'in-phase-6','queued','stopping',1795176006123,'to 6');
INSERT INTO transition VALUES(17,'in-phase-5','queued','stopping',1795176005123,'to 5');
INSERT INTO transition VALUES(18,'in-phase-4','queued','cooling',1795176004123,'to 4');
INSERT INTO transition VALUES(19,'in-phase-3','queued','restarting',1795176003123,'to 3');
INSERT INTO transition VALUES(20,'in-phase-2','queued','running',1795176002123,'to 2');
INSERT INTO transition VALUES(21,'in-phase-1','queued','starting',1795176001123,'to 1');
INSERT INTO transition VALUES(22,'in-phase-0','queued','held',1795176000123,'to 0');
INSERT INTO transition VALUES(23,'queued','queued','completed',1795176000123,'verified');
INSERT INTO transition VALUES(24,'with-power-mode','queued','queued',1795176000123,'waits for a slot');
CREATE TABLE meta (
  only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
  last_sequence INTEGER NOT NULL,
  boot_id       TEXT,
  boot_seen_at  INTEGER
, age_ms INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO meta VALUES(1,108,'5f0c1e2a-boot',1795176000123,8640000000);
CREATE TABLE used_id (
  sequence INTEGER PRIMARY KEY,
  id       TEXT    NOT NULL UNIQUE
) STRICT;
INSERT INTO used_id VALUES(1,'queued');
INSERT INTO used_id VALUES(2,'odd');
INSERT INTO used_id VALUES(3,'in-phase-0');
INSERT INTO used_id VALUES(4,'in-phase-1');
INSERT INTO used_id VALUES(5,'in-phase-2');
INSERT INTO used_id VALUES(6,'in-phase-3');
INSERT INTO used_id VALUES(7,'in-phase-4');
INSERT INTO used_id VALUES(8,'in-phase-5');
INSERT INTO used_id VALUES(9,'in-phase-6');
INSERT INTO used_id VALUES(10,'in-phase-7');
INSERT INTO used_id VALUES(11,'in-phase-8');
INSERT INTO used_id VALUES(12,'in-phase-9');
INSERT INTO used_id VALUES(108,'with-power-mode');
CREATE TABLE schedule (
  id           TEXT    NOT NULL PRIMARY KEY,
  cron         TEXT    NOT NULL,
  spec         TEXT    NOT NULL,
  owner        TEXT    NOT NULL,
  enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  next_number  INTEGER NOT NULL,
  last_fire_at INTEGER
) STRICT;
INSERT INTO schedule VALUES('nightly','0 0 3 * * ?','{}','ada',1,2,1795176000123);
CREATE TABLE experiment_group (
  name        TEXT    NOT NULL PRIMARY KEY,
  held        INTEGER NOT NULL CHECK (held IN (0, 1)),
  fingerprint TEXT,
  streak      INTEGER NOT NULL,
  held_at     INTEGER
) STRICT;
INSERT INTO experiment_group VALUES('g',1,'exit code 1',3,1795176000123);
CREATE TABLE coordinator_state (
  only_row               INTEGER PRIMARY KEY CHECK (only_row = 1),
  draining_by            TEXT,             -- null while experiments are started
  power_mode_before_id   INTEGER,          -- null unless there is a power mode to restore
  power_mode_before_name TEXT,
  throttled              INTEGER NOT NULL CHECK (throttled IN (0, 1)),
  throttled_from_percent INTEGER,          -- of one core; null while throttled: there was no limit
  CHECK ((power_mode_before_id IS NULL) = (power_mode_before_name IS NULL))
) STRICT;
INSERT INTO coordinator_state VALUES(1,'by ada',0,'MAXN',1,300);
CREATE INDEX experiment_active ON experiment (sequence) WHERE ended_order IS NULL;
CREATE UNIQUE INDEX experiment_ended ON experiment (ended_order) WHERE ended_order IS NOT NULL;
CREATE INDEX transition_of_experiment ON transition (experiment, number);
COMMIT;
