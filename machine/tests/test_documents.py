"""Runs each command in the documentation on a machine with the installed package."""
import subprocess
import time
import unittest

from machine.common import HERE
from machine.lib import shared
from machine.lib.coord import AS_USER, Coord

ROOT = HERE.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/guide").glob("*.md"))]
SUDO = "/etc/sudoers.d/documents"
# Each page has a directory of its own, with a copy of the examples.
SHELL = AS_USER + "bash -c 'mkdir -p {0} && cd {0} && cp -r /usr/share/doc/coord/examples . && exec bash {1}'"


class DocumentsTest(unittest.TestCase):
    def test_each_command_does_what_its_page_says(self):
        coord = Coord(shared.machine()).ensure()
        self.addCleanup(coord.settings)
        coord.settings(GROUP_SLOTS="gpu=1")
        self.addCleanup(coord.sh, "rm -f " + SUDO)
        coord.sh("echo 'jetson ALL=(ALL) NOPASSWD: ALL' >{0} && chmod 440 {0}".format(SUDO))
        for page in PAGES:
            with self.subTest(page.name):
                name = page.stem.lower()
                commands = subprocess.run([ROOT / "script/doc-commands", "script", "--installed", page],
                                          check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
                coord.sh("cat >/tmp/{}.sh".format(name), stdin_text=commands)
                began = time.monotonic()
                ran = coord.sh(SHELL.format("documents/" + name, "/tmp/{}.sh".format(name)), check=False)
                print("{}: {} in {:.0f} s".format(page.name, ran.out.strip().split("\n")[-1], time.monotonic() - began))
                self.assertEqual(0, ran.code, ran.out + ran.error)
