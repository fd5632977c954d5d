"""Reboots and power cuts during operation, and a wrong clock afterwards."""
import time
import unittest

from machine.lib import power_cut, shared
from machine.lib.coord import Coord


class PowerTest(unittest.TestCase):
    def setUp(self):
        self.machine = shared.machine()
        self.coord = Coord(self.machine).ensure()

    def test_1_an_experiment_resumes_after_a_reboot_at_its_next_cycle_with_its_crash_count(self):
        self.coord.enqueue(
            self.coord.witness("reborn", "--cycles", 17, "--crash-at", 9, "--crash-times", 3, "--wait-at", 16,
                               max_crashes=5, restart_delay="1s"),
            self.coord.witness("behind", after=["reborn"]))
        before = self.coord.experiment("reborn", "it['cycle'] == 15")
        self.assertEqual(3, before["crashes"])

        began = time.monotonic()
        self.machine.reboot()
        self.coord.experiment("reborn", "it['state'] == 'running'", 600)
        print("rebooted, and running again after {:.1f} s".format(time.monotonic() - began))
        self.coord.let_go("reborn")
        ended = self.coord.ended("reborn", "behind")

        reborn, record = ended["reborn"], self.coord.record("reborn")
        told = [fact for fact in record if "begin" in fact][-1]
        self.assertEqual((5, 3, 15), (told["begin"], told["crashes"], told["last"]))
        self.assertEqual([*range(1, 18)], [fact["cycle"] for fact in record if "cycle" in fact])
        self.assertEqual(("completed", 3, 1), (reborn["state"], reborn["crashes"], reborn["interruptions"]))
        self.assertEqual("completed", ended["behind"]["state"])

    def test_2_a_power_cut_loses_no_acknowledged_experiment(self):
        self.cut("cut", torn=False)

    def test_3_a_power_cut_that_tears_writes_loses_no_acknowledged_experiment(self):
        self.cut("torn", torn=True)

    def test_4_a_power_cut_that_sets_the_clock_to_1970_loses_no_acknowledged_experiment(self):
        self.addCleanup(self.machine.settings.update, clock="utc")
        before = self.now()
        self.cut("past", torn=False, clock="1970-01-01")
        after = self.now()
        print("clock: {} before, {} after".format(before, after))
        self.assertLess(after, before)
        self.coord.enqueue(self.coord.witness("in-the-past"))
        self.assertEqual("completed", self.coord.ended("in-the-past")["in-the-past"]["state"])

    def cut(self, prefix, torn, clock="utc"):
        acknowledged = power_cut.in_mid_enqueue(self.coord, prefix, torn)
        self.machine.settings["clock"] = clock
        began = time.monotonic()
        self.machine.start()
        self.machine.wait_up()
        self.coord.until_ready()
        print("ready again after {:.1f} s".format(time.monotonic() - began))
        power_cut.check(self.coord, acknowledged)
        broken = self.coord.sh("dmesg | grep -iE 'ext4.*(error|corrupt)'", check=False)
        self.assertEqual(1, broken.code, broken)

    def now(self):
        return self.coord.sh("date +%FT%T").out.strip()
