#!/usr/bin/env python3
"""A small runner for coord, with options that make it crash.

    python3 runner.py --config amnesiac_001.json --db /tmp/amnesiac_001.db

The runner executes the cycles of the config one after the other. It commits each cycle to its own
SQLite database before it reports the cycle. After any kind of end, the next run continues after the
last committed cycle.

Exit codes: 0 all cycles are done, 1 error, 2 invalid config or option. At SIGTERM the runner commits
the status 'interrupted', then ends by SIGTERM.

Python 3.8 or later, standard library only, Linux.
"""

import argparse
import hashlib
import json
import os
import resource
import signal
import socket
import sqlite3
import sys
import time
from datetime import datetime, timezone

STOPPING = {signal.SIGTERM, signal.SIGINT}

# A subset of the tables and columns of brain-in-jar's runner, and a few more.
SCHEMA = """
CREATE TABLE IF NOT EXISTS experiments (
  experiment_id TEXT PRIMARY KEY,
  name TEXT,
  mode TEXT,
  config_json TEXT NOT NULL,
  status TEXT NOT NULL,  -- running, interrupted, completed
  started_at TEXT NOT NULL,
  ended_at TEXT,
  total_cycles INTEGER NOT NULL DEFAULT 0,
  total_crashes INTEGER NOT NULL DEFAULT 0  -- runs that ended while the status was running
);
CREATE TABLE IF NOT EXISTS experiment_cycles (
  experiment_id TEXT NOT NULL REFERENCES experiments (experiment_id),
  cycle_number INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  run INTEGER,  -- COORD_RUN; NULL if started by hand
  pid INTEGER NOT NULL,
  PRIMARY KEY (experiment_id, cycle_number)
);
CREATE TABLE IF NOT EXISTS planned_crashes (
  experiment_id TEXT NOT NULL,
  cycle_number INTEGER NOT NULL,
  crashed_at TEXT NOT NULL
);
"""


class Wrong(Exception):
    """Invalid config or option; the text is one line for the user."""


