"""One machine: directory, processes and operations."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .channel import PORTS, ChannelLost, boot_id, run_in_guest
from .common import ARCHITECTURES, CACHE, HANG_SECONDS, HERE, Cannot, call, say
from .mailbox import SIZE_BYTES, Mailbox, set_temperature

# Options that are kept from one start to the next, until --fresh.
DEFAULTS = {"arch": "amd64", "cores": 4, "memory": 2048, "append": "", "clock": "utc"}

# Keeps references: Python warns about a collected object with a running process.
_started = []


class Machine:
    def __init__(self, name):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise Cannot("cannot name a machine '{}': use letters, digits, '_', '.' and '-'".format(name))
        self.name, self.folder = name, CACHE / "machines" / name
        self.settings = {}
        if (self.folder / "settings.json").exists():
            self.settings = json.loads((self.folder / "settings.json").read_text())

    # --- processes: identified by id and start time, which prevents signals to other processes ----

    def remember(self, what, process):
        _started.append(process)
        (self.folder / (what + ".pid")).write_text("%d %s" % (process.pid, start_time(process.pid)))

    def pid(self, what):
        try:
            pid, began = (self.folder / (what + ".pid")).read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if start_time(int(pid)) == began else None

    def signal(self, what, number):
        pid = self.pid(what)
        if pid:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def wait_gone(self, what, seconds):
        end = time.monotonic() + seconds
        while self.pid(what):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def is_running(self):
        return self.pid("qemu") is not None

    def must_run(self):
        if not self.is_running():
            raise Cannot("cannot reach machine '{0}': the machine is off; run script/machine up --name {0}"
                         .format(self.name))

    def connect(self, name):
        """Connects to a socket in the directory, by /proc/self/fd because the length of its path is limited."""
        folder = os.open(self.folder, os.O_PATH)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect("/proc/self/fd/%d/%s" % (folder, name))
        except OSError:
            connection.close()
            raise
        finally:
            os.close(folder)
        return connection

    # --- power ------------------------------------------------------------------------------------

    def up(self, fresh=False, timeout=HANG_SECONDS, wait=True, **given):
        """Starts the machine and waits until its systemd has started all units. Keeps options that are not given."""
        if self.is_running():
            raise Cannot("cannot start machine '{}': already running".format(self.name))
        disk = self.folder / "disk.img"
        old = {} if fresh or not disk.exists() else self.settings
        self.settings = {key: given[key] if given.get(key) is not None else old.get(key, default)
                         for key, default in DEFAULTS.items()}
        arch = self.settings["arch"]
        if old and old["arch"] != arch:
            raise Cannot("cannot start machine '{}' as {}: its disk is {}; use --fresh or another --name"
                         .format(self.name, arch, old["arch"]))
        image = CACHE / arch
        if not (image / "disk.stamp").exists():
            raise Cannot("cannot start machine '{}': no image in '{}'; "
                         "run script/machine build --arch {}".format(self.name, image, arch))
        self.folder.mkdir(parents=True, exist_ok=True)
        if not old:
            for left in ("disk.img", "mailbox", "console.log", "qemu.log"):
                (self.folder / left).unlink(missing_ok=True)
            part = self.folder / "disk.part"
            call("cp", "--sparse=always", "--reflink=auto", image / "disk.img", part)
            part.rename(disk)
            # The kernel is not on the disk. It is copied, because the image may be rebuilt later.
            for file in ("vmlinuz", "initrd.img"):
                shutil.copy(image / file, self.folder / file)
        part = self.folder / "settings.part"
        part.write_text(json.dumps(self.settings, indent=1))
        part.rename(self.folder / "settings.json")
        self.start()
        return self.wait_up(timeout) if wait else None

    def start(self):
        self.stop_disk(signal.SIGUSR2)
        Mailbox(self.folder)  # QEMU maps the file
        (self.folder / "disk.sock").unlink(missing_ok=True)
        disk = self.spawn("disk", [sys.executable, HERE / "volatile_disk.py", "disk.img", "disk.sock"])
        end = time.monotonic() + 10
        while not (self.folder / "disk.sock").exists():
            if disk.poll() is not None or time.monotonic() > end:
                raise Cannot("cannot start machine '{}': the disk server did not start; see {}".format(
                    self.name, self.folder / "qemu.log"))
            time.sleep(0.01)
        self.spawn("qemu", self.qemu_command())

    def spawn(self, what, command):
        with open(self.folder / "qemu.log", "ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, start_new_session=True)
        self.remember(what, process)
        return process

    def qemu_command(self):
        settings, arch = self.settings, ARCHITECTURES[self.settings["arch"]]
        kernel = "root=/dev/vda rootfstype=ext4 rw console={} quiet loglevel=4 panic=5 {}".format(
            arch["console"], settings["append"]).strip()
        command = [
            arch["qemu"], "-name", "coord-" + self.name, "-nodefaults", "-no-user-config",
            "-display", "none", *arch["board"], "-accel", "tcg,thread=multi,tb-size=512",
            "-m", str(settings["memory"]), "-smp", str(settings["cores"]),
            "-kernel", "vmlinuz", "-initrd", "initrd.img", "-append", kernel,
            "-rtc", "base=%s,clock=host" % settings["clock"],
            "-blockdev", "driver=nbd,node-name=disk,server.type=unix,server.path=disk.sock,"
            "cache.direct=off,cache.no-flush=off",
            "-device", "virtio-blk-pci,drive=disk,write-cache=on", "-device", "virtio-rng-pci",
            "-object", "memory-backend-file,id=mailbox,share=on,mem-path=mailbox,size=%d" % SIZE_BYTES,
            "-device", "ivshmem-plain,memdev=mailbox",
            "-chardev", "file,id=console,path=console.log,append=on", "-serial", "chardev:console",
            "-device", "virtio-serial-pci,max_ports=%d" % (PORTS + 1),
        ]
        for port in range(PORTS):
            command += [
                "-chardev", "socket,id=port{0},path=port{0},server=on,wait=off".format(port),
                "-device", "virtserialport,chardev=port{0},name=coord.machine.{0}".format(port),
            ]
        return command

    def stop_disk(self, number):
        self.signal("disk", number)
        if not self.wait_gone("disk", 10):
            self.signal("disk", signal.SIGKILL)

    def wait_up(self, timeout=HANG_SECONDS, after=None):
        """Waits until a boot other than 'after' is complete. Returns boot id and system state."""
        end = time.monotonic() + timeout
        while True:
            try:
                boot = boot_id(self, min(5, max(1, end - time.monotonic())))
                if boot != after:
                    state = self.run("systemctl", "is-system-running", "--wait", check=False,
                                     timeout=max(1, end - time.monotonic())).out.strip()
                    if state in ("running", "degraded", "maintenance"):
                        return boot, state
            except Cannot:
                if not self.is_running():
                    raise Cannot("cannot start machine '{}': QEMU has exited; see qemu.log and console.log in {}"
                                 .format(self.name, self.folder)) from None
            if time.monotonic() > end:
                raise Cannot("cannot start machine '{}': not up after {:.0f} s; see {}".format(
                    self.name, timeout, self.folder / "console.log"))
            time.sleep(0.1)

    def reboot(self, timeout=HANG_SECONDS):
        """Reboots the machine with an orderly shutdown."""
        self.must_run()
        before = boot_id(self, 30)
        try:
            self.run("systemctl", "reboot", check=False, timeout=10)
        except ChannelLost:
            pass
        return self.wait_up(timeout, before)

    def cut_power(self, torn=False):
        """Cuts the power. Unflushed data is lost, or with 'torn' a random half of it. Returns a summary."""
        self.must_run()
        self.signal("qemu", signal.SIGKILL)
        self.wait_gone("qemu", 10)
        self.stop_disk(signal.SIGUSR1 if torn else signal.SIGUSR2)
        return (self.folder / "qemu.log").read_text(errors="replace").strip().splitlines()[-1]

    def down(self, timeout=120):
        """Shuts the machine down in order. After the timeout, ends QEMU and writes the disk."""
        if self.is_running():
            try:
                self.run("systemctl", "poweroff", check=False, timeout=10)
            except Cannot:
                pass
            if not self.wait_gone("qemu", timeout):
                say("machine '{}' did not shut down within {:.0f} s; ending QEMU".format(self.name, timeout))
        self.end()

    def end(self):
        """Ends QEMU without a shutdown of the guest. Unlike a power cut, the disk is written."""
        self.signal("qemu", signal.SIGTERM)
        if not self.wait_gone("qemu", 10):
            self.signal("qemu", signal.SIGKILL)
            self.wait_gone("qemu", 10)
        # After an orderly end, the disk server exits by itself.
        if not self.wait_gone("disk", 5):
            self.stop_disk(signal.SIGTERM)

    def remove(self):
        self.end()
        if self.folder.exists():
            shutil.rmtree(self.folder)

    # --- inside -----------------------------------------------------------------------------------

    def run(self, *words, check=True, timeout=HANG_SECONDS, stdin_text=None, **more):
        """Runs a command in the guest and collects its output. With check, a failure raises Cannot."""
        self.must_run()
        out, error = bytearray(), bytearray()
        source = None
        if stdin_text is not None:
            source = os.memfd_create("stdin")
            os.write(source, stdin_text.encode())
            os.lseek(source, 0, os.SEEK_SET)
        try:
            code = run_in_guest(self, list(words), out=out, error=error, timeout=timeout, stdin=source, **more)
        finally:
            if source is not None:
                os.close(source)
        ran = Ran(code, out.decode(errors="replace"), error.decode(errors="replace"))
        if check and code:
            raise Cannot("cannot run '{}' in machine '{}': exit code {}: {}".format(
                " ".join(words)[:300], self.name, code, (ran.out[-1500:] + ran.error[-1500:]).strip()))
        return ran

    def put(self, source, target):
        """Copies a file (atomically, by a rename) or the contents of a directory into the guest."""
        self.must_run()
        source = Path(source)
        if source.is_dir():
            tar = subprocess.Popen(["tar", "-C", source, "-cf", "-", "."], stdout=subprocess.PIPE)
            with tar.stdout:
                code = run_in_guest(self, ["bash", "-c", 'mkdir -p "$0" && tar -C "$0" --no-same-owner -xf -',
                                           target], stdin=tar.stdout.fileno())
            return code or tar.wait()
        with open(source, "rb") as file:
            mode = "%o" % (os.fstat(file.fileno()).st_mode & 0o777)
            return run_in_guest(
                self, ["bash", "-c", 'to=$0; [ ! -d "$to" ] || to=$to/$2; mkdir -p "$(dirname "$to")" '
                       '&& cat > "$to.part" && chmod "$1" "$to.part" && mv -f "$to.part" "$to"',
                       target, mode, source.name], stdin=file.fileno())

    def get(self, source, target):
        """Copies a file or the contents of a directory out of the guest."""
        self.must_run()
        target = Path(target)
        if run_in_guest(self, ["test", "-d", source]) == 0:
            target.mkdir(parents=True, exist_ok=True)
            tar = subprocess.Popen(["tar", "-C", target, "-xf", "-"], stdin=subprocess.PIPE)
            with tar.stdin:
                code = run_in_guest(self, ["tar", "-C", source, "-cf", "-", "."], out=tar.stdin.fileno())
            return code or tar.wait()
        if target.is_dir():
            target = target / os.path.basename(source)
        part = target.with_name(target.name + ".part")
        with open(part, "wb") as file:
            code = run_in_guest(self, ["cat", source], out=file.fileno())
        if code:
            part.unlink()
        else:
            part.rename(target)
        return code

    def set_temperature(self, zone, value):
        """Sets degrees Celsius, an error name, or 'max' for tj. Works also while the machine is off."""
        set_temperature(self.mailbox(), zone, value)

    def mailbox(self):
        if not self.folder.exists():
            raise Cannot("cannot find machine '{0}': it does not exist; run script/machine up --name {0}"
                         .format(self.name))
        return Mailbox(self.folder)


class Ran:
    """Result of a command in the guest."""

    def __init__(self, code, out, error):
        self.code, self.out, self.error = code, out, error

    def __repr__(self):
        return "exit code {}, output {!r}, errors {!r}".format(self.code, self.out, self.error)


def start_time(pid):
    """Start time of a process in kernel ticks; None if the process has exited."""
    try:
        fields = Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]
