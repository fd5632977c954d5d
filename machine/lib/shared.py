"""One machine for all tests of a run, because a boot takes as long as a test."""
import os

from machine.machine import Machine

_shared = []


def machine():
    """The running machine. The first call creates it."""
    if not _shared:
        one = Machine(os.environ.get("COORD_MACHINE_NAME") or "test")
        one.remove()
        one.up(fresh=True)
        _shared.append(one)
    one = _shared[0]
    if not one.is_running():
        one.start()
        one.wait_up()
    return one


def use(one):
    """Shares an existing machine."""
    _shared.append(one)


def end():
    """Removes the machine at the end of all tests."""
    while _shared:
        _shared.pop().remove()
