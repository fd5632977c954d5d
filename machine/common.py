"""What all parts of the harness share: where things are, and how it says that something cannot be done."""
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("COORD_MACHINE_CACHE") or "/var/tmp/coord-machine")

# Per architecture: the program, what it takes, the name of its serial line, and what the kernel's
# make needs where this is another architecture than the host's.
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
    """Something cannot be done; the text is one line for the user: what, to what, why, what next."""


def say(text):
    print("machine: " + text, file=sys.stderr, flush=True)


def call(*arguments, **more):
    """Runs a program to its end; with anything but success, its last words are in the error."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more
    )
    if done.returncode:
        raise Cannot(
            "cannot run '{}': exit code {}; its last words:\n{}".format(
                " ".join(arguments[:6]), done.returncode, done.stdout[-3000:]
            )
        )
