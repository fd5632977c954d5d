"""coord on the virtual machine: package, commands, and state in systemd and the kernel."""
import glob
import json
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from machine.common import HANG_SECONDS, HERE, Cannot

COORDINATOR = "brain-experiment-coordinator.service"
HOME = "/home/jetson"
# Settings of the tests, from the upgrade on. The first of the four cores is reserved for the system.
SETTINGS = dict(EXPERIMENT_CORES="1-2")
SETTINGS_FILE = "/etc/brain-in-jar/coordinator.env"
# Runs as this user without a login, which would take a second.
AS_USER = "cd {0} && exec setpriv --reuid={1} --regid={1} --init-groups env -u SUDO_USER HOME={0} USER={1} ".format(
    HOME, "jetson")
# The emulated CPU is ten times slower than a board's. The quota is ten times larger to compensate.
NOT_NOW = 75  # exit code
DROP_IN = "/etc/systemd/system/{}.d/90-emulated.conf".format(COORDINATOR)
LIFTED = "mkdir -p $(dirname {0}) && printf '[Service]\\nCPUQuota=200%%\\n' >{0}".format(DROP_IN)


def package():
    """The package that script/machine test built."""
    found = sorted(glob.glob(str(HERE.parent / "target/package/coord_*_all.deb")))
    if not found:
        raise Cannot("cannot install coord: no 'target/package/coord_*_all.deb'; "
                     "run script/package")
    return Path(found[-1])


def archive():
    """The tar file from the same build."""
    return next((HERE.parent / "target/package").glob("coord-*.tar.gz"))


def with_version(deb, version, folder):
    """The same package with another version."""
    tree = Path(folder) / "tree"
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = ["Version: " + version if line.startswith("Version:") else line
             for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    result = Path(folder) / "coord_{}_all.deb".format(version)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", tree, result], check=True,
                   stdout=subprocess.DEVNULL)
    return result


class Coord:
    def __init__(self, machine):
        self.machine = machine
        self.sh = machine.run

    # --- package ----------------------------------------------------------------------------------

    def prepare(self):
        """Copies the programs of the tests into the guest, and raises the coordinator's CPU quota."""
        for script in ("witness.py", "ask-coord.py"):
            self.machine.put(HERE / "lib/guest" / script, "/usr/local/bin/" + script[:-3])
        self.machine.put(HERE.parent / "examples/runner.py", HOME + "/runner.py")
        self.sh("chmod 755 /usr/local/bin/* && mkdir -p {0}/w && chown -R jetson: {0} && {1}".format(HOME, LIFTED))

    def install(self, deb=None):
        """Installs the package with apt. Returns the duration in seconds."""
        began = time.monotonic()
        self.machine.put(deb or package(), "/root/coord.deb")
        self.sh("DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades /root/coord.deb")
        return time.monotonic() - began

    def ensure(self):
        """Makes sure that coord is installed and answers."""
        if self.sh("dpkg-query -W -f='${Status}' coord 2>/dev/null", check=False).out != "install ok installed":
            self.prepare()
            self.install()
        self.until_ready()
        return self

    def until_ready(self, seconds=HANG_SECONDS):
        """Waits until the coordinator answers. Returns its status."""
        return self.wait_for("/v1/status", "it['systemd'] == 'reached'", seconds)

    # --- commands ---------------------------------------------------------------------------------

    def say(self, *words, check=True, timeout=HANG_SECONDS):
        """Runs a coord command as the user jetson."""
        line = AS_USER + " ".join(shlex.quote(word) for word in ("coord",) + words)
        return self.patiently(line, check=check, timeout=timeout)

    def patiently(self, line, check=True, **more):
        """Runs a line. With check, repeats it while the answer is 'not now', as of a guest on a busy host."""
        end = time.monotonic() + HANG_SECONDS
        while True:
            ran = self.sh(line, check=False, **more)
            if not check or not ran.code:
                return ran
            if ran.code != NOT_NOW or time.monotonic() > end:
                raise Cannot("cannot run '{}': {}".format(line, ran))
            print("not now: {};".format(ran.error.strip()[:100]), end=" ")

    def witness(self, name, *options, ram="64M", **more):
        """A request for an experiment that records its runs (lib/guest/witness.py)."""
        request = dict(id=name, working_directory=HOME, ram=ram, environment={}, **more)
        request["command"] = ["witness", "{}/w/{}".format(HOME, name), *map(str, options)]
        return request

    def enqueue(self, *requests):
        """Sends requests one after the other. All must be accepted; 'not now' is repeated."""
        left = list(requests)
        while left:
            self.requests_into("/home/jetson/requests", left)
            ran = self.sh(AS_USER + "ask-coord enqueue requests", check=False)
            left = left[len(ran.out.split()):]
            if left and ran.code != NOT_NOW:
                raise AssertionError("not accepted: {}".format(ran))

    def requests_into(self, file, requests):
        self.sh("cat >" + file, stdin_text="".join(json.dumps(request) + "\n" for request in requests))

    def wait_for(self, path, expression, seconds=HANG_SECONDS):
        """Waits until the expression is true for 'it', the answer to GET path. Returns the answer."""
        ran = self.sh("ask-coord", "await", str(seconds), path, expression, check=False, timeout=seconds + 60)
        if ran.code:
            raise AssertionError("{} not true for {} within {} s: {}".format(
                expression, path, seconds, ran.out or ran.error))
        return json.loads(ran.out)

    def experiment(self, name, expression="True", seconds=HANG_SECONDS):
        return self.wait_for("/v1/experiments/" + name, expression, seconds)

    def ended(self, *names, seconds=HANG_SECONDS):
        """Waits until all experiments have ended. Returns them by name."""
        return {name: self.experiment(name, "it['state'] in ('completed', 'failed', 'stopped')", seconds)
                for name in names}

    def record(self, name):
        """The facts that the witness recorded. Lines torn by a power cut are ignored."""
        lines = self.sh("cat {}/w/{} 2>/dev/null".format(HOME, name), check=False).out.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def let_go(self, name):
        """Lets a waiting witness continue."""
        self.sh("touch {}/w/{}.go".format(HOME, name))

    def set(self, **settings):
        """Writes settings, which the coordinator reads at its next start."""
        self.sh("cat >" + SETTINGS_FILE, stdin_text="".join("{}={}\n".format(*one) for one in settings.items()))

    def has_set(self, **settings):
        return set("{}={}".format(*one) for one in settings.items()) <= set(
            self.sh("cat " + SETTINGS_FILE).out.splitlines())

    def settings(self, **more):
        """Writes the settings of the tests and additional ones, and restarts the coordinator."""
        self.set(**SETTINGS, **more)
        self.sh("systemctl restart " + COORDINATOR)
        self.until_ready()

    # --- state in systemd and the kernel ----------------------------------------------------------

    def unit(self, name, *properties):
        """Properties of a unit."""
        said = self.sh("systemctl", "show", name, "-p", ",".join(properties)).out
        return dict(line.split("=", 1) for line in said.splitlines())

    def main_pid(self, name):
        return int(self.unit(name, "MainPID")["MainPID"])


def instance(name):
    return "brain-experiment@{}.service".format(name)