class Stop(Exception):
    """A signal requested the end of the runner."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


# --- Config and options ---------------------------------------------------------------------------


def whole(minimum):
    def check(value):
        number = int(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int) or number < minimum:
            raise ValueError
        return number

    return check, "a whole number, at least {}".format(minimum)


def amount(value):
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError
    number = float(value)
    if not 0 <= number < 1e9:
        raise ValueError
    return number


def crash_kind(value):
    """('exit', 3) or ('signal', SIGSEGV)."""
    kind, _, what = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "exit" and what.isdigit() and int(what) <= 255:
        return kind, int(what)
    if kind == "signal" and hasattr(signal.Signals, "SIG" + what):
        return kind, signal.Signals["SIG" + what]
    raise ValueError


def flag(value):
    if not isinstance(value, bool):
        raise ValueError
    return value


# name: (check, valid values, default, help)
OPTIONS = {
    "crash_at": whole(1) + (None, "crash in cycle N, before it is committed"),
    "crash_times": whole(1) + (1, "number of crashes in that cycle; default 1"),
    "crash_with": (
        crash_kind,
        "'exit:3' or 'signal:SEGV'",
        ("exit", 1),
        "how to crash: exit:CODE or signal:NAME; default exit:1",
    ),
    "eat_memory": (
        amount,
        "a number of MB, at least 0",
        0.0,
        "allocate this number of MB in each cycle and keep it",
    ),
    "cycle_seconds": (
        amount,
        "a number of seconds, at least 0",
        1.0,
        "duration of a cycle in seconds; default 1",
    ),
    "heat": (flag, "true or false", False, "use the CPU continuously instead of waiting"),
}


def checked(name, value, shown):
    check, valid, _, _ = OPTIONS[name]
    try:
        return check(value)
    except (ValueError, OverflowError):
        raise Wrong("{} is {}; use {}".format(shown, json.dumps(value), valid)) from None


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        raise Wrong(message)


def parse_arguments(arguments):
    parser = OneLineParser(
        allow_abbrev=False,
        description="Runs the cycles of an experiment; see README.md.",
        epilog='The config can contain the same options: "reference_runner": {"cycle_seconds": 2}. '
        "The command line takes precedence.",
    )
    parser.add_argument("--config", required=True, metavar="FILE", help="config of the experiment")
    parser.add_argument("--db", required=True, metavar="FILE", help="database of the experiment; kept")
    for name, (check, _, _, description) in OPTIONS.items():
        if check is flag:
            parser.add_argument(option(name), action="store_true", default=None, help=description)
        else:
            parser.add_argument(option(name), help=description)
    return parser.parse_args(arguments)


def option(name):
    return "--" + name.replace("_", "-")


def read_config(path):
    try:
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
    except OSError as e:
        raise Wrong("cannot read config '{}': {}".format(path, e.strerror)) from None
    except ValueError as e:  # not UTF-8, or not JSON
        raise Wrong("config '{}' is not JSON: {}".format(path, e)) from None
    if not isinstance(config, dict):
        raise Wrong("config '{}' is not a JSON object".format(path))
    return config


class Plan:
    """The validated config and options."""

    def __init__(self, arguments):
        config = read_config(arguments.config)
        where = "config '{}': ".format(arguments.config)
        self.id = config.get("experiment_id")
        if not isinstance(self.id, str) or not self.id:
            raise Wrong(where + "experiment_id is missing or not a string")
        cycles = config.get("max_cycles")
        if cycles is None:
            cycles = 0
        if isinstance(cycles, bool) or not isinstance(cycles, int) or cycles < 0:
            raise Wrong(
                "{}max_cycles is {}; use a whole number, 0 for no limit".format(
                    where, json.dumps(cycles)
                )
            )
        self.max_cycles = cycles
        self.config = config
        self.name = text_or_none(config.get("name"))
        self.mode = text_or_none(config.get("mode"))
        own = config.get("reference_runner", {})
        if not isinstance(own, dict):
            raise Wrong(where + "reference_runner is not an object")
        for name in own:
            if name not in OPTIONS:
                raise Wrong(
                    "{}reference_runner has no option '{}'; it has {}".format(
                        where, name, ", ".join(OPTIONS)
                    )
                )
        for name, (_, _, default, _) in OPTIONS.items():
            given = getattr(arguments, name)
            if given is not None:
                setattr(self, name, checked(name, given, option(name)))
            elif own.get(name) is not None:
                shown = where + "reference_runner." + name
                setattr(self, name, checked(name, own[name], shown))
            else:
                setattr(self, name, default)

    def of(self, cycle):
        return "{}/{}".format(cycle, self.max_cycles) if self.max_cycles else str(cycle)

    def is_complete(self, done):
        return 0 < self.max_cycles <= done


def text_or_none(value):
    return value if isinstance(value, str) else None


# --- Database -------------------------------------------------------------------------------------


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


class Memory:
    """The database of the experiment. Every method that writes commits before it returns."""

    def __init__(self, path, plan):
        self.plan = plan
        self.run = number_in("COORD_RUN")
        self.db = sqlite3.connect(path, timeout=5, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")  # reported cycles survive a power cut
        self.db.executescript(SCHEMA)

    def last_cycle(self):
        return self.one("SELECT max(cycle_number) FROM experiment_cycles WHERE experiment_id = ?") or 0

    def crashes_done(self):
        return self.one(
            "SELECT count(*) FROM planned_crashes WHERE experiment_id = ? AND cycle_number = ?",
            self.plan.crash_at,
        )

    def begin(self, status):
        with self.transaction():
            self.db.execute(
                "INSERT INTO experiments"
                " (experiment_id, name, mode, config_json, status, started_at)"
                " VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (experiment_id) DO UPDATE SET"
                # A run that left the status 'running' has crashed.
                " total_crashes = total_crashes + (status = 'running'),"
                " status = excluded.status,"
                " ended_at = CASE excluded.status WHEN 'running' THEN NULL ELSE ended_at END",
                (
                    self.plan.id,
                    self.plan.name,
                    self.plan.mode,
                    json.dumps(self.plan.config),
                    status,
                    now(),
                ),
            )

    def end(self, status):
        self.db.execute(
            "UPDATE experiments SET status = ?, ended_at = ? WHERE experiment_id = ?",
            (status, now(), self.plan.id),
        )

    def add_cycle(self, cycle, started):
        try:
            with self.transaction():
                self.db.execute(
                    "INSERT INTO experiment_cycles VALUES (?, ?, ?, ?, ?, ?)",
                    (self.plan.id, cycle, started, now(), self.run, os.getpid()),
                )
                self.db.execute(
                    "UPDATE experiments SET total_cycles = total_cycles + 1"
                    " WHERE experiment_id = ?",
                    (self.plan.id,),
                )
        except sqlite3.IntegrityError:
            raise RuntimeError(
                "cycle {} is already in the database: another runner is active".format(cycle)
            ) from None

    def add_crash(self):
        self.db.execute(
            "INSERT INTO planned_crashes VALUES (?, ?, ?)",
            (self.plan.id, self.plan.crash_at, now()),
        )

    def transaction(self):
        self.db.execute("BEGIN IMMEDIATE")
        return self.db  # a context manager: commits, or rolls back after an exception

    def one(self, query, *more):
        return self.db.execute(query, (self.plan.id,) + more).fetchone()[0]


def number_in(variable):
    value = os.environ.get(variable, "")
    return int(value) if value.isdecimal() else None


# --- Notifications --------------------------------------------------------------------------------


class Notifier:
    """Notifies systemd, see sd_notify(3). Does nothing without NOTIFY_SOCKET."""

    def __init__(self):
        self.address = os.environ.get("NOTIFY_SOCKET", "")
        if self.address.startswith("@"):
            self.address = "\0" + self.address[1:]  # abstract socket
        usec = number_in("WATCHDOG_USEC") or 0
        mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        # A third of the watchdog interval: a notification may be late.
        self.interval_seconds = usec / 3e6 if usec and mine else float("inf")
        self.notified_at = time.monotonic()

    def keep_alive(self):
        if time.monotonic() - self.notified_at >= self.interval_seconds:
            self.notify("WATCHDOG=1")

    def notify(self, *lines):
        self.notified_at = time.monotonic()
        if not self.address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(1)
                sender.sendto("\n".join(lines).encode(), self.address)
        except OSError:
            pass  # the progress is in the database; a lost notification is not an error


def say(text):
    print(text, flush=True)


def greet(plan, done):
    if "COORD_RUN" in os.environ:
        context = "run {}, crash count {}, resume {}, last cycle {}".format(
            os.environ["COORD_RUN"],
            os.environ.get("COORD_CRASH_COUNT", "?"),
            os.environ.get("COORD_RESUME", "?"),
            os.environ.get("COORD_LAST_CYCLE", "?"),
        )
    else:
        context = "run by hand"
    if plan.is_complete(done):
        next_step = "all {} cycles are already done".format(plan.max_cycles)
    elif done:
        next_step = "resumes at cycle " + plan.of(done + 1)
    else:
        next_step = "starts at cycle " + plan.of(1)
    say("{}: {}; {}".format(plan.id, context, next_step))


# --- Cycles ---------------------------------------------------------------------------------------


class Runner:
    def __init__(self, plan, memory, notifier):
        self.plan = plan
        self.memory = memory
        self.notifier = notifier
        self.allocated = []

    def run(self):
        cycle = self.memory.last_cycle()
        greet(self.plan, cycle)
        self.memory.begin("completed" if self.plan.is_complete(cycle) else "running")
        self.report(cycle)
        while not self.plan.is_complete(cycle):
            cycle += 1
            self.one_cycle(cycle)
            self.report(cycle)
            say("{}: cycle {} done".format(self.plan.id, self.plan.of(cycle)))
        self.memory.end("completed")

    def report(self, cycle):
        self.notifier.notify("STATUS=cycle " + self.plan.of(cycle), "WATCHDOG=1")

    def one_cycle(self, cycle):
        started = now()
        until = time.monotonic() + self.plan.cycle_seconds
        self.allocate()
        compute()
        self.crash_if_planned(cycle)
        self.pass_time(until)
        self.memory.add_cycle(cycle, started)

    def pass_time(self, until):
        while True:
            left = max(0, until - time.monotonic())
            if self.plan.heat:
                compute()
            self.stop_if_asked(0 if self.plan.heat else min(left, self.notifier.interval_seconds))
            if time.monotonic() >= until:
                return
            self.notifier.keep_alive()

    @staticmethod
    def stop_if_asked(wait_seconds):
        # The signals are blocked and received only here, never during a commit.
        info = signal.sigtimedwait(STOPPING, wait_seconds)
        if info is not None:
            raise Stop(info.si_signo)

    def allocate(self):
        size = int(self.plan.eat_memory * 1_000_000)
        if size:
            block = bytearray(size)
            pages = len(range(0, size, 4096))
            block[::4096] = b"\1" * pages  # touch each page; reserved memory alone is not counted
            self.allocated.append(block)

    def crash_if_planned(self, cycle):
        if cycle != self.plan.crash_at or self.memory.crashes_done() >= self.plan.crash_times:
            return
        self.memory.add_crash()
        kind, what = self.plan.crash_with
        say("{}: crashes in cycle {} as planned".format(self.plan.id, cycle))
        if kind == "exit":
            os._exit(what)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core file for an intentional crash
        die_by(what)


def compute():
    """About ten milliseconds of work."""
    digest = b""
    for _ in range(10_000):
        digest = hashlib.sha256(digest).digest()


def die_by(number):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(1)  # a signal that does not end a process


def main(arguments):
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        parsed = parse_arguments(arguments)
        plan = Plan(parsed)
    except Wrong as e:
        print("runner: {}".format(e), file=sys.stderr)
        return 2
    memory = None
    try:
        memory = Memory(parsed.db, plan)
        Runner(plan, memory, Notifier()).run()
        return 0
    except Stop as e:
        memory.end("interrupted")
        memory.db.close()
        say("{}: interrupted by {}".format(plan.id, signal.Signals(e.number).name))
        die_by(e.number)
    except MemoryError:
        print("runner: {}: out of memory".format(plan.id), file=sys.stderr)
    except sqlite3.Error as e:
        print("runner: cannot use database '{}': {}".format(parsed.db, e), file=sys.stderr)
    except RuntimeError as e:
        print("runner: {}: {}".format(plan.id, e), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
