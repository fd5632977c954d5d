#!/usr/bin/python3
"""witness FILE [OPTION...] - an experiment that records its runs.

Appends one JSON object per line to FILE and flushes it: the start of a run with its environment, each
finished cycle, and the end. Resumes after the last cycle in FILE. A lock detects a second process: it
records this in FILE and exits.

  --cycles N         number of cycles (default 1)
  --seconds S        duration of a cycle (default 0)
  --crash-at C --crash-times K     exit with 1 in cycle C, before its end, the first K times
  --wait-at C        in cycle C, wait until FILE.go exists
"""
import argparse
import fcntl
import json
import os
import signal
import socket
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--cycles", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--crash-at", type=int)
    parser.add_argument("--crash-times", type=int, default=1)
    parser.add_argument("--wait-at", type=int)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    file = open(asked.file, "a+")

    def note(**fact):
        file.write(json.dumps(fact) + "\n")
        file.flush()
        os.fsync(file.fileno())

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note(twice=os.getpid())
        return 3
    file.seek(0)
    lines = file.read().split("\n")
    # A power cut may have torn the last line. It is separated from the following lines.
    if lines[-1]:
        file.write("\n")
    facts = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    crashes = sum("crash" in fact for fact in facts)
    done = max([fact["cycle"] for fact in facts if "cycle" in fact], default=0)
    note(begin=int(os.environ.get("COORD_RUN", 0)), crashes=int(os.environ.get("COORD_CRASH_COUNT", 0)),
         last=int(os.environ.get("COORD_LAST_CYCLE", 0)), pid=os.getpid(),
         cores=sorted(os.sched_getaffinity(0)))
    if any("end" in fact for fact in facts):
        note(again=os.getpid())
    for cycle in range(done + 1, asked.cycles + 1):
        while cycle == asked.wait_at and not os.path.exists(asked.file + ".go"):
            time.sleep(0.1)
        time.sleep(asked.seconds)
        if cycle == asked.crash_at and crashes < asked.crash_times:
            note(crash=cycle)
            return 1
        note(cycle=cycle)
        tell("STATUS=cycle %d/%d" % (cycle, asked.cycles))
    note(end=True)
    return 0


def tell(text):
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        address = "\0" + address[1:] if address[0] == "@" else address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), address)


if __name__ == "__main__":
    sys.exit(main())
