"""Many datagrams with one system call, so that the load costs less than what it loads.

`sendmmsg` and `recvmmsg` (Linux; sendmmsg(2), recvmmsg(2)) by way of the C library.
"""

import ctypes
import socket
import struct

BATCH = 64
ROOM_BYTES = 2048  # of one datagram
CONTROL_BYTES = 64
# <asm-generic/socket.h>: when the kernel got a datagram, in nanoseconds of CLOCK_REALTIME.
SO_TIMESTAMPNS = 35
# What comes with it: a cmsghdr of sixteen bytes, and a timespec.
_CONTROL_HEAD_BYTES = 16
_TIMESPEC = struct.Struct("=qq")
_STAMP = struct.Struct("=q")


class _Piece(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("pieces", ctypes.POINTER(_Piece)),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Head(ctypes.Structure):
    """struct mmsghdr: the message, and how long it was."""

    _fields_ = [("message", _Message), ("size", ctypes.c_uint)]


_libc = ctypes.CDLL(None, use_errno=True)
_sendmmsg, _recvmmsg = _libc.sendmmsg, _libc.recvmmsg
_sendmmsg.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
_recvmmsg.argtypes = [*_sendmmsg.argtypes, ctypes.c_void_p]


def stamp(packet: bytearray, at: int, now_ns: int) -> None:
    """Write into a packet when it is sent."""
    _STAMP.pack_into(packet, at, now_ns)


class Outbox:
    """One datagram, to be sent many times."""

    def __init__(self, packet: bytes) -> None:
        self._bytes = (ctypes.c_char * len(packet)).from_buffer_copy(packet)
        self._piece = _Piece(ctypes.addressof(self._bytes), len(packet))
        self._heads = (_Head * BATCH)()
        for head in self._heads:
            head.message.pieces, head.message.piece_count = ctypes.pointer(self._piece), 1
        self._at = ctypes.addressof(self._heads)

    def send(self, descriptor: int, count: int) -> int:
        """Send it `count` times, at most `BATCH`; say how many the system took."""
        taken = _sendmmsg(descriptor, self._at, count, socket.MSG_DONTWAIT)
        return max(0, int(taken))


class Inbox:
    """Room for a batch of datagrams, each with the time at which it came."""

    def __init__(self, *, has_times: bool) -> None:
        self._data = bytearray(BATCH * ROOM_BYTES)
        self._controls = bytearray(BATCH * CONTROL_BYTES)
        data = ctypes.addressof(ctypes.c_char.from_buffer(self._data))
        controls = ctypes.addressof(ctypes.c_char.from_buffer(self._controls))
        self._pieces = (_Piece * BATCH)()
        self._heads = (_Head * BATCH)()
        self._has_times = has_times
        for n, (piece, head) in enumerate(zip(self._pieces, self._heads, strict=True)):
            piece.base, piece.size = data + n * ROOM_BYTES, ROOM_BYTES
            message = head.message
            message.pieces, message.piece_count = ctypes.pointer(piece), 1
            if has_times:
                message.control, message.control_size = controls + n * CONTROL_BYTES, CONTROL_BYTES
        self._at = ctypes.addressof(self._heads)

    def receive(self, descriptor: int) -> int:
        """Take what is there, without waiting; say how many."""
        count = int(_recvmmsg(descriptor, self._at, BATCH, socket.MSG_DONTWAIT, None))
        if self._has_times:
            for n in range(count):  # the system wrote there how much it used
                self._heads[n].message.control_size = CONTROL_BYTES
        return max(0, count)

    def underway_ns(self, number: int, at: int) -> int:
        """Say how long a datagram of the last batch took, whose stamp lies at this byte."""
        (sent_at,) = _STAMP.unpack_from(self._data, number * ROOM_BYTES + at)
        seconds, ns = _TIMESPEC.unpack_from(
            self._controls, number * CONTROL_BYTES + _CONTROL_HEAD_BYTES
        )
        return int(seconds * 1_000_000_000 + ns - sent_at)
