"""Disturbances of the system: bus, PID 1, disk."""
import unittest

from machine.lib import shared
from machine.lib.coord import HOME, Coord, instance

REQUESTS = 300
# Fills the disk to the last block, including the blocks reserved for root.
FILL = """
import os
file = os.open("/var/lib/coord/fill", os.O_CREAT | os.O_WRONLY)
end, size = 0, 1 << 30
while size >= 4096:
    try:
        os.posix_fallocate(file, end, size)
        end += size
    except OSError:
        size //= 2
"""


class DisturbancesTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine()).ensure()
        self.sh = self.coord.sh

    def test_1_experiments_survive_a_restart_of_the_bus_and_a_reexec_of_systemd(self):
        self.coord.enqueue(self.coord.witness("undisturbed", "--cycles", 2, "--wait-at", 2))
        self.coord.experiment("undisturbed", "it['cycle'] == 1")
        pid = self.coord.main_pid(instance("undisturbed"))
        for what in ("systemctl daemon-reexec", "systemctl restart dbus"):
            self.sh(what)
            self.coord.until_ready()
            name = what.replace(" ", "-")
            self.coord.enqueue(self.coord.witness(name))
            self.assertEqual("completed", self.coord.ended(name)[name]["state"], what)
        self.assertEqual(pid, self.coord.main_pid(instance("undisturbed")))
        self.coord.let_go("undisturbed")
        one = self.coord.ended("undisturbed")["undisturbed"]
        self.assertEqual(("completed", 1), (one["state"], one["runs"]))

    def test_2_a_full_disk_refuses_requests_and_loses_nothing(self):
        self.coord.enqueue(dict(id="runs-on", working_directory="/", ram="64M", environment={},
                                command=["sh", "-c", "until test -e {}/w/free; do sleep 0.2; done".format(HOME)]))
        self.coord.experiment("runs-on", "it['state'] == 'running'")
        self.sh("python3 -", stdin_text=FILL)
        self.addCleanup(self.sh, "rm -f /var/lib/coord/fill")
        # Large requests, because the database files have some free space.
        self.coord.requests_into("/dev/shm/requests", [
            dict(id="full%d" % i, working_directory="/", ram="16M", environment={"LARGE": "x" * 30000},
                 command=["true"], not_before="2099-01-01T00:00:00Z") for i in range(REQUESTS)])
        ran = self.sh("setpriv --reuid=jetson --regid=jetson --init-groups ask-coord enqueue /dev/shm/requests",
                      check=False)
        kept = ran.out.split()
        print("disk full: {} requests accepted, then: {}".format(len(kept), ran.error.strip()[:200]))
        self.assertIn(ran.code, (1, 75))

        self.sh("rm /var/lib/coord/fill; touch {}/w/free".format(HOME))
        self.assertEqual("completed", self.coord.ended("runs-on")["runs-on"]["state"])
        known = {one["id"] for one in self.coord.wait_for("/v1/experiments", "True")}
        self.assertEqual(set(), set(kept) - known)
        self.coord.enqueue(self.coord.witness("after-full"))
        self.assertEqual("completed", self.coord.ended("after-full")["after-full"]["state"])
