"""A power cut during enqueues and runs, and the checks afterwards."""
import random
import threading
import time

from machine.channel import ChannelLost, run_in_guest
from machine.lib.coord import AS_USER

RUNNERS = 3
CYCLES = 20
ACKNOWLEDGED_BEFORE = 3


def in_mid_enqueue(coord, prefix, torn=False):
    """Cuts the power while experiments run and others are enqueued. The machine stays off.

    Returns the acknowledged ids, those of running experiments first.
    """
    running = ["%s-run-%d" % (prefix, i) for i in range(RUNNERS)]
    # They cannot end before the power cut.
    coord.enqueue(*[coord.witness(name, "--cycles", CYCLES, "--seconds", 0.1, "--wait-at", CYCLES)
                    for name in running])
    for name in running:
        coord.experiment(name, "it['cycle']")
    coord.requests_into("/home/jetson/requests", [
        coord.witness("%s-%d" % (prefix, i), not_before="2099-01-01T00:00:00Z") for i in range(500)])
    come, some = bytearray(), threading.Event()

    def hear(data):
        come.extend(data)
        if come.count(b"\n") >= ACKNOWLEDGED_BEFORE:
            some.set()

    def enqueue():
        try:
            run_in_guest(coord.machine, [AS_USER + "ask-coord enqueue requests"], out=hear, error=bytearray())
        except ChannelLost:
            pass

    asking = threading.Thread(target=enqueue)
    asking.start()
    some.wait(180)
    # At a random point during the following requests.
    time.sleep(random.uniform(0, 1))
    said = coord.machine.cut_power(torn)
    asking.join()
    acknowledged = come.decode().split("\n")[:-1]
    print("{}: {} acknowledged when the power was cut; {}".format(prefix, len(acknowledged), said))
    if len(acknowledged) < ACKNOWLEDGED_BEFORE:
        raise AssertionError("too few acknowledgements before the power cut: {}".format(acknowledged))
    return running + acknowledged


def check(coord, acknowledged):
    """No acknowledged experiment is lost, none ran twice, and each resumed after its last cycle."""
    listed = {one["id"]: one for one in coord.wait_for("/v1/experiments", "True")}
    lost = [name for name in acknowledged if name not in listed]
    if lost:
        raise AssertionError("acknowledged, but lost by the power cut: {}".format(lost))
    for name in acknowledged[:RUNNERS]:
        coord.let_go(name)
    for name, one in coord.ended(*acknowledged[:RUNNERS]).items():
        record = coord.record(name)
        if (one["state"], one["crashes"], one["interruptions"]) != ("completed", 0, 1):
            raise AssertionError("{} did not complete after one interruption: {}".format(name, one))
        if any("twice" in fact or "again" in fact for fact in record):
            raise AssertionError("{} ran twice: {}".format(name, record))
        if [fact["cycle"] for fact in record if "cycle" in fact] != list(range(1, CYCLES + 1)):
            raise AssertionError("{} did not resume after its last cycle: {}".format(name, record))
    # Experiments with a distant start time must not have started.
    began = [name for name in acknowledged[RUNNERS:] if listed[name]["state"] != "queued"]
    if began:
        raise AssertionError("started before their time: {}".format(began))
