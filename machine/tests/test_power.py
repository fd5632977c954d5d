"""Power cuts during operation, and a wrong clock afterwards."""
import time
import unittest

from machine.lib import power_cut, shared
from machine.lib.coord import Coord


class PowerTest(unittest.TestCase):
    def setUp(self):
        self.machine = shared.machine()
        self.coord = Coord(self.machine).ensure()

    def test_1_a_power_cut_loses_no_acknowledged_experiment(self):
        self.cut("cut", torn=False)

    def test_2_a_power_cut_that_tears_writes_loses_no_acknowledged_experiment(self):
        self.cut("torn", torn=True)

    def test_3_a_power_cut_that_sets_the_clock_to_1970_loses_no_acknowledged_experiment(self):
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
