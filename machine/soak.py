"""Long tests: many power cuts, an experiment under full load, another architecture.

    python3 -m machine.soak powercuts [N]     N power cuts during enqueues and runs (100)
    python3 -m machine.soak load [N]          N cycles of an experiment while all cores are busy (500)
    python3 -m machine.soak arm64             the package and the main job on an arm64 machine

Each one uses a new machine. The exit code is 0 if all checks passed.
"""
import json
import sys
import time
import unittest

from machine.common import Cannot, say
from machine.lib import power_cut, shared
from machine.lib.coord import COORDINATOR, HOME, Coord, instance
from machine.machine import Machine


def fresh(**settings):
    machine = Machine("soak")
    machine.remove()
    machine.up(fresh=True, **settings)
    shared.use(machine)
    return machine


def powercuts(count=100):
    machine = fresh()
    coord = Coord(machine).ensure()
    acknowledged = 0
    for number in range(1, count + 1):
        # Every second power cut also tears the data that is being written.
        ids = power_cut.in_mid_enqueue(coord, "cut%d" % number, torn=number % 2 == 0)
        machine.start()
        machine.wait_up()
        coord.until_ready()
        power_cut.check(coord, ids)
        acknowledged += len(ids)
    print("{} power cuts: {} experiments acknowledged, none lost; none of {} running experiments ran twice".format(
        count, acknowledged, count * power_cut.RUNNERS))


def load(cycles=500):
    machine = fresh()
    coord = Coord(machine).ensure()
    # Together with the measured experiment, one busy process for each core.
    busy = [dict(id="busy-%d" % i, working_directory="/", ram="64M", cpu="100%", environment={},
                 command=["sh", "-c", "while :; do :; done"]) for i in range(3)]
    config = dict(experiment_id="loaded", max_cycles=cycles, runner=["python3", HOME + "/runner.py"],
                  reference_runner=dict(cycle_seconds=0.2, heat=True, eat_memory=0.1))
    coord.enqueue(*busy)
    for one in busy:
        coord.experiment(one["id"], "it['state'] == 'running'")
    machine.run("cat >{}/loaded.json".format(HOME), stdin_text=json.dumps(config))
    began = time.monotonic()
    coord.say("enqueue", "--ram", "256M", "--watchdog", "60s", "loaded.json")
    loaded = coord.ended("loaded", seconds=3600 + cycles * 5)["loaded"]
    took = time.monotonic() - began
    killed = machine.run("cat /sys/fs/cgroup/brain.slice/memory.events").out
    restarts = coord.unit(COORDINATOR, "NRestarts")["NRestarts"]
    print("{} of {} cycles in {:.0f} s of full load: {}, {} run, {} crashes; the coordinator was restarted "
          "{} times".format(loaded["cycle"], cycles, took, loaded["state"], loaded["runs"], loaded["crashes"],
                            restarts))
    wanted = ("completed", cycles, 1, 0)
    if (loaded["state"], loaded["cycle"], loaded["runs"], loaded["crashes"]) != wanted or restarts != "0":
        raise AssertionError("something was killed under full load: {}; {}".format(loaded, killed))
    for one in busy:
        if coord.experiment(one["id"])["runs"] != 1:
            raise AssertionError("{} was killed under full load".format(instance(one["id"])))


def arm64():
    fresh(arch="arm64")
    tests = unittest.defaultTestLoader.loadTestsFromNames([
        "machine.tests.test_package.PackageTest."
        "test_1_an_installation_ends_with_a_running_coordinator_and_a_passing_verify",
        "machine.tests.test_experiments.ExperimentsTest.test_1_the_main_job"])
    if not unittest.TextTestRunner(sys.stdout, verbosity=2).run(tests).wasSuccessful():
        raise AssertionError("tests failed on arm64; see above")


def main():
    kinds = {"powercuts": powercuts, "load": load, "arm64": arm64}
    words = sys.argv[1:]
    if not words or words[0] not in kinds or not all(word.isdigit() for word in words[1:]):
        print("usage: script/machine soak powercuts [N] | load [N] | arm64", file=sys.stderr)
        return 2
    try:
        kinds[words[0]](*map(int, words[1:]))
    except (AssertionError, Cannot) as e:
        say("soak: " + str(e))
        return 1
    finally:
        shared.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
