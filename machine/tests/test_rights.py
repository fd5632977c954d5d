"""Permissions: the statements of docs/SECURITY.md that need a real PID 1, accounts and device nodes."""
import re
import unittest

from machine.lib import shared
from machine.common import HERE
from machine.lib.coord import COORDINATOR, Coord, instance

SECRET = "geheim-4711"
# Device nodes that CUDA opens on a Jetson or a PC; here they are copies of /dev/null.
NODES = ["nvmap", "nvhost-ctrl", "nvgpu/igpu0/ctrl", "dri/renderD128", "nvidia0"]
MAKE_NODES = ("mkdir -p /dev/nvgpu/igpu0 /dev/dri && for node in {}; do rm -f /dev/$node; mknod /dev/$node c 1 3 && "
              "chgrp video /dev/$node && chmod 660 /dev/$node; done".format(" ".join(NODES)))
# The values in docs/SECURITY.md, for the directives that systemd 252 supports.
EXPOSURE = {COORDINATOR: 1.8, instance("mine"): 3.0}


class RightsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        coord = Coord(shared.machine()).ensure()
        cls.sh = staticmethod(coord.sh)
        cls.coord = coord
        coord.machine.put(HERE / "lib/guest/try-rights", "/usr/local/bin/try-rights")
        coord.sh("chmod 755 /usr/local/bin/try-rights; id ada 2>/dev/null || useradd -m ada; "
                 "id eve 2>/dev/null || useradd -m -G video eve; id op 2>/dev/null || useradd -m -G coord op; "
                 "id toor 2>/dev/null || useradd -o -u 0 -g 0 -M toor; chmod 700 /home/*; " + MAKE_NODES)

    def say(self, user, line, check=True):
        """Runs a shell command line as a user in their home directory."""
        return self.coord.patiently(
            "cd /home/{0} && exec setpriv --reuid={0} --regid=$(id -g {0}) --init-groups env -u SUDO_USER "
            "HOME=/home/{0} USER={0} sh -c {1}".format(user, quoted(line)), check=check)

    def test_1_what_an_experiment_can_and_cannot_do(self):
        self.say("ada", "coord enqueue --id theirs --ram 64M --env TOKEN={} -- sleep 1000".format(SECRET))
        self.coord.experiment("theirs", "it['state'] == 'running'")
        self.say("eve", "coord enqueue --id mine --ram 256M -- /usr/local/bin/try-rights theirs " + SECRET)
        self.coord.ended("mine")
        lines = self.say("eve", "coord logs mine").out.splitlines()
        can = [line[4:] for line in lines if line.startswith("can ")]
        cannot = [line[7:] for line in lines if line.startswith("cannot ")]
        print("can:", len(can), "cannot:", len(cannot))
        self.assertEqual(
            ["write its home", "write its folder", "use shared memory"] + ["open /dev/" + node for node in NODES] +
            ["map memory to execute", "listen on loopback", "start processes that share"], can)
        self.assertGreater(len(cannot), 40)
        # The other experiment is still running and still has its secret.
        self.assertEqual("running", self.coord.experiment("theirs")["state"])
        pid = self.coord.main_pid(instance("theirs"))
        self.assertIn(SECRET, self.sh("tr '\\0' '\\n' </proc/{}/environ".format(pid)).out)
        said = self.sh("journalctl --no-pager -q; systemctl show brain-experiment@theirs; coord list --json; "
                       "coord status --json theirs").out
        self.assertNotIn(SECRET, said)
        self.say("ada", "coord stop theirs")

    def test_2_no_experiment_runs_as_root_unless_allowed(self):
        for user in ("root", "toor"):
            refused = self.sh("su {} -c 'cd / && coord enqueue -- true'".format(user), check=False)
            self.assertEqual(2, refused.code)
            self.assertIn("is root, and experiments do not run as root", refused.error)
        self.sh("cd /tmp && coord enqueue --as eve --id for-eve --ram 64M -- id")
        self.coord.ended("for-eve")
        self.assertIn("(eve)", self.say("eve", "coord logs for-eve").out)
        refused = self.sh("cd /root && coord enqueue --as eve -- true", check=False)
        self.assertIn("'/root' is not accessible to 'eve'", refused.error)

    def test_3_an_experiment_of_a_deleted_account_is_held(self):
        self.sh("useradd -m gone; coord drain")
        self.say("gone", "coord enqueue --id orphan --ram 64M -- true")
        self.sh("userdel -r gone; coord resume")
        held = self.coord.experiment("orphan", "it['state'] == 'held'")
        self.assertIn("there is no account 'gone'", held["reason"])
        self.sh("coord stop orphan")

    def test_4_no_user_learns_of_a_file_that_they_cannot_see(self):
        self.say("ada", "touch secret; chmod 700 .")
        for name in ("secret", "no-such-file"):
            refused = self.say("eve", "coord enqueue -- /home/ada/" + name, check=False)
            self.assertIn("is not accessible", refused.error)
        self.say("eve", "coord enqueue --id looked --ram 64M --success-file /home/ada/secret -- true")
        self.assertIn("is not accessible", self.coord.ended("looked")["looked"]["reason"])

    def test_5_the_group_coord_may_control_the_units_and_nothing_else(self):
        if self.sh("pkaction --version 2>/dev/null; systemctl is-active polkit", check=False).code:
            self.skipTest("no polkit")
        self.say("op", "systemctl start brain-experiment.target && systemctl stop brain-experiment@x.service")
        self.say("op", "systemctl restart " + COORDINATOR)
        self.coord.until_ready()
        for line in ("stop " + COORDINATOR, "restart ssh.service", "start reboot.target", "daemon-reload",
                     "set-property brain.slice CPUQuota=1%", "stop systemd-journald.service"):
            self.assertNotEqual(0, self.say("op", "systemctl --no-ask-password " + line, check=False).code, line)
        refused = self.say("eve", "systemctl --no-ask-password stop brain-experiment@x.service", check=False)
        self.assertNotEqual(0, refused.code)

    def test_6_the_exposure_of_the_sandboxes(self):
        for unit, most in EXPOSURE.items():
            said = self.sh("systemd-analyze security --no-pager {} | tail -1".format(unit)).out
            print(unit, said.strip())
            self.assertLessEqual(float(re.search(r"service: ([0-9.]+)", said).group(1)), most)


def quoted(line):
    return "'" + line.replace("'", "'\\''") + "'"
