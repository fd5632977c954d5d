"""One machine for all tests of a run: a boot costs as much as a test."""
import os

from machine.machine import Machine

_shared = []


def machine():
    """The machine, running; made afresh when it is first asked for."""
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
    """Makes a machine that is there already the one for all."""
    _shared.append(one)


def end():
    """Removes it, for the end of all tests."""
    while _shared:
        _shared.pop().remove()
