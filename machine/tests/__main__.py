"""Runs the tests on one machine: the core modules, all, or the named ones.

    python3 -m machine.tests [--all | NAME...]     NAME: package, heat, ...: machine/tests/test_NAME.py

All modules share one boot, except those that reboot the machine or cut its power.
"""
import os
import sys
import time
import unittest

from machine.lib import shared

# In this order: a fresh machine first, one without the package last.
CORE = ["package", "heat", "rights", "reboot", "experiments", "neighbours"]
ALL = ["machine", "package", "upgrade", "experiments", "heat", "by_hand", "rights", "documents", "disturbances",
       "quota", "reboot", "power", "removal", "neighbours"]
# In a container of its own, without the machine.
IN_CONTAINER = {"neighbours"}


class TimedResult(unittest.TextTestResult):
    """Prints the duration of each test, and keeps the sum for each module."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.seconds = {}

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        took = time.monotonic() - self.began
        self.stream.writeln("  ({:.1f} s)".format(took))
        module = type(test).__module__.rsplit(".test_", 1)[-1]
        self.seconds[module] = self.seconds.get(module, 0) + took


def main():
    names = sys.argv[1:] or CORE
    if names == ["--all"]:
        names = ALL
        os.environ.setdefault("COORD_NEIGHBOURS_SECONDS", "600")
    tests = unittest.defaultTestLoader.loadTestsFromNames("machine.tests.test_" + name for name in names)
    if not IN_CONTAINER.issuperset(names):
        began = time.monotonic()
        shared.machine()
        print("module boot: {:.0f} s".format(time.monotonic() - began))
    try:
        # On standard output, in order with the printed measurements.
        result = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=TimedResult).run(tests)
    finally:
        shared.end()
    for module, seconds in result.seconds.items():
        print("module {}: {:.0f} s".format(module, seconds))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
