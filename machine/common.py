"""Shared by all parts of the harness: paths, architectures, errors and messages."""
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Only ends a test that hangs: a busy host is no failure.
HANG_SECONDS = 1800
CACHE = Path(os.environ.get("COORD_MACHINE_CACHE") or "/var/tmp/coord-machine")

# For each architecture: QEMU program, machine type, name of the serial console, and options for a cross
# build of the kernel module.
ARCHITECTURES = {
    "amd64": {
        "qemu": "qemu-system-x86_64",
        "board": ["-machine", "q35", "-cpu", "max"],
        "console": "ttyS0",
        "make": [],
        "strip": "strip",
    },
    "arm64": {
        "qemu": "qemu-system-aarch64",
        "board": ["-machine", "virt,gic-version=3", "-cpu", "cortex-a76"],
        "console": "ttyAMA0",
        "make": ["ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-"],
        "strip": "aarch64-linux-gnu-strip",
    },
}


class Cannot(Exception):
    """An expected failure. The text is one line for the user: operation, object, cause, next step."""


def say(text):
    print("machine: " + text, file=sys.stderr, flush=True)


def call(*arguments, **more):
    """Runs a program. An error contains the end of its output."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more
    )
    if done.returncode:
        raise Cannot(
            "cannot run '{}': exit code {}; end of its output:\n{}".format(
                " ".join(arguments[:6]), done.returncode, done.stdout[-3000:]
            )
        )
