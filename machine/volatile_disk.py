#!/usr/bin/env python3
"""A disk with a volatile write cache, as an NBD server for one QEMU.

Killing QEMU is not a power cut for the disk: unflushed writes are in the host's
page cache and survive. This server keeps unflushed writes in its own memory,
like a real drive, until the guest flushes (or writes with FUA). At a power cut
they are lost, completely or in part.

    volatile_disk.py IMAGE SOCKET

At its end the cache is
    written    when QEMU disconnects in order, or on SIGTERM
    lost       on SIGUSR2 (power cut)
    torn       on SIGUSR1: each 512-byte sector is written or lost at random
Serves one connection, on a Unix socket.
"""
import os
import random
import signal
import socket
import struct
import sys

BLOCK = 4096
SECTOR = 512
CACHE_BYTES = 64 << 20


class Disk:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR)
        self.size = os.fstat(self.fd).st_size
        assert self.size % BLOCK == 0
        self.cache = {}                         # block number -> bytes
        self.limit = CACHE_BYTES // BLOCK
        self.flushes = 0

    def read(self, off, n):
        first, last = off // BLOCK, (off + n - 1) // BLOCK
        data = os.pread(self.fd, n, off)
        if not self.cache or self.cache.keys().isdisjoint(range(first, last + 1)):
            return data
        data = bytearray(data)
        for b in range(first, last + 1):
            if (block := self.cache.get(b)) is not None:
                lo, hi = max(off, b * BLOCK), min(off + n, (b + 1) * BLOCK)
                data[lo - off:hi - off] = block[lo - b * BLOCK:hi - b * BLOCK]
        return data

    def write(self, off, data, fua):
        n = len(data)
        if fua:
            os.pwrite(self.fd, data, off)
        for b in range(off // BLOCK, (off + n - 1) // BLOCK + 1):
            lo, hi = max(off, b * BLOCK), min(off + n, (b + 1) * BLOCK)
            old = self.cache.get(b)
            if hi - lo == BLOCK:
                if fua:
                    self.cache.pop(b, None)
                    continue
                new = bytes(data[lo - off:hi - off])
            else:
                if old is None:
                    if fua:
                        continue
                    old = os.pread(self.fd, BLOCK, b * BLOCK)
                new = (old[:lo - b * BLOCK] + bytes(data[lo - off:hi - off])
                       + old[hi - b * BLOCK:])
            self.cache[b] = new
        if len(self.cache) > self.limit:        # a drive also writes to free its cache
            for b in list(self.cache)[:self.limit // 2]:
                os.pwrite(self.fd, self.cache.pop(b), b * BLOCK)

    def flush(self):
        self.flushes += 1
        blocks = sorted(self.cache)
        i = 0
        while i < len(blocks):                  # adjacent blocks in one write
            j = i + 1
            while j < len(blocks) and blocks[j] == blocks[j - 1] + 1 and j - i < 256:
                j += 1
            os.pwritev(self.fd, [self.cache[b] for b in blocks[i:j]], blocks[i] * BLOCK)
            i = j
        self.cache.clear()

    def tear(self):
        rnd = random.Random()
        kept = 0
        for b, block in self.cache.items():
            for s in range(0, BLOCK, SECTOR):
                if rnd.random() < 0.5:
                    os.pwrite(self.fd, block[s:s + SECTOR], b * BLOCK + s)
                    kept += 1
        return kept


def recv(sock, n):
    buf = bytearray(n)
    view = memoryview(buf)
    while view:
        got = sock.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return buf


def negotiate(sock, disk):
    flags = 1 | 4 | 8                           # HAS_FLAGS, SEND_FLUSH, SEND_FUA
    sock.sendall(b"NBDMAGIC" + b"IHAVEOPT" + struct.pack(">H", 3))
    recv(sock, 4)
    while True:
        magic, opt, n = struct.unpack(">8sII", recv(sock, 16))
        data = recv(sock, n) if n else b""

        def reply(kind, payload=b""):
            sock.sendall(struct.pack(">QIII", 0x3e889045565a9, opt, kind, len(payload))
                         + payload)
        if opt == 1:                            # EXPORT_NAME
            sock.sendall(struct.pack(">QH", disk.size, flags))
            return
        if opt == 2:                            # ABORT
            reply(1)
            raise EOFError
        if opt in (6, 7):                       # INFO, GO
            reply(3, struct.pack(">HQH", 0, disk.size, flags))
            reply(3, struct.pack(">HIII", 3, SECTOR, BLOCK, 32 << 20))
            reply(1)
            if opt == 7:
                return
        else:
            reply(0x80000001)                   # ERR_UNSUP


def serve(sock, disk):
    while True:
        head = recv(sock, 28)
        magic, flags, cmd, handle, off, n = struct.unpack(">IHH8sQI", head)
        assert magic == 0x25609513
        if cmd == 2:                            # DISC
            return
        error, data = 0, b""
        if cmd == 0:
            data = disk.read(off, n)
        elif cmd == 1:
            disk.write(off, recv(sock, n), flags & 1)
        elif cmd == 3:
            disk.flush()
        else:
            error = 22
        sock.sendall(struct.pack(">II8s", 0x67446698, error, handle) + bytes(data))


def main():
    image, path = sys.argv[1:3]
    disk = Disk(image)

    def end(how):
        size = len(disk.cache) * BLOCK // 1024
        if how == "written":
            disk.flush()
        elif how == "torn":
            how = "torn, %d sectors of it written" % disk.tear()
        print("disk cache of %d KiB %s; %d flushes served" % (size, how, disk.flushes),
              flush=True)
        os._exit(0)

    listener = socket.socket(socket.AF_UNIX)
    if os.path.exists(path):
        os.unlink(path)
    listener.bind(path)
    listener.listen(1)
    ending = {signal.SIGTERM: "written", signal.SIGUSR1: "torn", signal.SIGUSR2: "lost"}
    for sig, how in ending.items():
        signal.signal(sig, lambda *_, how=how: end(how))
    sock, _ = listener.accept()
    listener.close()
    try:
        negotiate(sock, disk)
        serve(sock, disk)
    except (EOFError, ConnectionError):
        # QEMU exited. The next signal decides whether this is a power cut.
        # Until then, no other process may use the image.
        while True:
            signal.pause()
    end("written")


if __name__ == "__main__":
    main()
