"""Contents of the packages that script/package builds, and reproducibility of the build.

The virtual machine tests the installation itself. Run by script/test; by hand:

    python3 -B -m unittest packaging/test_package.py
"""

import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = os.path.join(ROOT, "docs", "INSTALLED.md")
MAINTAINER_SCRIPTS = ["preinst", "postinst", "prerm", "postrm"]


def run(*command, **options):
    """Returns the standard output. A failure reports the complete output."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        **options,
    )
    if done.returncode != 0:
        raise AssertionError(
            "{} ended with {}:\n{}{}".format(command, done.returncode, done.stdout, done.stderr)
        )
    return done.stdout


def package(root, *arguments, umask=0o022, **variables):
    environment = dict(os.environ, **variables)
    run(
        os.path.join(root, "script", "package"),
        *arguments,
        env=environment,
        preexec_fn=lambda: os.umask(umask),
    )


def packages(root):
    """The paths of the .deb and of the tar file."""
    folder = os.path.join(root, "target", "package")
    names = sorted(os.listdir(folder))
    assert len(names) == 2, names
    return [os.path.join(folder, name) for name in reversed(names)]


def copy_sources(to):
    names = run("git", "-C", ROOT, "ls-files", "-z", "-c", "-o", "--exclude-standard").split("\0")
    for name in filter(None, names):
        if os.path.exists(os.path.join(ROOT, name)):
            os.makedirs(os.path.join(to, os.path.dirname(name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(to, name))


def content(path):
    with open(path, "rb") as file:
        return file.read()


def listed_files():
    """The first column of the table of files, where * stands for a version."""
    with open(TABLE, encoding="utf-8") as file:
        text = file.read().split("## What is installed", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`/[^|]*) \|", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


@unittest.skipUnless(shutil.which("dpkg-deb"), "dpkg-deb not found")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        package(ROOT)
        cls.deb, cls.tar = packages(ROOT)
        cls.folder = tempfile.mkdtemp(prefix="coord-package-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.root = os.path.join(cls.folder, "root")
        cls.control = os.path.join(cls.folder, "control")
        run("dpkg-deb", "-x", cls.deb, cls.root)
        run("dpkg-deb", "-e", cls.deb, cls.control)
        cls.entries = []
        for line in run("dpkg-deb", "-c", cls.deb).splitlines():
            mode, owner, _, _, _, name = line.split(None, 5)
            cls.entries.append((mode, owner, name.split(" -> ")[0][1:]))
        cls.files = [name for mode, _, name in cls.entries if not mode.startswith("d")]

    def test_the_same_sources_give_the_same_bytes(self):
        other = os.path.join(self.folder, "another-place", "coord")
        copy_sources(other)
        package(other, umask=0o077, TZ="Pacific/Kiritimati", LC_ALL="C", HOME=os.environ["HOME"])
        for here, there in zip(packages(ROOT), packages(other)):
            self.assertEqual(os.path.basename(here), os.path.basename(there))
            self.assertTrue(content(here) == content(there), here + " differs from " + there)

    def test_the_documentation_lists_each_installed_file(self):
        listed = listed_files()
        self.assertEqual(
            [], [name for name in self.files if not any(fnmatch.fnmatchcase(name, pattern) for pattern in listed)],
            "not in docs/INSTALLED.md",
        )
        self.assertEqual(
            [], [pattern for pattern in listed if not fnmatch.filter(self.files, pattern)], "only in docs/INSTALLED.md"
        )

    def test_files_belong_to_root_and_only_root_can_write_them(self):
        programs = re.compile(r"/usr/bin/coord|/usr/lib/coord/scripts/[a-z-]+")
        for mode, owner, name in self.entries:
            with self.subTest(name):
                self.assertEqual("root/root", owner)
                if mode.startswith("d"):
                    self.assertEqual("drwxr-xr-x", mode)
                elif programs.fullmatch(name):
                    self.assertEqual("-rwxr-xr-x", mode)
                else:
                    self.assertEqual("-rw-r--r--", mode)

    def test_settings_are_kept_by_upgrades(self):
        with open(os.path.join(self.control, "conffiles"), encoding="utf-8") as file:
            self.assertEqual(
                sorted(name for name in self.files if name.startswith("/etc/")), file.read().splitlines()
            )

    def test_control_fields(self):
        def field(name):
            return run("dpkg-deb", "-f", self.deb, name).strip()

        self.assertEqual("all", field("Architecture"))
        self.assertEqual("coord_{}_all.deb".format(field("Version")), os.path.basename(self.deb))
        self.assertRegex(field("Depends"), r"openjdk-17-jre-headless.*systemd \(>= 245\), dbus")
        self.assertGreater(int(field("Installed-Size")), 10000)

    def jars(self, folder="/usr/lib/coord/"):
        return [name for name in self.files if re.fullmatch(re.escape(folder) + r"[^/]+\.jar", name)]

    def test_nothing_of_tests_is_in_what_the_daemon_loads(self):
        self.assertIn("/usr/lib/coord/coord-daemon.jar", self.jars())
        for name in self.jars():
            with self.subTest(name), zipfile.ZipFile(self.root + name) as jar:
                self.assertEqual(
                    [], [entry for entry in jar.namelist() if re.search(r"/testing/|^io/coord/selftest/|^org/junit/", entry)]
                )
        self.assertEqual(["/usr/lib/coord/selftest/coord-selftest.jar"], self.jars("/usr/lib/coord/selftest/"))

    def test_each_library_has_its_licence(self):
        text = content(os.path.join(self.root, "usr/share/doc/coord/copyright")).decode()
        named = re.findall(r"^Files: (/\S+)$", text, re.MULTILINE)
        libraries = [name for name in self.jars() if not os.path.basename(name).startswith("coord-")]
        self.assertEqual(
            [], [name for name in libraries if not any(fnmatch.fnmatchcase(name, one) for one in named)]
        )
        self.assertEqual([], [one for one in named if not fnmatch.filter(libraries, one)], "not in the package")

    def test_the_bill_of_materials_has_each_library(self):
        bom = json.loads(content(os.path.join(self.root, "usr/share/doc/coord/bom.json")))
        self.assertEqual("CycloneDX", bom["bomFormat"])
        known = {"{}-{}.jar".format(one["name"], one["version"]): one for one in bom["components"]}
        for name in self.jars():
            with self.subTest(name):
                base = os.path.basename(name)
                if base.startswith("coord-"):
                    continue
                digest = hashlib.sha256(content(self.root + name)).hexdigest()
                self.assertIn({"alg": "SHA-256", "content": digest}, known[base]["hashes"])
        self.assertEqual([], [name for name in known if re.search("junit|assertj|archunit|testkit", name)])

    def test_checksums(self):
        run("md5sum", "--check", "--quiet", os.path.join(self.control, "md5sums"), cwd=self.root)

    def test_scripts_are_posix_shell(self):
        for name in MAINTAINER_SCRIPTS:
            with self.subTest(name):
                script = os.path.join(self.control, name)
                self.assertTrue(os.access(script, os.X_OK))
                run("sh", "-n", script)
                self.assertIn("\nset -e\n", content(script).decode())

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck not found")
    def test_scripts_pass_shellcheck(self):
        scripts = [os.path.join(ROOT, "packaging", "debian", name) for name in MAINTAINER_SCRIPTS]
        scripts += [os.path.join(ROOT, "packaging", "install.sh"), os.path.join(ROOT, "bin", "coord")]
        run("shellcheck", "--shell=sh", *scripts)
        run("shellcheck", "-x", os.path.join(ROOT, "script", "package"), cwd=ROOT)

    def test_the_tar_file_installs_the_same(self):
        with tarfile.open(self.tar) as tar:
            members = tar.getmembers()
            top = members[0].name
            prefix = top + "/root/"
            same = {"/" + m.name[len(prefix) :]: m for m in members if m.name.startswith(prefix) and not m.isdir()}
            self.assertEqual(sorted(self.files), sorted(same))
            for name, member in same.items():
                if member.isfile():
                    with self.subTest(name):
                        self.assertEqual(content(self.root + name), tar.extractfile(member).read())
            for name in MAINTAINER_SCRIPTS:
                self.assertEqual(
                    content(os.path.join(self.control, name)),
                    tar.extractfile("{}/maintainer/{}".format(top, name)).read(),
                )
            self.assertEqual({(0, 0)}, {(m.uid, m.gid) for m in members})

    def test_the_program_runs_from_where_it_was_unpacked(self):
        settings = os.path.join(self.root, "etc", "brain-in-jar")
        run(os.path.join(self.root, "usr/bin/coord"), "config", "check", env=dict(os.environ, COORD_CONFIG_DIR=settings))

    def test_a_class_data_archive_is_used_and_a_stale_one_is_ignored(self):
        root = os.path.join(self.folder, "archived")
        run("dpkg-deb", "-x", self.deb, root)
        program = os.path.join(root, "usr/bin/coord")
        archive = os.path.join(root, "var/cache/coord/daemon.jsa")
        os.makedirs(os.path.dirname(archive))
        expected = run(program, "completion")
        creating = dict(os.environ, JDK_JAVA_OPTIONS="-XX:ArchiveClassesAtExit=" + archive)
        run(program, "completion", env=creating)
        # The JVM exits with 1 if it cannot use the given archive.
        checking = dict(os.environ, JDK_JAVA_OPTIONS="-XX:+PrintSharedArchiveAndExit")
        self.assertIn("io.coord.daemon.DaemonMain", run(program, "completion", env=checking))
        os.utime(os.path.join(root, "usr/lib/coord/coord-daemon.jar"))
        with self.assertRaises(AssertionError):
            run(program, "completion", env=checking)
        done = subprocess.run([program, "completion"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((0, expected), (done.returncode, done.stdout.decode()))

    @unittest.skipUnless(os.geteuid() == 0, "only root can create accounts and directories")
    def test_account_and_folders(self):
        root = os.path.join(self.folder, "machine")
        shutil.copytree(self.root, root)
        run("systemd-sysusers", "--root=" + root, "coord.conf")
        with open(os.path.join(root, "etc/passwd"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"(?m)^coord:x:\d+:\d+:[^:]*:/var/lib/coord:.*nologin$")
        run("systemd-tmpfiles", "--root=" + root, "--create", "coord.conf")
        self.assertEqual(0o711, os.stat(os.path.join(root, "var/lib/coord")).st_mode & 0o777)
        self.assertEqual(0o755, os.stat(os.path.join(root, "run/coord")).st_mode & 0o777)


if __name__ == "__main__":
    unittest.main()
