"""A kernel thermal zone at 86 °C: all experiments are stopped in time, and resume when it has cooled."""
import time
import unittest
from datetime import datetime

from machine.channel import run_in_guest
from machine.common import HANG_SECONDS
from machine.lib import shared
from machine.lib.coord import Coord

# From the decision to the last end, both as the coordinator has stored them: EMERGENCY_STOP_SECONDS, and what the
# emulated processor needs to see and store the end of an experiment that is killed at that bound.
BOUND_SECONDS = 10 + 5
# Seen from within, so that the way of a command into a busy machine does not count.
HOW_LONG = """
import time
def until(reached):
    while not reached():
        time.sleep(0.05)
    return time.monotonic()
def hot():
    return int(open("/sys/class/thermal/thermal_zone1/temp").read()) >= 86000
def gone():
    try:
        return "populated 0" in open("/sys/fs/cgroup/brain.slice/cgroup.events").read()
    except FileNotFoundError:
        return True
print("watching", flush=True)
began = until(hot)
print(until(gone) - began)
"""


def stop_seconds(experiment):
    """From the decision to stop it to the end of its run."""
    told = [each["at"] for each in experiment["transitions"] if each["to"] == "stopping"][-1]
    return (instant(experiment["run_list"][-1]["ended_at"]) - instant(told)).total_seconds()


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class HeatTest(unittest.TestCase):
    def setUp(self):
        self.coord = Coord(shared.machine()).ensure()
        self.addCleanup(self.coord.machine.set_temperature, "gpu", 45)

    def test_heat_stops_all_experiments_which_resume_when_it_has_cooled(self):
        names = ["hot1", "hot2", "hot3"]
        # What a failure leaves would hold the slots of the tests that follow.
        self.addCleanup(self.coord.say, "stop", *names, "deaf", check=False)
        # One experiment ignores SIGTERM, and must end in time as well.
        self.coord.enqueue(*[self.coord.witness(name, "--cycles", 3, "--wait-at", 3) for name in names],
                           dict(id="deaf", working_directory="/", ram="64M", environment={},
                                command=["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]))
        for name in names:
            self.coord.experiment(name, "it['cycle'] == 2")
        self.coord.experiment("deaf", "it['state'] == 'running'")

        heard = bytearray()

        def hear(data):
            if not heard:
                self.coord.machine.set_temperature("gpu", 86)
            heard.extend(data)

        run_in_guest(self.coord.machine, ["python3", "-c", HOW_LONG], out=hear, timeout=HANG_SECONDS)
        took = float(heard.split()[1])
        print("86 °C: all processes gone after {:.1f} s;".format(took), end=" ")
        stopped = {name: stop_seconds(self.coord.experiment(name, "it['state'] == 'cooling'"))
                   for name in names + ["deaf"]}
        print("stopped within {:.1f} s, bound {} s".format(max(stopped.values()), BOUND_SECONDS))
        self.assertLessEqual(max(stopped.values()), BOUND_SECONDS, stopped)
        self.coord.say("stop", "deaf")

        self.coord.machine.set_temperature("gpu", 45)
        began = time.monotonic()
        for name in names:
            self.coord.experiment(name, "it['state'] == 'running'")
            self.coord.let_go(name)
        print("45 °C: all running again after {:.1f} s".format(time.monotonic() - began))
        for name, one in self.coord.ended(*names).items():
            self.assertEqual(("completed", 0, 1), (one["state"], one["crashes"], one["interruptions"]), name)
            self.assertEqual("heat", one["run_list"][0]["cause"])
            self.assertEqual([1, 2, 3], [fact["cycle"] for fact in self.coord.record(name) if "cycle" in fact])
