"""Shared memory through which the host sets the temperatures of the guest.

thermal/jetson_thermal.c reads it at each read of a zone, and describes the layout. It works while the guest
boots, hangs or is off, because no process of the guest is involved.
"""
import errno
import mmap
import re

from .common import Cannot

ZONES = ["cpu", "gpu", "cv0", "cv1", "cv2", "soc0", "soc1", "soc2", "tj"]
SIZE_BYTES = 65536
MAGIC = 0x48544A43
MAXIMUM_OF_OTHERS = -(2**31)


class Mailbox:
    def __init__(self, folder):
        path = folder / "mailbox"
        fresh = not path.exists()
        with open(path, "ab") as file:
            file.truncate(SIZE_BYTES)
        with open(path, "r+b") as file:
            memory = mmap.mmap(file.fileno(), SIZE_BYTES)
        # 32-bit words: each assignment is one aligned store, which is atomic.
        self.signed = memoryview(memory).cast("i")
        self.unsigned = memoryview(memory).cast("I")
        if fresh:
            for slot, zone in enumerate(ZONES):
                gated = zone.startswith("cv")
                self.put(slot, MAXIMUM_OF_OTHERS if zone == "tj" else 45000 + 500 * (slot % 4),
                         errno.EAGAIN if gated else 0)
            self.unsigned[0] = MAGIC

    def put(self, slot, millidegrees=None, error=0):
        at = 16 + 4 * slot
        if millidegrees is not None:
            self.signed[at] = millidegrees
        self.unsigned[at + 1] = error

    def get(self, slot):
        """Millidegrees, error number, number of reads by user space, number of reads by the kernel."""
        at = 16 + 4 * slot
        return (self.signed[at],) + tuple(self.unsigned[at + 1:at + 4])

    def shown(self, slot):
        millidegrees, error, *_ = self.get(slot)
        if error:
            return errno.errorcode.get(error, str(error))
        return "max" if millidegrees == MAXIMUM_OF_OTHERS else "%.3f" % (millidegrees / 1000)


def slots_of(zone):
    """The slots of a zone, or with 'all' of every zone that has a sensor of its own."""
    name = re.sub(r"-therm(al)?$", "", zone.lower())
    if name == "all":
        return [slot for slot, known in enumerate(ZONES) if known[:2] not in ("cv", "tj")]
    if name not in ZONES:
        raise Cannot("cannot set zone '{}': no such zone; use {}, or all (without cv and tj)"
                     .format(zone, ", ".join(ZONES)))
    return [ZONES.index(name)]


def set_temperature(box, zone, value):
    """Sets degrees Celsius, an error name, or 'max' for tj (the maximum of the other zones)."""
    for slot in slots_of(zone):
        text = str(value)
        if text.startswith("E") and hasattr(errno, text):
            box.put(slot, error=getattr(errno, text))
        elif text == "max" and ZONES[slot] == "tj":
            box.put(slot, MAXIMUM_OF_OTHERS)
        else:
            try:
                box.put(slot, round(float(text) * 1000))
            except ValueError:
                raise Cannot("cannot set zone '{}' to '{}': use degrees Celsius, an error name "
                             "(for example EAGAIN), or max for tj".format(zone, value)) from None
