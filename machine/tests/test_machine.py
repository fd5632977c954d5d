"""Checks that the virtual machine works as its README says. The other tests depend on it."""
import os
import tempfile
import unittest
from pathlib import Path

from machine.channel import TIMED_OUT
from machine.lib import shared

# Three files, 64 KiB each: flushed to the disk; in the guest's memory only; written to the disk and
# not flushed there.
WRITE_THREE = """
import os
def write(name, flags=0):
    file = os.open(name, os.O_CREAT | os.O_RDWR | flags, 0o600)
    os.posix_fallocate(file, 0, 65536); os.fsync(file)
    return file
import mmap
full = mmap.mmap(-1, 65536); full.write(b"b" * 65536)
flushed, cached, unflushed = write("flushed"), write("cached"), write("unflushed", os.O_DIRECT)
os.write(flushed, full); os.fsync(flushed)
os.write(unflushed, full)
os.write(cached, full)
"""
COUNT = "for file in flushed cached unflushed; do tr -dc b <$file | wc -c; done"
ZONES = "for zone in /sys/class/thermal/thermal_zone*; do echo $(cat $zone/type) $(cat $zone/temp 2>&1); done"


class MachineTest(unittest.TestCase):
    def setUp(self):
        self.machine = shared.machine()

    def test_1_streams_exit_code_and_timeout_of_a_command(self):
        ran = self.machine.run("cat; echo error >&2; exit 7", stdin_text="x" * 200000, check=False)
        self.assertEqual((7, "x" * 200000, "error\n"), (ran.code, ran.out, ran.error))
        self.assertEqual(TIMED_OUT, self.machine.run("sleep", "77", timeout=1, check=False).code)
        who = self.machine.run("id -un; systemctl --user is-system-running --wait", user="jetson")
        self.assertEqual("jetson\nrunning\n", who.out)

    def test_2_files_are_copied_completely(self):
        with tempfile.TemporaryDirectory() as folder:
            blob = os.urandom(1 << 20)
            (Path(folder) / "blob").write_bytes(blob)
            self.assertEqual(0, self.machine.put(Path(folder) / "blob", "/root/there/blob"))
            self.assertEqual(0, self.machine.get("/root/there", folder + "/back"))
            self.assertEqual(blob, (Path(folder) / "back/blob").read_bytes())

    def test_3_the_host_sets_the_zones_of_an_orin(self):
        self.machine.set_temperature("gpu", 71.25)
        self.addCleanup(self.machine.set_temperature, "gpu", 45)
        zones = self.machine.run(ZONES).out.splitlines()
        self.assertEqual(9, len(zones))
        self.assertEqual("cpu-thermal 45000", zones[0])
        self.assertEqual("gpu-thermal 71250", zones[1])
        self.assertIn("Resource temporarily unavailable", zones[2])
        self.assertEqual("tj-thermal 71250", zones[8])

    def test_4_nvpmodel_takes_cores_offline_and_asks_before_a_reboot(self):
        cores = "cat /sys/devices/system/cpu/online"
        said = self.machine.run("nvpmodel -m 2; {0}; nvpmodel -q; nvpmodel -m 0; {0}".format(cores)).out
        self.assertEqual("0-2 NV Power Mode: MODE_30W 2 0-3", " ".join(said.split()))
        refused = self.machine.run("nvpmodel -m 1", check=False)
        self.assertEqual(234, refused.code)
        self.assertIn("DO YOU WANT TO REBOOT NOW?", refused.out)

    def test_5_a_power_cut_loses_unflushed_data(self):
        # A flush of the journal would also flush these files. Sync the journal first.
        self.machine.run("sync; journalctl --sync; python3 -", stdin_text=WRITE_THREE)
        said = self.machine.cut_power()
        print("power cut:", said)
        self.machine.start()
        self.machine.wait_up()
        self.assertEqual(["65536", "0", "0"], self.machine.run(COUNT).out.split())
        broken = self.machine.run("dmesg | grep -iE 'ext4.*(error|corrupt)'", check=False)
        self.assertEqual(1, broken.code, broken)
