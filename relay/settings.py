"""Every number of the relay, with its unit and its reason.

Pure. The doors read them from configuration; nothing here looks anywhere.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How long things last and how much anybody may take.

    Attributes:
        lifetime_default_s: RFC 8656 §3.2; also the least that is given, but for 0.
        lifetime_max_s: RFC 8656 §7.2 advises one hour.
        grace_s: how long an allocation may outlive the password that it was made with.
        password_max_s: a password that ends later than this from now is none of ours. A tag
            that was ended is remembered for as long, so that none of its passwords works again.
        permission_s: RFC 8656 §9.
        channel_s: RFC 8656 §12.
        port_first: of the ports of relayed addresses (RFC 8656 §7.2).
        port_last: of the same.
        allocations_max: of the process; each costs about 4 KiB.
        allocations_reserved: of those, what only tags that are in a consultation get: whoever
            fills the waiting room cannot end anybody's call.
        allocations_per_tag: a browser makes one for each of its networks and each of our
            transports, for each far end, and as many again when ICE restarts.
        channels_per_allocation: far ends are three at most, with a few candidates each.
        permissions_per_allocation: as many addresses; closed, there are only the relay's own.
        tags_per_consultation: four people, and as many whose place is being taken over.
        bytes_per_s_per_tag: 10 Mb/s: three far ends in good pictures.
        bytes_per_s: of the process; one core moves about that much of such packets.
        loop_bytes_per_s: of one tag with itself: a device check, not a file server.
        burst_s: what may be taken at once, in seconds of the rate.
        stranger_answers_per_s: to one address (or /64), before a signature holds.
        stranger_burst: a practice behind one address, when it opens in the morning.
        stranger_slots: addresses share them by a keyed hash; 16 bytes each, for good.
        ended_tags_max: the oldest is forgotten first.
        consultations_max: the one that was idle longest is forgotten first. More than there are
            allocations, so that one is idle.
    """

    lifetime_default_s: int = 600
    lifetime_max_s: int = 3600
    grace_s: int = 60
    password_max_s: int = 12 * 3600
    permission_s: int = 300
    channel_s: int = 600
    port_first: int = 49152
    port_last: int = 65535
    allocations_max: int = 4000
    allocations_reserved: int = 1000
    allocations_per_tag: int = 24
    channels_per_allocation: int = 16
    permissions_per_allocation: int = 64
    tags_per_consultation: int = 8
    bytes_per_s_per_tag: int = 1_250_000
    bytes_per_s: int = 64_000_000
    loop_bytes_per_s: int = 16_000
    burst_s: float = 1.0
    stranger_answers_per_s: float = 10.0
    stranger_burst: float = 50.0
    stranger_slots: int = 65_536
    ended_tags_max: int = 100_000
    consultations_max: int = 10_000
