"""Runs commands in the guest without a network: host side of the channel to guest/machine-agent."""
import fcntl
import json
import os
import select
import struct
import time

from .common import Cannot

PORTS = 8
MARK = b"\xf5COORD" + b"-MACHINE\xfa\r\n"
# The agent sends a keep-alive every 2 s. QEMU keeps the socket open while the guest reboots, so a missing
# keep-alive is the only indication.
SILENCE_SECONDS = 180
TIMED_OUT, NO_CHANNEL = 124, 255  # exit codes as in timeout(1) and ssh(1)


class ChannelLost(Cannot):
    pass


class Session:
    """Connection of one command to the agent. The lock reserves the port."""

    def __init__(self, machine, wait_seconds):
        self.buffer = bytearray()
        end = time.monotonic() + wait_seconds
        while True:
            for port in range(PORTS):
                lock = open(machine.folder / ("port%d.lock" % port), "w")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.socket = machine.connect("port%d" % port)
                    if self.agree(min(2.0, max(0.1, end - time.monotonic()))):
                        self.lock = lock
                        return
                    self.socket.close()
                except (BlockingIOError, ConnectionError, FileNotFoundError):
                    pass
                lock.close()
                if time.monotonic() > end or not machine.is_running():
                    raise ChannelLost("cannot reach machine '{}': its agent does not answer; see {}"
                                      .format(machine.name, machine.folder / "console.log"))
            time.sleep(0.05)

    def agree(self, seconds):
        """Sends a mark with a random number. Data before its echo belongs to an earlier session."""
        mark = MARK + os.urandom(8)
        self.socket.sendall(mark)
        end = time.monotonic() + seconds
        heard = bytearray()
        while (left := end - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                data = self.socket.recv(65536)
                if not data:
                    return False
                heard += data
                at = heard.find(mark)
                if at >= 0:
                    self.buffer = heard[at + len(mark):]
                    return True
                del heard[:-len(mark)]
        return False

    def send(self, kind, data=b""):
        self.socket.sendall(kind.encode() + struct.pack(">I", len(data)) + data)

    def frames(self):
        """Waits for data and yields the complete frames."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionError:
            data = b""
        if not data:
            raise ChannelLost("lost the machine: QEMU has exited")
        self.buffer += data
        while len(self.buffer) >= 5:
            size = struct.unpack_from(">I", self.buffer, 1)[0]
            if len(self.buffer) < 5 + size:
                return
            kind, data = chr(self.buffer[0]), bytes(self.buffer[5:5 + size])
            del self.buffer[:5 + size]
            yield kind, data

    def close(self):
        self.socket.close()
        self.lock.close()


def write_all(to, data):
    """Writes data to a file descriptor, a bytearray or a function."""
    if isinstance(to, bytearray):
        to += data
    elif callable(to):
        to(data)
    else:
        view = memoryview(data)
        while view:
            view = view[os.write(to, view):]


def run_in_guest(machine, words, user=None, folder=None, environment=None, stdin=None, timeout=None,
                 out=1, error=2, wait_seconds=30):
    """Runs a command and returns its exit code. After a timeout the command is killed and the code is 124.

    words: one word is a command line for bash, several are a program and its arguments. stdin: a file
    descriptor or None. out, error: see write_all. timeout: in seconds.
    """
    end = time.monotonic() + timeout if timeout else None
    session = Session(machine, min(wait_seconds, timeout) if timeout else wait_seconds)
    try:
        session.send("R", json.dumps({"argv": words, "user": user, "cwd": folder, "env": environment,
                                      "stdin": stdin is not None}).encode())
        heard = time.monotonic()
        while True:
            now = time.monotonic()
            if end and now > end:
                return TIMED_OUT
            if now - heard > SILENCE_SECONDS:
                raise ChannelLost("lost machine '{}': no keep-alive for {} s; the machine reboots or hangs"
                                  .format(machine.name, SILENCE_SECONDS))
            watched = [session.socket] + ([stdin] if stdin is not None else [])
            left = min(1.0, max(0.0, end - now)) if end else 1.0
            ready = select.select(watched, [], [], left)[0]
            if stdin in ready:
                data = os.read(stdin, 32768)
                session.send("I" if data else "E", data)
                if not data:
                    stdin = None
            if session.socket not in ready:
                continue
            heard = now
            for kind, data in session.frames():
                if kind == "X":
                    return json.loads(data)["rc"]
                if kind == "G":
                    raise ChannelLost("lost machine '{}': the machine is shutting down".format(machine.name))
                if kind in "12":
                    write_all(out if kind == "1" else error, data)
    finally:
        session.close()


def boot_id(machine, wait_seconds):
    """The boot id, from the agent itself, which answers before the system is up."""
    session = Session(machine, wait_seconds)
    try:
        session.send("R", b'{"ping": true}')
        end = time.monotonic() + wait_seconds
        while time.monotonic() < end:
            if select.select([session.socket], [], [], 0.5)[0]:
                for kind, data in session.frames():
                    if kind == "X":
                        return json.loads(data)["boot_id"]
        raise ChannelLost("cannot reach machine '{}': its agent stopped responding".format(machine.name))
    finally:
        session.close()
