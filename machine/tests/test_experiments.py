"""The main job: a queue of experiments, within limits that the kernel enforces."""
import unittest

from machine.common import HERE
from machine.lib import shared
from machine.lib.coord import HOME, SETTINGS, Coord, instance

# Shorter cycles than in the examples, which are for faster machines.
HURRY = "sed -i 's/\"reference_runner\": {/&\"cycle_seconds\": 0.2, /' " + HOME + "/*.json"


class ExperimentsTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine()).ensure()

    def test_1_the_main_job(self):
        for config in ("amnesiac_001.json", "phoenix_002.json", "glutton_003.json"):
            self.coord.machine.put(HERE.parent / "examples" / config, HOME + "/" + config)
        self.coord.sh(HURRY)
        for words in (["phoenix_002.json"],
                      ["--restart-delay", "1s", "--max-crashes", "1", "glutton_003.json"],
                      ["--id", "plain", "--ram", "64M", "--", "sh", "-c", "echo said; exit 0"],
                      ["--id", "doomed", "--ram", "64M", "--max-crashes", "0", "--", "sh", "-c", "exit 9"],
                      ["--after", "phoenix_002", "amnesiac_001.json"]):
            print(self.coord.say("enqueue", *words).out.strip(), end=" ")
        ended = self.coord.ended("phoenix_002", "glutton_003", "plain", "doomed", "amnesiac_001")
        print({name: (one["state"], one["crashes"], one["cycle"]) for name, one in ended.items()})

        phoenix, glutton = ended["phoenix_002"], ended["glutton_003"]
        self.assertEqual(("completed", 2, 10), (phoenix["state"], phoenix["crashes"], phoenix["cycle"]))
        # The second crashed before it reported a cycle of its own.
        self.assertEqual([("signal", 2), ("signal", None), ("success", 10)],
                         [(run["cause"], run["cycle"]) for run in phoenix["run_list"]])
        self.assertEqual(("failed", 2), (glutton["state"], glutton["crashes"]))
        self.assertEqual(["out_of_memory"] * 2, [run["cause"] for run in glutton["run_list"]])
        self.assertEqual(["completed", "failed", "completed"],
                         [ended[name]["state"] for name in ("plain", "doomed", "amnesiac_001")])
        self.assertIn("said", self.coord.say("logs", "plain").out)
        killed = self.coord.sh("journalctl -o cat -u " + instance("glutton_003")).out
        self.assertIn("Failed with result 'oom-kill'", killed)

    def test_2_the_kernel_applies_the_limits(self):
        self.coord.enqueue(self.coord.witness("limited", "--wait-at", 1, ram="96M", cpu="60%"))
        self.coord.experiment("limited", "it['state'] == 'running'")
        group = "/sys/fs/cgroup" + self.coord.unit(instance("limited"), "ControlGroup")["ControlGroup"]
        said = self.coord.sh("cd {}; cat memory.max memory.swap.max cpu.max pids.max; id -un $(stat -c %u "
                             "/proc/$(head -1 cgroup.procs)); ".format(group)).out.split()
        self.assertEqual([str(96 << 20), "0", "60000", "100000", "512", "jetson"], said)
        self.coord.let_go("limited")
        self.assertEqual("completed", self.coord.ended("limited")["limited"]["state"])

    def test_3_experiments_use_only_the_configured_cores(self):
        if not self.coord.has_set(**SETTINGS):
            self.coord.settings()
        self.coord.enqueue(self.coord.witness("kept"))
        self.assertEqual("completed", self.coord.ended("kept")["kept"]["state"])
        self.assertEqual([1, 2], self.coord.record("kept")[0]["cores"])
        self.assertEqual("1-2", self.coord.sh("cat /sys/fs/cgroup/brain.slice/cpuset.cpus.effective").out.strip())
