"""Installs the package on a fresh machine, and upgrades it while an experiment is running."""
import tempfile
import time
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, SETTINGS, Coord, instance, package, with_version


class PackageTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine())

    def test_1_an_installation_ends_with_a_running_coordinator_and_a_passing_verify(self):
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

    def test_2_an_upgrade_stops_no_experiment_and_keeps_queue_and_settings(self):
        self.coord.ensure()
        self.coord.enqueue(self.coord.witness("upgraded", "--cycles", 3, "--wait-at", 2),
                           self.coord.witness("waiting", after=["upgraded"]))
        self.coord.experiment("upgraded", "it['cycle'] == 1")
        experiment, before = self.coord.main_pid(instance("upgraded")), self.coord.main_pid(COORDINATOR)

        # Effective from the upgrade on, for this test and later ones.
        self.coord.set(**SETTINGS)
        with tempfile.TemporaryDirectory() as folder:
            took = self.coord.install(with_version(package(), "9999", folder))
        self.coord.until_ready()
        print("upgraded in {:.1f} s".format(took))

        self.assertEqual(experiment, self.coord.main_pid(instance("upgraded")))
        self.assertNotEqual(before, self.coord.main_pid(COORDINATOR))
        self.assertEqual("queued", self.coord.experiment("waiting")["state"])
        self.assertTrue(self.coord.has_set(**SETTINGS))
        self.coord.let_go("upgraded")
        ended = self.coord.ended("upgraded", "waiting")
        self.assertEqual(["completed", "completed"], [one["state"] for one in ended.values()])
        self.assertEqual(1, ended["upgraded"]["runs"])

    def state(self, unit):
        return tuple(self.coord.unit(unit, "ActiveState", "UnitFileState")[key]
                     for key in ("ActiveState", "UnitFileState"))
