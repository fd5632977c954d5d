"""coord as it is installed on the machine: its package, its commands, and what the kernel says of it."""
import glob
import json
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from machine.common import HERE, Cannot

COORDINATOR = "brain-experiment-coordinator.service"
HOME = "/home/jetson"
# What the tests set, from the upgrade on: the first of the four cores is left to the system.
SETTINGS = dict(EXPERIMENT_CORES="1-2")
SETTINGS_FILE = "/etc/brain-in-jar/coordinator.env"
# As a caller of that user without a login, which would cost a second each time.
AS_USER = "cd {0} && exec setpriv --reuid={1} --regid={1} --init-groups env -u SUDO_USER HOME={0} USER={1} ".format(
    HOME, "jetson")
# The emulated processor is ten times slower than a board's, so its share of it is ten times larger.
DROP_IN = "/etc/systemd/system/{}.d/90-emulated.conf".format(COORDINATOR)
LIFTED = "mkdir -p $(dirname {0}) && printf '[Service]\\nCPUQuota=200%%\\n' >{0}".format(DROP_IN)


def package():
    """The package that script/machine test has built."""
    found = sorted(glob.glob(str(HERE.parent / "target/package/coord_*_all.deb")))
    if not found:
        raise Cannot("cannot install coord: there is no 'target/package/coord_*_all.deb'; "
                     "script/package makes it")
    return Path(found[-1])


def archive():
    """The tar file that was built with the package."""
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

    # --- its package ------------------------------------------------------------------------------

    def prepare(self):
        """What the tests need in the guest, and the coordinator's larger share of a slow processor."""
        for script in ("witness.py", "ask-coord.py"):
            self.machine.put(HERE / "lib/guest" / script, "/usr/local/bin/" + script[:-3])
        self.machine.put(HERE.parent / "examples/runner.py", HOME + "/runner.py")
        self.sh("chmod 755 /usr/local/bin/* && mkdir -p {0}/w && chown -R jetson: {0} && {1}".format(HOME, LIFTED))

    def install(self, deb=None):
        """As people do; gives how long it took."""
        began = time.monotonic()
        self.machine.put(deb or package(), "/root/coord.deb")
        self.sh("DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades /root/coord.deb", timeout=900)
        return time.monotonic() - began

    def ensure(self):
        """Installed and serving, whatever the test before has left."""
        if self.sh("dpkg-query -W -f='${Status}' coord 2>/dev/null", check=False).out != "install ok installed":
            self.prepare()
            self.install()
        self.until_ready()
        return self

    def until_ready(self, seconds=600):
        """Until the coordinator answers; gives its status."""
        return self.wait_for("/v1/status", "it['systemd'] == 'reached'", seconds)

    # --- its commands -----------------------------------------------------------------------------

    def say(self, *words, check=True, timeout=300):
        """A command of coord, as the user jetson."""
        line = AS_USER + " ".join(shlex.quote(word) for word in ("coord",) + words)
        return self.sh(line, check=check, timeout=timeout)

    def witness(self, name, *options, ram="64M", **more):
        """Enqueues an experiment that keeps a record (lib/guest/witness.py)."""
        request = dict(id=name, working_directory=HOME, ram=ram, environment={}, **more)
        request["command"] = ["witness", "{}/w/{}".format(HOME, name), *map(str, options)]
        return request

    def enqueue(self, *requests):
        """Sends requests one after the other; all must be accepted."""
        self.requests_into("/home/jetson/requests", requests)
        self.sh(AS_USER + "ask-coord enqueue requests")

    def requests_into(self, file, requests):
        self.sh("cat >" + file, stdin_text="".join(json.dumps(request) + "\n" for request in requests))

    def wait_for(self, path, expression, seconds=180):
        """Until the expression is true of 'it', the answer to GET path; gives the answer."""
        ran = self.sh("ask-coord", "await", str(seconds), path, expression, check=False, timeout=seconds + 60)
        if ran.code:
            raise AssertionError("{} never became true of {} within {} s: {}".format(
                expression, path, seconds, ran.out or ran.error))
        return json.loads(ran.out)

    def experiment(self, name, expression="True", seconds=180):
        return self.wait_for("/v1/experiments/" + name, expression, seconds)

    def ended(self, *names, seconds=300):
        """Until all are done; gives them by name."""
        return {name: self.experiment(name, "it['state'] in ('completed', 'failed', 'stopped')", seconds)
                for name in names}

    def record(self, name):
        """What the witness has written, a fact each; a line that a power cut has torn is left out."""
        lines = self.sh("cat {}/w/{} 2>/dev/null".format(HOME, name), check=False).out.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def let_go(self, name):
        """Lets a witness go on that waits."""
        self.sh("touch {}/w/{}.go".format(HOME, name))

    def set(self, **settings):
        """Writes settings, to be read by the next coordinator that starts."""
        self.sh("cat >" + SETTINGS_FILE, stdin_text="".join("{}={}\n".format(*one) for one in settings.items()))

    def has_set(self, **settings):
        return set("{}={}".format(*one) for one in settings.items()) <= set(
            self.sh("cat " + SETTINGS_FILE).out.splitlines())

    def settings(self, **more):
        """The tests' settings and more, and a coordinator that has read them."""
        self.set(**SETTINGS, **more)
        self.sh("systemctl restart " + COORDINATOR, timeout=900)
        self.until_ready()

    # --- what systemd and the kernel say ----------------------------------------------------------

    def unit(self, name, *properties):
        """Properties of a unit, by name."""
        said = self.sh("systemctl", "show", name, "-p", ",".join(properties)).out
        return dict(line.split("=", 1) for line in said.splitlines())

    def main_pid(self, name):
        return int(self.unit(name, "MainPID")["MainPID"])


def instance(name):
    return "brain-experiment@{}.service".format(name)
