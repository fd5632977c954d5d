"""A container: the Debian of the image at the speed of this machine, for tests that an emulated CPU is too slow for."""
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .common import CACHE, HANG_SECONDS, HERE, Cannot
from .machine import Ran
from .mailbox import ZONES

NOT_POSSIBLE = 77
# The zones that the coordinator in it reads.
BOARD = """[Service]
Environment=COORD_SYSFS_ROOT=/srv/board/sys
"""


class Container:
    """Has the operations of Machine that the tests of coord need."""

    def __init__(self):
        self.init = None

    def up(self):
        """Boots it. Raises Cannot with the reason if this machine cannot."""
        tree = CACHE / "amd64/root"
        if not (CACHE / "amd64/tree.stamp").exists():
            raise Cannot("cannot start a container: no Debian in '{}'; run script/machine build".format(tree))
        # An overlay needs a disk.
        self.folder = Path(tempfile.mkdtemp(prefix="coord-container-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        for place in ("etc/systemd/system", "etc/systemd/system/brain-experiment-coordinator.service.d"):
            (self.folder / "upper" / place).mkdir(parents=True)
        units = self.folder / "upper/etc/systemd/system"
        (units / "brain-experiment-coordinator.service.d/80-board.conf").write_text(BOARD)
        for unit in ("console-getty.service", "machine-agent.service", "nvpmodel.service"):
            (units / unit).symlink_to("/dev/null")
        sysfs = self.folder / "board/sys"
        for number, zone in enumerate(ZONES):
            folder = sysfs / "class/thermal/thermal_zone{}".format(number)
            folder.mkdir(parents=True)
            (folder / "type").write_text(zone + "-thermal\n")
            self.set_temperature(zone, 45)
        for name in ("devices", "fs"):
            (sysfs / name).symlink_to("/sys/" + name)
        with open(self.folder / "boot.log", "wb") as log:
            # Ends with this process, however that ends.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", HERE / "boot-container", tree, self.folder, self.folder / "board"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + HANG_SECONDS
        while True:
            if self.process.poll() is not None:
                why = (self.folder / "boot.log").read_text(errors="replace")
                code = self.process.returncode
                self.remove()
                raise Cannot("cannot start a container: " + (why.strip() or "exit code {}".format(code)))
            self.init = self.find_init()
            if self.init:
                state = self.run("systemctl is-system-running", check=False).out.strip()
                if state in ("running", "degraded"):
                    return self
            if time.monotonic() > end:
                self.remove()
                raise Cannot("cannot start a container: systemd in it is not running")
            time.sleep(0.1)

    def find_init(self):
        """The id of its PID 1 here; it runs systemd when the namespaces are complete."""
        pid = self.process.pid
        for _ in range(2):  # a shell, unshare, systemd
            children = Path("/proc/{0}/task/{0}/children".format(pid))
            try:
                pid = int(children.read_text().split()[0])
            except (OSError, IndexError):
                return None
        try:
            return pid if Path("/proc/{}/comm".format(pid)).read_text() == "systemd\n" else None
        except OSError:
            return None

    def is_running(self):
        return self.init is not None and self.process.poll() is None

    def remove(self):
        """Ends everything in it and removes its files."""
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words, check=True, timeout=HANG_SECONDS, stdin_text=None):
        """Runs a command as root and collects its output: one word is a command line for bash."""
        line = ["bash", "-c", words[0]] if len(words) == 1 else list(words)
        done = subprocess.run(
            ["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "-C", "env", "-i", "HOME=/root",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *map(str, line)],
            input=(stdin_text or "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        ran = Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        if check and ran.code:
            raise Cannot("cannot run '{}' in the container: exit code {}: {}".format(
                " ".join(map(str, words))[:300], ran.code, (ran.out[-1500:] + ran.error[-1500:]).strip()))
        return ran

    def put(self, source, target):
        """Copies a file into it."""
        with open(source, "rb") as file:
            subprocess.run(["nsenter", "-t", str(self.init), "-m", "-p", "sh", "-c", 'cat >"$0"', target], stdin=file,
                           check=True)

    def set_temperature(self, zone, celsius):
        """Sets the temperature of a zone. The file is replaced, so that nobody reads half of it."""
        file = self.folder / "board/sys/class/thermal/thermal_zone{}/temp".format(ZONES.index(zone))
        part = file.with_suffix(".part")
        part.write_text("{}\n".format(round(celsius * 1000)))
        os.replace(part, file)
