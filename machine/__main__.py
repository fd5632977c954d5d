"""The command line of script/machine."""
import argparse
import os
import sys
import time

from . import channel
from .common import ARCHITECTURES, CACHE, Cannot, say
from .image import Image
from .machine import Machine
from .mailbox import ZONES, slots_of


def build(options):
    image = Image(options.arch)
    if options.check:
        return 0 if image.is_built() else 3
    return image.build(options.force)


def up(options, machine):
    began = time.monotonic()
    boot, state = machine.up(fresh=options.fresh, timeout=options.timeout, arch=options.arch,
                             cores=options.cores, memory=options.memory, append=options.append,
                             clock=options.clock)
    say("up ({}) in {:.1f} s, boot {}".format(state, time.monotonic() - began, boot))


def run(options, machine):
    machine.must_run()
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        raise Cannot("cannot run a command: none given")
    variables = dict(variable.split("=", 1) for variable in options.env)
    return channel.run_in_guest(machine, words, user=options.user, folder=options.folder,
                                environment=variables, timeout=options.timeout,
                                stdin=0 if options.stdin else None)


def put(options, machine):
    return machine.put(options.source, options.target)


def get(options, machine):
    return machine.get(options.source, options.target)


def temperature(options, machine):
    box = machine.mailbox()
    if options.value is not None:
        machine.set_temperature(options.zone, options.value)
    elif options.zone is not None:
        print(box.shown(slots_of(options.zone)[0]))
    else:
        print("zone     celsius  read by user space  by the kernel")
        for slot, zone in enumerate(ZONES):
            *_, reads, polls = box.get(slot)
            print("{:<6} {:>9} {:>19} {:>14}".format(zone, box.shown(slot), reads, polls))


def reboot(options, machine):
    began = time.monotonic()
    boot, state = machine.reboot(options.timeout)
    say("rebooted ({}) in {:.1f} s, boot {}".format(state, time.monotonic() - began, boot))


def powercut(options, machine):
    say("power cut; " + machine.cut_power(options.torn))
    if not options.off:
        began = time.monotonic()
        machine.start()
        boot, state = machine.wait_up(options.timeout)
        say("up ({}) in {:.1f} s, boot {}".format(state, time.monotonic() - began, boot))


def down(options, machine):
    machine.down(options.timeout)
    if options.remove:
        machine.remove()


def status(options, _):
    folder = CACHE / "machines"
    any_runs = False
    for name in sorted(path.name for path in folder.iterdir()) if folder.exists() else []:
        machine = Machine(name)
        any_runs |= machine.is_running()
        print("{:<16} {:<8} {}".format(name, "running" if machine.is_running() else "off", " ".join(
            "%s=%s" % setting for setting in machine.settings.items() if setting[1])))
    return 0 if any_runs else 3


def console(options, machine):
    machine.mailbox()
    text = (machine.folder / "console.log").read_text(errors="replace")
    print("\n".join(text.splitlines()[-options.lines:]))


def parser():
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("--name", default="default", help="name of the machine (default: default)")
    every = argparse.ArgumentParser(
        prog="script/machine", description="Virtual machine for tests of coord; see machine/README.md.")
    verbs = every.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, function, text, timeout=None):
        one = verbs.add_parser(name, help=text, description=text, parents=[named])
        one.set_defaults(function=function)
        if timeout is not None:
            one.add_argument("--timeout", type=float, default=timeout or None, metavar="SECONDS",
                             help="default: %s" % (timeout or "none"))
        return one

    one = verbs.add_parser("build", help="build the base image; repeats only steps with changed inputs")
    one.add_argument("--arch", choices=ARCHITECTURES, default="amd64")
    one.add_argument("--force", action="store_true", help="repeat all steps")
    one.add_argument("--check", action="store_true", help="only check; exit code 3 if a build is needed")
    one = verb("up", up, "start a machine and wait until it is up; keeps options that are not given", 600)
    one.add_argument("--fresh", action="store_true", help="with a new copy of the base image")
    one.add_argument("--arch", choices=ARCHITECTURES)
    one.add_argument("--cores", type=int, help="default: 4")
    one.add_argument("--memory", type=int, metavar="MIB", help="default: 2048")
    one.add_argument("--append", metavar="WORDS", help="additional words for the kernel command line")
    one.add_argument("--clock", metavar="DATE", help="clock at power-on: utc (default) or 2020-01-31T12:00:00")
    one = verb("run", run, "run a command; exit code 124: timeout, 255: machine not reached", 0)
    one.add_argument("--user", help="run in a login session of this user (default: root)")
    one.add_argument("--folder")
    one.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("-i", "--stdin", action="store_true", help="forward standard input")
    one.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND",
                     help="one word: a command line for bash; several: a program and its arguments")
    one = verb("put", put, "copy a file or the contents of a directory into the machine")
    one.add_argument("source")
    one.add_argument("target")
    one = verb("get", get, "copy a file or the contents of a directory out of the machine")
    one.add_argument("source")
    one.add_argument("target")
    one = verb("temperature", temperature, "show or set temperatures; effective immediately")
    one.add_argument("zone", nargs="?", help=", ".join(ZONES) + ", or all")
    one.add_argument("value", nargs="?", help="degrees Celsius, an error name, or max (tj)")
    one = verb("reboot", reboot, "reboot and wait until the machine is up", 600)
    one = verb("powercut", powercut, "cut the power, then start again on the same disk", 600)
    one.add_argument("--torn", action="store_true",
                     help="write a random half of the unflushed sectors")
    one.add_argument("--off", action="store_true", help="stay off")
    one = verb("down", down, "shut down", 120)
    one.add_argument("--remove", action="store_true", help="also remove the machine and its disk")
    verb("status", status, "list all machines; exit code 0 if one is running, otherwise 3")
    one = verb("console", console, "show the end of the serial console log")
    one.add_argument("--lines", type=int, default=40)
    return every


def main():
    options = parser().parse_args()
    try:
        if options.verb == "build":
            return build(options) or 0
        return options.function(options, Machine(options.name)) or 0
    except Cannot as e:
        say(str(e))
        return channel.NO_CHANNEL if options.verb == "run" else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.close(1)
        return 141


if __name__ == "__main__":
    sys.exit(main())
