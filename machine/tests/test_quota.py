"""Start time of the coordinator within its CPU quota, which the other tests raise."""
import time
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, DROP_IN, LIFTED, Coord


class QuotaTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine())
        self.sh = self.coord.sh

    def test_it_becomes_ready_within_one_core(self):
        self.coord.ensure()
        self.addCleanup(self.sh, LIFTED + " && systemctl daemon-reload")
        self.sh("rm {}; systemctl daemon-reload".format(DROP_IN))
        self.assertEqual("1s", self.coord.unit(COORDINATOR, "CPUQuotaPerSecUSec")["CPUQuotaPerSecUSec"])
        began = time.monotonic()
        self.sh("systemctl restart " + COORDINATOR)
        self.coord.until_ready()
        print("ready after {:.1f} s with one emulated core".format(time.monotonic() - began))
