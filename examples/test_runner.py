"""Tests of runner.py. Run: python3 -m unittest, in this directory."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = os.path.join(HERE, "runner.py")
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # faster than a disk
HANG_SECONDS = 180  # only ends a hanging test
FROM_OUTSIDE = ("COORD_", "NOTIFY_SOCKET", "WATCHDOG_")


class RunnerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=IN_MEMORY)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.db = os.path.join(self.folder, "state.db")
        self.config = {"experiment_id": "test_001", "max_cycles": 5}

    def start(self, *options, **environment):
        return self.start_config(self.write(self.config), *options, **environment)

    def start_config(self, config, *options, **environment):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(FROM_OUTSIDE)}
        process = subprocess.Popen(
            [sys.executable, RUNNER, "--config", config, "--db", self.db] + list(options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env=dict(inherited, **environment),
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def run_fast(self, *options, **environment):
        process = self.start("--cycle-seconds", "0", *options, **environment)
        out, err = process.communicate(timeout=HANG_SECONDS)
        return process.returncode, out, err

    def write(self, config):
        path = os.path.join(self.folder, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config if isinstance(config, str) else json.dumps(config))
        return path

    def query(self, text):
        db = sqlite3.connect(self.db)
        try:
            return db.execute(text).fetchall()
        finally:
            db.close()

    def cycles(self):
        return [row[0] for row in self.query("SELECT cycle_number FROM experiment_cycles ORDER BY 1")]

    def status(self):
        return self.query("SELECT status FROM experiments")[0][0]

    def listen(self, address):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(address)
        listener.settimeout(HANG_SECONDS)
        return listener


class Completing(RunnerTest):
    def test_runs_all_cycles_and_exits_0(self):
        code, out, err = self.run_fast()
        self.assertEqual((0, ""), (code, err))
        self.assertEqual("test_001: run by hand; starts at cycle 1/5", out.splitlines()[0])
        self.assertEqual([1, 2, 3, 4, 5], self.cycles())
        self.assertEqual("completed", self.status())

    def test_a_completed_experiment_is_left_alone(self):
        self.run_fast()
        before = self.query("SELECT * FROM experiment_cycles")
        code, out, _ = self.run_fast()
        self.assertEqual(0, code)
        self.assertIn("all 5 cycles are already done", out)
        self.assertEqual(before, self.query("SELECT * FROM experiment_cycles"))
        self.assertEqual("completed", self.status())

    def test_prints_and_stores_the_variables_of_the_run(self):
        _, out, _ = self.run_fast(
            COORD_RUN="4", COORD_CRASH_COUNT="2", COORD_RESUME="1", COORD_LAST_CYCLE="3"
        )
        self.assertEqual(
            "test_001: run 4, crash count 2, resume 1, last cycle 3; starts at cycle 1/5",
            out.splitlines()[0],
        )
        self.assertEqual([(4,)], self.query("SELECT DISTINCT run FROM experiment_cycles"))

    def test_two_experiments_may_share_a_database(self):
        self.run_fast()
        self.config = {"experiment_id": "test_002", "max_cycles": 2}
        self.run_fast()
        self.assertEqual(
            [("test_001", 5), ("test_002", 2)],
            self.query("SELECT experiment_id, count(*) FROM experiment_cycles GROUP BY 1"),
        )


class Crashing(RunnerTest):
    def test_crashes_before_the_cycle_is_committed_and_resumes_there(self):
        code, out, _ = self.run_fast("--crash-at", "3", "--crash-with", "exit:3")
        self.assertEqual(3, code)
        self.assertIn("crashes in cycle 3 as planned", out)
        self.assertEqual([1, 2], self.cycles())
        self.assertEqual("running", self.status())

        code, out, _ = self.run_fast("--crash-at", "3", "--crash-with", "exit:3")
        self.assertEqual(0, code)
        self.assertIn("resumes at cycle 3/5", out.splitlines()[0])
        self.assertEqual([1, 2, 3, 4, 5], self.cycles())
        self.assertEqual([(5, 1)], self.query("SELECT total_cycles, total_crashes FROM experiments"))

    def test_crashes_as_often_as_asked(self):
        codes = [self.run_fast("--crash-at", "1", "--crash-times", "2")[0] for _ in range(3)]
        self.assertEqual([1, 1, 0], codes)

    def test_crashes_by_signal(self):
        for name in ("SEGV", "KILL", "TERM"):
            self.config["experiment_id"] = name
            code, _, _ = self.run_fast("--crash-at", "2", "--crash-with", "signal:" + name)
            self.assertEqual(-signal.Signals["SIG" + name], code)

    def test_can_exit_with_0_although_cycles_are_missing(self):
        code, _, _ = self.run_fast("--crash-at", "2", "--crash-with", "exit:0")
        self.assertEqual(0, code)
        self.assertEqual([1], self.cycles())

    def test_the_command_line_takes_precedence_over_the_config(self):
        self.config["reference_runner"] = {"crash_at": 2, "crash_with": "exit:7"}
        self.assertEqual(8, self.run_fast("--crash-with", "exit:8")[0])
        self.assertEqual([1], self.cycles())

    def test_allocated_memory_is_resident(self):
        self.config["max_cycles"] = 2
        process = self.start("--eat-memory", "40", "--cycle-seconds", "0")
        process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        self.assertGreater(usage.ru_maxrss, 80_000)


class Reporting(RunnerTest):
    def check_reports(self, address, variable):
        listener = self.listen(address)
        self.config["max_cycles"] = 2
        self.run_fast(NOTIFY_SOCKET=variable)
        self.assertEqual(
            ["STATUS=cycle {}/2\nWATCHDOG=1".format(cycle) for cycle in (0, 1, 2)],
            [listener.recv(4096).decode() for _ in range(3)],
        )

    def test_reports_on_a_socket_file(self):
        path = os.path.join(self.folder, "notify")
        self.check_reports(path, path)

    def test_reports_on_an_abstract_socket(self):
        name = "coord-test-{}-{}".format(os.getpid(), time.monotonic_ns())
        self.check_reports("\0" + name, "@" + name)

    def test_a_missing_socket_is_not_an_error(self):
        self.assertEqual(0, self.run_fast(NOTIFY_SOCKET=os.path.join(self.folder, "gone"))[0])

    def test_a_reported_cycle_is_committed(self):
        path = os.path.join(self.folder, "notify")
        listener = self.listen(path)
        self.config["max_cycles"] = 0
        process = self.start("--cycle-seconds", "0", NOTIFY_SOCKET=path)
        while listener.recv(4096) != b"STATUS=cycle 3\nWATCHDOG=1":
            pass
        process.kill()
        process.wait()
        self.assertIn(3, self.cycles())

    def test_a_long_cycle_sends_watchdog_notifications(self):
        path = os.path.join(self.folder, "notify")
        listener = self.listen(path)
        self.start("--cycle-seconds", "60", NOTIFY_SOCKET=path, WATCHDOG_USEC="300000")
        self.assertEqual(b"STATUS=cycle 0/5\nWATCHDOG=1", listener.recv(4096))
        self.assertEqual([b"WATCHDOG=1"] * 3, [listener.recv(4096) for _ in range(3)])


class Stopping(RunnerTest):
    def check_stop(self, number, *options):
        process = self.start("--cycle-seconds", "60", *options)
        process.stdout.readline()
        process.send_signal(number)
        process.wait(timeout=HANG_SECONDS)
        self.assertEqual(-number, process.returncode)
        self.assertEqual("interrupted", self.status())
        self.assertEqual([], self.cycles())

    def test_sigterm_ends_it_immediately_by_sigterm(self):
        self.check_stop(signal.SIGTERM)

    def test_sigterm_ends_it_while_it_computes(self):
        self.check_stop(signal.SIGTERM, "--heat")

    def test_sigint_ends_it(self):
        self.check_stop(signal.SIGINT)

    def test_an_interrupted_experiment_completes_later(self):
        self.check_stop(signal.SIGTERM)
        self.assertEqual(0, self.run_fast()[0])
        self.assertEqual("completed", self.status())
        self.assertEqual([(0,)], self.query("SELECT total_crashes FROM experiments"))


class Refusing(RunnerTest):
    def refused(self, config, *options):
        process = self.start_config(self.write(config), *options)
        out, err = process.communicate(timeout=HANG_SECONDS)
        self.assertEqual((2, ""), (process.returncode, out))
        self.assertEqual(1, err.count("\n"), err)
        self.assertFalse(os.path.exists(self.db))
        return err.strip()

    def test_invalid_configs(self):
        for config, words in (
            ("{", "is not JSON: "),
            ("[]", "is not a JSON object"),
            ({}, "experiment_id is missing or not a string"),
            ({"experiment_id": "a", "max_cycles": "5"}, 'max_cycles is "5"; use a whole number'),
            ({"experiment_id": "a", "max_cycles": -1}, "max_cycles is -1; use a whole number"),
            ({"experiment_id": "a", "reference_runner": 5}, "reference_runner is not an object"),
            (
                {"experiment_id": "a", "reference_runner": {"crash": 1}},
                "reference_runner has no option 'crash'; it has crash_at, ",
            ),
            (
                {"experiment_id": "a", "reference_runner": {"crash_at": 0}},
                "reference_runner.crash_at is 0; use a whole number, at least 1",
            ),
        ):
            with self.subTest(config=config):
                self.assertIn(words, self.refused(config))

    def test_invalid_options(self):
        for options, words in (
            (["--crash-with", "signal:FOO"], "--crash-with is \"signal:FOO\"; use 'exit:3' or"),
            (["--crash-with", "exit:256"], '--crash-with is "exit:256"'),
            (["--cycle-seconds", "nan"], '--cycle-seconds is "nan"; use a number of seconds'),
            (["--crash-at", "two"], '--crash-at is "two"; use a whole number, at least 1'),
            (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        ):
            with self.subTest(options=options):
                self.assertIn(words, self.refused(self.config, *options))

    def test_a_missing_config(self):
        process = self.start_config(os.path.join(self.folder, "none.json"))
        _, err = process.communicate(timeout=HANG_SECONDS)
        self.assertEqual(2, process.returncode)
        self.assertIn("none.json': No such file or directory", err)

    def test_a_database_that_cannot_be_opened_is_not_a_config_error(self):
        self.db = os.path.join(self.folder, "none", "state.db")
        code, _, err = self.run_fast()
        self.assertEqual(1, code)
        self.assertIn("cannot use database", err)


class Examples(RunnerTest):
    def run_example(self, name):
        process = self.start_config(os.path.join(HERE, name), "--cycle-seconds", "0")
        process.communicate(timeout=HANG_SECONDS)
        return process.returncode

    def test_amnesiac_completes(self):
        self.assertEqual(0, self.run_example("amnesiac_001.json"))
        self.assertEqual(20, len(self.cycles()))

    def test_phoenix_crashes_twice_and_completes(self):
        codes = [self.run_example("phoenix_002.json") for _ in range(3)]
        self.assertEqual([-signal.SIGSEGV, -signal.SIGSEGV, 0], codes)

    def test_every_example_is_a_config_of_its_own_name(self):
        for file in sorted(os.listdir(HERE)):
            if file.endswith(".json"):
                with self.subTest(file=file), open(os.path.join(HERE, file)) as text:
                    config = json.load(text)
                    self.assertEqual(file, config["experiment_id"] + ".json")
                    self.assertEqual(["python3", "runner.py"], config["runner"])
                    self.assertEqual(".", config["working_directory"])


if __name__ == "__main__":
    unittest.main()
