"""Installs the package on a fresh machine."""
import time
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, Coord


class PackageTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine())

    def test_an_installation_ends_with_a_running_coordinator_and_a_passing_verify(self):
        self.coord.prepare()
        print("installed in {:.1f} s;".format(self.coord.install()), end=" ")
        began = time.monotonic()
        self.coord.until_ready()
        print("then ready after {:.1f} s".format(time.monotonic() - began))
        for unit in (COORDINATOR, "brain-experiment.target"):
            self.assertEqual(("active", "enabled"), self.state(unit))
        self.assertEqual("running\n", self.coord.sh("systemctl is-system-running --wait").out)
        verified = self.coord.say("verify", check=False)
        self.assertEqual(0, verified.code, verified)
        print(verified.out)

    def state(self, unit):
        return tuple(self.coord.unit(unit, "ActiveState", "UnitFileState")[key]
                     for key in ("ActiveState", "UnitFileState"))
