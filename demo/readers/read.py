#!/usr/bin/env python3
"""Shows a Parlor room from the shared segment: read.py ROOM [SEGMENT_KEY]. Needs `pip install sysv_ipc`."""
import struct
import sys
import time
import zlib
import sysv_ipc

room = sys.argv[1]
shm = sysv_ipc.SharedMemory(int(sys.argv[2] if len(sys.argv) > 2 else "0xff3", 0), flags=0, mode=0)
shm.attach(None, sysv_ipc.SHM_RDONLY)
word = lambda n: struct.unpack("<Q", shm.read(8, n * 8))[0]
text = lambda b: b.split(b"\0")[0].decode("utf-8", "replace")
if shm.read(8) != b"PARLORSG" or word(1) >> 16 != 1:
    sys.exit("not a segment of layout 1")
h = struct.unpack("<39Q", shm.read(39 * 8))  # the geometry; the numbers are words of docs/segment.md
SLOTS, RING, MEMBERS, COPIES, COPY = h[10], h[11], h[12], h[16], h[17]
GEN, INTENT, SEMAPHORE_KEY = 64, 65, 55


def copy():
    """The room in the active copy of the counters, and its row and ring: nothing that is not needed."""
    gen, table = word(GEN), h[35]
    for slot in range(SLOTS):
        row = table + slot * h[36]
        tenure, _, tail = struct.unpack("<3Q", shm.read(24, row))
        head = struct.unpack("<Q", shm.read(8, row + 8))[0]
        if tenure and text(shm.read(128, row + 64)) == room:
            counters = shm.read(h[21], COPIES + (gen & 1) * COPY + h[20] + slot * h[21])
            ring = shm.read(RING, h[37] + slot * RING)
            same, whole = struct.unpack("<2Q", shm.read(16, row))
            if same == tenure:  # or the slot has just been given to another room
                return gen, counters, max(head, whole), tail, ring
    sys.exit("no such room")


def guarded():
    guard = sysv_ipc.Semaphore(word(SEMAPHORE_KEY), flags=0)
    guard.undo = True  # or a reader that is killed holds the guard for ever
    guard.acquire(2)
    try:
        return copy()
    finally:
        guard.release()


def unguarded():
    for _ in range(64):
        copied = copy()
        if word(INTENT) - copied[0] <= 1:
            return copied
    sys.exit("damaged segment")


for name, read in (("guarded", guarded), ("guard-free", unguarded)):
    _, counters, head, tail, ring = read()
    listed = min(struct.unpack_from("<Q", counters, 48)[0], MEMBERS)
    members = [counters[h[33] + i * h[34]:][:h[34]] for i in range(listed)]
    print(f"{name}: {room}, members: " + " ".join(text(m[:8]) + text(m[8:]) for m in members))
    data = ring[head % RING:] + ring[:head % RING]
    while head < tail:
        crc, size, seq, wall, kind, lengths = struct.unpack_from("<6Q", data)
        if not 48 <= size <= len(data) or zlib.crc32(struct.pack("<Q", head) + data[8:size]) != crc:
            sys.exit("damaged segment")
        i, f, t = 48 + (lengths & 65535), lengths >> 16 & 65535, lengths >> 32
        stamp = time.strftime("%H:%M:%S", time.gmtime(wall / 1000))
        print(f"{seq} {stamp} <{data[i:i + f].decode()}> {data[i + f:i + f + t].decode()}")
        head, data = head + size, data[size:]
