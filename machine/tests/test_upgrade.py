"""Upgrades the package while an experiment is running."""
import tempfile
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, SETTINGS, Coord, instance, package, with_version


class UpgradeTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine())

    def test_an_upgrade_stops_no_experiment_and_keeps_queue_and_settings(self):
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
