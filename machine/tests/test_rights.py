"""Permissions: the statements of docs/SECURITY.md that need a real PID 1, accounts and device nodes."""
import json
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
CAPABILITIES = [0, 6, 7, 11]  # CHOWN, SETGID, SETUID, NET_BROADCAST
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

    def test_7_an_experiment_belongs_to_its_owner_and_the_queue_to_root(self):
        self.say("ada", "coord enqueue --id adas --not-before 2099-01-01T00:00:00Z --ram 16M -- true")
        control = ["stop adas", "hold adas", "release adas", "enable adas", "disable adas", "drain", "resume",
                   "release --group x", "backup ./copy", "enqueue --as ada -- true"]
        show = ["status adas", "list", "thermal", "power"]
        codes = self.say("eve", "".join("coord {} >/dev/null 2>&1; echo $?; ".format(line)
                                        for line in control + show)).out.split()
        self.assertEqual(["0"] * len(show), codes[len(control):])
        self.assertNotIn("0", codes[:len(control)])
        one = self.coord.experiment("adas")
        self.assertEqual(("queued", "ada"), (one["state"], one["owner"]))
        self.assertFalse(self.coord.wait_for("/v1/status", "True")["draining"])
        # Limits, and who may run as root, are in files of root.
        for line in ("touch /etc/brain-in-jar/experiments/adas.env", "test -w /etc/brain-in-jar/coordinator.env"):
            self.assertNotEqual(0, self.say("eve", line, check=False).code, line)
        self.say("ada", "coord stop adas")

    def test_8_what_root_runs_is_out_of_reach_of_a_request(self):
        self.say("eve", "mkdir -p evil && cd evil && printf '#!/bin/sh\\nid -u >>/home/eve/evil/ran\\n' >sh && "
                        "chmod 755 sh && for name in id cat date systemctl mkdir rm env evil.sh; do cp sh $name; done")
        directive = "x\n[Service]\nExecStartPre=+/usr/bin/touch /root/owned"
        self.say("eve", "cd evil && coord enqueue --id inject --ram 64M --env PATH=/home/eve/evil --env ENV=./evil.sh "
                        "--env BASH_ENV=./evil.sh --env LD_PRELOAD=./evil.so --env X=\"{0}\" -- /usr/bin/printf %s "
                        "\"{0}\"".format(directive))
        self.assertEqual("completed", self.coord.ended("inject")["inject"]["state"])
        self.assertIn("ExecStartPre=+/usr/bin/touch", self.say("eve", "coord logs inject").out)
        self.assertNotEqual(0, self.sh("test -e /root/owned", check=False).code)
        self.assertNotEqual(0, self.sh("grep -qx 0 /home/eve/evil/ran", check=False).code)

    def test_9_no_look_reads_a_file_that_the_user_cannot_read(self):
        for line in ("coord enqueue /etc/shadow", "ln -sf /etc/shadow shadow.json; coord enqueue shadow.json"):
            refused = self.say("eve", line, check=False)
            self.assertNotEqual(0, refused.code, line)
            self.assertNotIn("root:", refused.out + refused.error)
        # A runner that leaves a link to the ledger as its database.
        self.sh("cat >/home/eve/link.py", stdin_text="import os, sys\nfile = sys.argv[sys.argv.index('--db') + 1]\n"
                "os.path.lexists(file) and os.remove(file)\nos.symlink('/var/lib/coord/coord.db', file)\n")
        self.sh("cat >/home/eve/link.json", stdin_text=json.dumps(dict(
            experiment_id="link", max_cycles=1, working_directory=".", runner=["python3", "link.py"])))
        self.say("eve", "coord enqueue link.json")
        one = self.coord.experiment("link", "it['state'] in ('completed', 'failed', 'verifying', 'held')")
        print("a link to the ledger:", one["state"], one["reason"])
        self.assertNotEqual("completed", one["state"])
        self.say("eve", "coord stop link", check=False)

    def test_10_no_user_takes_over_a_look_and_none_blocks_another(self):
        self.coord.machine.put(HERE / "lib/guest/watch-looks", "/usr/local/bin/watch-looks")
        self.sh("chmod 755 /usr/local/bin/watch-looks")
        self.say("eve", "rm -f enough; test -p fifo || mkfifo fifo; watch-looks enough >looks 2>&1 & "
                        "coord enqueue --id on-a-fifo --ram 16M --success-file fifo -- true; "
                        "for i in 1 2 3; do coord enqueue --ram 16M --not-before 2099-01-01T00:00:00Z -- true; done")
        self.say("ada", "coord enqueue --id beside-it --ram 16M -- true")
        self.assertEqual("completed", self.coord.ended("beside-it")["beside-it"]["state"])
        self.coord.experiment("on-a-fifo", "it['state'] not in ('queued', 'starting', 'running')")
        self.say("eve", "touch enough; until grep -q seen looks; do sleep 0.2; done")
        looks = self.sh("cat /home/eve/looks").out.split()
        print("looks:", looks)
        self.assertEqual("seen", looks[0])
        self.assertGreater(int(looks[1]), 0)
        self.assertEqual(2, len(looks), looks)
        self.say("eve", "coord stop on-a-fifo", check=False)

    def test_11_the_daemon_has_no_more_than_it_needs_and_no_file_of_a_user(self):
        self.say("eve", "UNLISTED=x coord enqueue --id stays --ram 64M -- sleep 1000")
        self.coord.experiment("stays", "it['state'] == 'running'")
        environment = self.sh("cat /proc/{}/environ".format(self.coord.main_pid(instance("stays")))).out
        self.assertIn("COORD_EXPERIMENT_ID=stays", environment)
        self.assertNotIn("UNLISTED", environment)
        pid = self.coord.main_pid(COORDINATOR)
        capabilities = int(self.sh("sed -n 's/^CapBnd:[^0-9a-f]*//p' /proc/{}/status".format(pid)).out, 16)
        self.assertEqual(sum(1 << number for number in CAPABILITIES), capabilities)
        self.assertNotEqual(*self.sh("readlink /proc/1/ns/net /proc/{}/ns/net".format(pid)).out.split())
        self.assertRegex(self.sh("grep core /proc/{}/limits".format(pid)).out, "size +0 +0 ")
        # Its own output and directory are the only files there that belong to the user.
        found = self.sh("find /run/coord /run/systemd /var/lib/coord -xdev -user eve -prune").out.split()
        self.assertEqual([], [file for file in found
                              if not file.startswith(("/var/lib/coord/experiments/", "/var/lib/coord/output/"))])
        self.say("eve", "coord stop stays")

    def test_12_the_output_of_a_user_is_bounded_whatever_they_do_with_the_file(self):
        self.addCleanup(self.coord.settings)
        self.coord.settings(EXPERIMENT_OUTPUT_LIMIT="2M", MAX_OUTPUT_PER_USER="6M")
        self.say("ada", "coord enqueue --id modest --ram 16M -- sh -c 'head -c 1000000 /dev/zero | tr \\\\0 k'")
        self.coord.ended("modest")
        log = "/var/lib/coord/output/loud.log"
        # It denies root the access, and reserves space beyond the end.
        self.say("eve", "coord enqueue --id loud --ram 64M -- sh -c 'yes | head -c 9000000; chmod 0 {0}; "
                        "fallocate --keep-size -l 12M {0}; echo denied; sleep 1000'".format(log))
        blocks = "test $(stat -c %b {}) -le 4096".format(log)
        self.coord.patiently("until grep -q denied {0} && {1}; do sleep 0.5; done".format(log, blocks))
        self.assertEqual("running", self.coord.experiment("loud")["state"])
        shown = self.say("eve", "coord logs -n all loud")
        self.assertTrue(shown.out.startswith("y\ny\n") and shown.out.endswith("denied\n"))
        self.assertIn("of the output are missing here", shown.error)
        self.assertEqual(1000000, len(self.say("ada", "coord logs -n all modest").out))
        self.assertEqual("eve", self.sh("stat -c %U " + log).out.strip())
        self.say("eve", "coord stop loud")


def quoted(line):
    return "'" + line.replace("'", "'\\''") + "'"
