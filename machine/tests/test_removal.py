"""Removes the package while an experiment is running, and purges it."""
import unittest

from machine.lib import shared
from machine.lib.coord import COORDINATOR, Coord, archive, instance

# All files named after coord, except those of the tests and those that every package leaves.
LEFT = ("find /etc /run /usr /var /opt -xdev \\( -name '*coord*' -o -name 'brain*' \\) ! -path '/run/user/*' "
        "! -path '/usr/local/*' ! -path '/usr/lib/python3*' ! -path '/var/log/journal/*' ! -path '/usr/share/perl*' "
        "! -path '/usr/src/*' ! -path '/opt/brain-in-jar*' ! -path '/usr/lib/modules/*' "
        "! -path '/run/udev/links/virtio-ports*'")


class RemovalTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine())
        self.sh = self.coord.sh

    def test_1_a_removal_stops_no_experiment_and_keeps_data_and_settings(self):
        self.coord.ensure()
        self.coord.enqueue(self.coord.witness("survivor", "--cycles", 3, "--wait-at", 2, restart_delay="1s"))
        self.coord.experiment("survivor", "it['cycle'] == 1")
        pid = self.coord.main_pid(instance("survivor"))

        self.sh("DEBIAN_FRONTEND=noninteractive apt-get remove -y coord")
        self.assertEqual(pid, self.coord.main_pid(instance("survivor")))
        self.assertNotEqual("active", self.coord.unit(COORDINATOR, "ActiveState")["ActiveState"])
        self.sh("test -s /var/lib/coord/coord.db && test -e /etc/brain-in-jar/coordinator.env")
        # systemd restarts the experiment after a crash, also without the package.
        self.sh("kill -SEGV {}".format(pid))
        self.sh("timeout 1200 sh -c 'until test $(grep -c begin /home/jetson/w/survivor) = 2; do sleep 0.2; done'")
        self.assertNotEqual(pid, self.coord.main_pid(instance("survivor")))

    def test_2_a_purge_asks_no_question_and_leaves_nothing(self):
        self.coord.ensure()
        self.coord.enqueue(self.coord.witness("purged", "--cycles", 2, "--wait-at", 2))
        self.coord.experiment("purged", "it['cycle'] == 1")
        self.sh("DEBIAN_FRONTEND=noninteractive apt-get purge -y coord </dev/null")
        self.assertEqual(1, self.sh("pgrep -f /usr/local/bin/witness", check=False).code)
        self.assertEqual("", self.sh(LEFT).out)
        self.assertEqual(2, self.sh("getent passwd coord || getent group coord", check=False).code)
        self.assertEqual("running\n", self.sh("systemctl is-system-running", check=False).out)

    def test_3_the_tar_file_installs_and_purges_the_same_without_dpkg(self):
        self.coord.prepare()
        self.coord.machine.put(archive(), "/root/coord.tar.gz")
        self.sh("cd /root && tar xzf coord.tar.gz && coord-*/install.sh")
        self.coord.until_ready()
        self.assertEqual("enabled", self.coord.unit(COORDINATOR, "UnitFileState")["UnitFileState"])
        self.assertEqual(0, self.coord.say("verify", check=False).code)

        self.sh("/root/coord-*/install.sh --purge")
        # Including the drop-ins of the tests.
        self.assertEqual("", self.sh(LEFT).out)
