"""Reboots the machine during operation."""
import time
import unittest

from machine.lib import shared
from machine.lib.coord import SETTINGS, Coord


class RebootTest(unittest.TestCase):
    def setUp(self):
        self.machine = shared.machine()
        self.coord = Coord(self.machine).ensure()

    def test_an_experiment_resumes_after_a_reboot_at_its_next_cycle_with_its_crash_count(self):
        self.coord.enqueue(
            self.coord.witness("reborn", "--cycles", 17, "--crash-at", 9, "--crash-times", 3, "--wait-at", 16,
                               max_crashes=5, restart_delay="1s"),
            self.coord.witness("behind", after=["reborn"]))
        before = self.coord.experiment("reborn", "it['cycle'] == 15")
        self.assertEqual(3, before["crashes"])

        # Effective after the reboot, for this test and later ones: it saves a restart of the coordinator.
        self.coord.set(**SETTINGS)
        began = time.monotonic()
        self.machine.reboot()
        self.coord.experiment("reborn", "it['state'] == 'running'")
        print("rebooted, and running again after {:.1f} s".format(time.monotonic() - began))
        self.coord.let_go("reborn")
        ended = self.coord.ended("reborn", "behind")

        reborn, record = ended["reborn"], self.coord.record("reborn")
        told = [fact for fact in record if "begin" in fact][-1]
        self.assertEqual((5, 3, 15), (told["begin"], told["crashes"], told["last"]))
        self.assertEqual([*range(1, 18)], [fact["cycle"] for fact in record if "cycle" in fact])
        self.assertEqual(("completed", 3, 1), (reborn["state"], reborn["crashes"], reborn["interruptions"]))
        self.assertEqual("completed", ended["behind"]["state"])
