"""Builds the base image: Debian, a kernel module, and simulated Jetson programs.

Each step has a stamp with the digest of its inputs, and is repeated only if the inputs have changed.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from .common import ARCHITECTURES, CACHE, HERE, Cannot, call, say

SUITE = "bookworm"
MIRROR = os.environ.get("COORD_MACHINE_MIRROR") or "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = """systemd systemd-sysv libpam-systemd dbus dbus-user-session udev polkitd sudo
    lz4 kmod iproute2 procps sqlite3 python3 openjdk-17-jre-headless""".split()
# Installed in a second step, after the configuration of a small initrd: the default one takes a minute to
# build, and a quarter of an hour for arm64.
KERNEL = ["linux-image-{arch}", "initramfs-tools"]
INITRD_MODULES = ["virtio_pci", "virtio_blk", "ext4"]
DISK_GIB = 4
# Commands that mount run in a mount namespace of their own. A killed build leaves no /proc mounted in its
# tree.
PRIVATE = ["unshare", "--mount", "--propagation", "private"]


def digest(*things):
    total = hashlib.sha256()
    for thing in things:
        if isinstance(thing, Path):
            files = [thing] if thing.is_file() else sorted(f for f in thing.rglob("*") if f.is_file())
            for file in files:
                total.update(file.name.encode() + b"\0" + file.read_bytes())
        else:
            total.update(repr(thing).encode() + b"\0")
    return total.hexdigest()[:16]


def is_made(stamp, wanted, *results):
    return stamp.exists() and stamp.read_text() == wanted and all(r.exists() for r in results)


def remove_tree(path):
    inside = [m for m in (line.split()[4] for line in open("/proc/self/mountinfo"))
              if m == str(path) or m.startswith(str(path) + "/")]
    if inside:
        raise Cannot("cannot remove '{}': '{}' is mounted; unmount it first".format(path, inside[0]))
    if path.exists():
        shutil.rmtree(path)


def in_root(root, *words):
    call(*PRIVATE, "sh", "-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', root, *words)


def let_arm64_run():
    """Registers qemu-user, which runs the maintainer scripts of arm64 packages."""
    folder = Path("/proc/sys/fs/binfmt_misc")
    if (folder / "qemu-aarch64").exists():
        return
    if not (folder / "register").exists():
        call("mount", "-t", "binfmt_misc", "binfmt_misc", folder)
    (folder / "register").write_text(Path("/usr/lib/binfmt.d/qemu-aarch64.conf").read_text())


class Image:
    def __init__(self, arch):
        self.arch = arch
        self.folder = CACHE / arch
        self.root = self.folder / "root"
        self.began = time.monotonic()

    def say(self, text):
        say("{:6.1f} s  {}".format(time.monotonic() - self.began, text))

    def wants(self):
        """The digests of the inputs of the tree and of the disk."""
        tree = digest(SUITE, PACKAGES, KERNEL, self.arch)
        return tree, digest(tree, HERE / "guest", HERE / "thermal", DISK_GIB)

    def is_built(self):
        return is_made(self.folder / "disk.stamp", self.wants()[1], self.folder / "disk.img")

    def build(self, force=False):
        if os.geteuid():
            raise Cannot("cannot build the image: debootstrap and chroot need root; use sudo")
        # Users without root permission can create machines.
        (CACHE / "machines").mkdir(parents=True, exist_ok=True)
        (CACHE / "machines").chmod(0o1777)
        self.folder.mkdir(exist_ok=True)
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if force:
                for stamp in self.folder.glob("*.stamp"):
                    stamp.unlink()
            if self.is_built():
                say("the image is up to date: " + str(self.folder / "disk.img"))
                return
            tree, disk = self.wants()
            if self.arch == "arm64":
                let_arm64_run()
            if not is_made(self.folder / "tree.stamp", tree, self.root):
                self.make_tree()
                (self.folder / "tree.stamp").write_text(tree)
            kernel = max(path.name for path in (self.root / "lib/modules").iterdir())
            module = self.folder / "jetson_thermal.ko"
            wanted = digest(kernel, HERE / "thermal")
            if not is_made(self.folder / "module.stamp", wanted, module):
                self.make_module(kernel)
                (self.folder / "module.stamp").write_text(wanted)
            self.make_disk(kernel, module)
            (self.folder / "disk.stamp").write_text(disk)
        self.say("built: " + str(self.folder / "disk.img"))

    def make_tree(self):
        self.say("Debian {} for {}".format(SUITE, self.arch))
        (self.folder / "tree.stamp").unlink(missing_ok=True)
        part = self.folder / "root.part"
        for tree in (part, self.root):
            remove_tree(tree)
        call(*PRIVATE, "debootstrap", "--arch=" + self.arch, "--variant=minbase",
             "--keyring=" + KEYRING, "--include=" + ",".join(PACKAGES), SUITE, part, MIRROR)
        self.say("kernel and initrd")
        settings = part / "etc/initramfs-tools"
        (settings / "conf.d").mkdir(parents=True)
        (settings / "conf.d/small").write_text("MODULES=list\nCOMPRESS=lz4\nRESUME=none\nFSTYPE=ext4\n")
        (settings / "modules").write_text("\n".join(INITRD_MODULES) + "\n")
        in_root(part, "apt-get", "-qq", "update")
        in_root(part, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y",
                "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "install",
                *[package.format(arch=self.arch) for package in KERNEL])
        part.rename(self.root)

    def make_module(self, kernel):
        """Compiles thermal/jetson_thermal.c against the headers of the guest's kernel.

        A separate apt configuration fetches the headers, independent of the host's sources and
        architectures. The tools among them have the host's architecture.
        """
        self.say("kernel module for " + kernel)
        headers = self.folder / "headers"
        remove_tree(headers)
        apt = headers / "apt"
        for folder in ("lists/partial", "cache/archives/partial", "packages"):
            (apt / folder).mkdir(parents=True)
        host = subprocess.run(["dpkg", "--print-architecture"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
        (apt / "sources.list").write_text("deb [arch={} signed-by={}] {} {} main\n".format(
            ",".join(sorted({host, self.arch})), KEYRING, MIRROR, SUITE))
        options = ["-q"]
        for option in ("Dir::Etc::sourcelist=%s/sources.list" % apt, "Dir::Etc::sourceparts=-",
                       "Dir::State::lists=%s/lists" % apt, "Dir::Cache=%s/cache" % apt,
                       "Dir::State::status=/dev/null", "APT::Architecture=" + host,
                       "APT::Architectures::=" + host, "APT::Architectures::=" + self.arch,
                       "APT::Sandbox::User=root", "Acquire::Languages=none"):
            options += ["-o", option]
        call("apt-get", *options, "update")
        series = ".".join(kernel.split(".")[:2])
        call("apt-get", *options, "download", "linux-headers-%s:%s" % (kernel, self.arch),
             "linux-headers-%s-common" % kernel.rsplit("-", 1)[0],
             "linux-kbuild-%s:%s" % (series, host), cwd=apt / "packages")
        for package in (apt / "packages").iterdir():
            call("dpkg", "-x", package, headers)
        sources = headers / "usr/src"
        makefile = sources / ("linux-headers-" + kernel) / "Makefile"
        makefile.write_text(makefile.read_text().replace("/usr/src", str(sources)))
        work = self.folder / "module"
        remove_tree(work)
        shutil.copytree(HERE / "thermal", work)
        tools = ARCHITECTURES[self.arch]
        call("make", "-s", "-C", makefile.parent, "M=%s" % work, *tools["make"], "modules")
        call(tools["strip"], "--strip-debug", work / "jetson_thermal.ko")
        shutil.copy(work / "jetson_thermal.ko", self.folder)

    def make_disk(self, kernel, module):
        self.say("files of the guest")
        extra = self.root / "lib/modules" / kernel / "extra"
        extra.mkdir(exist_ok=True)
        shutil.copy(module, extra / module.name)
        guest = self.root / "tmp/guest"
        remove_tree(guest)
        shutil.copytree(HERE / "guest", guest)
        in_root(self.root, "/tmp/guest/customize.sh", "/tmp/guest")
        remove_tree(guest)
        for kind in ("vmlinuz", "initrd.img"):
            shutil.copy(self.root / "boot" / ("%s-%s" % (kind, kernel)), self.folder / kind)
        self.say("disk")
        part = self.folder / "disk.part"
        part.unlink(missing_ok=True)
        with open(part, "wb") as file:
            file.truncate(DISK_GIB << 30)
        call("mke2fs", "-q", "-t", "ext4", "-L", "machine", "-d", self.root, part)
        part.rename(self.folder / "disk.img")
