"""Control of the units with systemctl, without coord."""
import json
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, HOME, Coord, instance

UNIT = instance("by-hand")
CONFIG = "/etc/brain-in-jar/experiments/by-hand.json"


class ByHandTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine()).ensure()
        self.sh = self.coord.sh

    def test_1_start_status_enable_and_stop_of_an_experiment(self):
        # The runner of the template, in the directory that the administrator configured.
        self.sh("mkdir -p /opt/brain-in-jar/src/runner /etc/systemd/system/{1}.d && "
                "cp {0}/runner.py /opt/brain-in-jar/src/runner/experiment_runner.py && "
                "touch /opt/brain-in-jar/src/__init__.py /opt/brain-in-jar/src/runner/__init__.py && "
                "printf '[Service]\\nWorkingDirectory=/opt/brain-in-jar\\n' >/etc/systemd/system/{1}.d/runner.conf && "
                "systemctl daemon-reload".format(HOME, UNIT))
        self.configure(cycles=2, seconds=0.2)
        self.addCleanup(self.sh, "rm " + CONFIG)

        self.sh("systemctl", "start", UNIT)
        self.sh("timeout 1200 sh -c 'while systemctl is-active --quiet {}; do sleep 0.2; done'".format(UNIT))
        self.assertEqual("success", self.coord.unit(UNIT, "Result")["Result"])
        # The output, by unit and by identifier.
        for option in ("-u " + UNIT, "-t brain-experiment-by-hand"):
            self.assertIn("by-hand: cycle 2/2 done", self.sh("journalctl -o cat " + option).out)

        self.configure(cycles=9, seconds=30)
        self.sh("systemctl", "start", UNIT)
        self.assertIn("Active: active (running)", self.sh("systemctl status " + UNIT).out)
        user = self.sh("ps -o user= -p {}".format(self.coord.main_pid(UNIT))).out.strip()
        self.assertEqual("coord", user)
        self.sh("systemctl enable " + UNIT)
        self.assertEqual("enabled\n", self.sh("systemctl is-enabled " + UNIT).out)
        self.sh("systemctl disable {0}; systemctl stop {0}".format(UNIT))
        self.assertEqual("inactive", self.coord.unit(UNIT, "ActiveState")["ActiveState"])

    def configure(self, cycles, seconds):
        self.sh("cat >" + CONFIG, stdin_text=json.dumps(dict(
            experiment_id="by-hand", max_cycles=cycles, reference_runner=dict(cycle_seconds=seconds))))

    def test_2_the_target_stops_all_experiments_and_resumes_them(self):
        self.coord.enqueue(self.coord.witness("targeted", "--cycles", 2, "--wait-at", 2))
        self.coord.experiment("targeted", "it['cycle'] == 1")

        # The following tests need a coordinator, also if this test fails.
        self.addCleanup(self.sh, "systemctl start brain-experiment.target")
        # The command returns when the target is inactive; its units follow.
        self.sh("systemctl stop brain-experiment.target")
        for unit in (instance("targeted"), COORDINATOR):
            self.sh("timeout 1200 sh -c 'until systemctl show -P ActiveState {} | grep -qx inactive; do sleep 0.2; done'"
                    .format(unit))
        self.sh("systemctl start brain-experiment.target")
        self.coord.experiment("targeted", "it['state'] == 'running' and it['runs'] == 2")
        self.coord.let_go("targeted")
        one = self.coord.ended("targeted")["targeted"]
        self.assertEqual(("completed", 0, 1), (one["state"], one["crashes"], one["interruptions"]))

    def test_3_no_client_starts_a_coordinator_that_somebody_has_stopped(self):
        self.addCleanup(self.sh, "systemctl start " + COORDINATOR)
        self.sh("systemctl stop " + COORDINATOR)
        said = self.coord.say("list", check=False)
        self.assertEqual(69, said.code)
        self.assertRegex(said.error, "the daemon was stopped by root at .*; start it with 'systemctl start brain-")
        self.assertEqual("inactive", self.coord.unit(COORDINATOR, "ActiveState")["ActiveState"])
        self.sh("systemctl start " + COORDINATOR)
        # A restart and a crash keep the socket.
        inode = self.sh("stat -c %i /run/coord/coord.sock").out
        for command in ("systemctl restart {}", "systemctl kill --signal=KILL {}"):
            self.sh(command.format(COORDINATOR))
            self.coord.until_ready()
        self.assertEqual(inode, self.sh("stat -c %i /run/coord/coord.sock").out)

    def test_4_an_experiment_of_the_coordinator_is_not_started_by_hand(self):
        self.addCleanup(self.sh, "coord resume", check=False)
        self.sh("coord drain")
        self.coord.enqueue(self.coord.witness("waits", "--cycles", 1))
        config = "/etc/brain-in-jar/experiments/waits.json"
        for step in ("true", "echo '{{}}' >{}".format(config)):
            self.sh(step)
            started = self.sh("systemctl start " + instance("waits"), check=False)
            self.assertEqual(1, started.code, started)
            self.assertEqual("inactive", self.coord.unit(instance("waits"), "ActiveState")["ActiveState"])
        self.sh("rm " + config)
        self.sh("coord resume")
        one = self.coord.ended("waits")["waits"]
        self.assertEqual(("completed", 1), (one["state"], one["runs"]))
