"""Runs the tests on one machine: all, or those of the modules that are named.

    python3 -m machine.tests [NAME...]     NAME: machine, package, ...: machine/tests/test_NAME.py
"""
import sys
import unittest

from machine.lib import shared

# In this order: each leaves the machine as the next one wants it.
ORDER = ["machine", "package", "experiments", "heat", "by_hand", "documents", "disturbances", "power", "removal"]


def main():
    names = sys.argv[1:] or ORDER
    tests = unittest.defaultTestLoader.loadTestsFromNames("machine.tests.test_" + name for name in names)
    try:
        result = unittest.TextTestRunner(verbosity=2).run(tests)
    finally:
        shared.end()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
