"""Runs the tests on one machine: all modules, or the named ones.

    python3 -m machine.tests [NAME...]     NAME: machine, package, ...: machine/tests/test_NAME.py
"""
import sys
import time
import unittest

from machine.lib import shared

# In this order: a fresh machine first, one without the package last. Besides there are quota (five minutes)
# and documents (ten): for before a release.
ORDER = ["machine", "package", "experiments", "heat", "by_hand", "rights", "disturbances", "power", "removal"]


class TimedResult(unittest.TextTestResult):
    """Prints the duration of each test."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.writeln("  ({:.1f} s)".format(time.monotonic() - self.began))


def main():
    names = sys.argv[1:] or ORDER
    tests = unittest.defaultTestLoader.loadTestsFromNames("machine.tests.test_" + name for name in names)
    try:
        # On standard output, in order with the printed measurements.
        result = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=TimedResult).run(tests)
    finally:
        shared.end()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
