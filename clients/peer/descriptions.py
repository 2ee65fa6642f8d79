"""Session descriptions: what must be cut out of them, and what is read from them.

Pure, and line by line: a description is the far end's text, never trusted further.

RFC 8866 (SDP), RFC 8839 (ICE in SDP). No address may leave the doctor before M3, nor the
patient before M4 is in order, so that the `c=`, `m=` and `a=rtcp:` lines are blanked together with
the candidates (RFC 8840 §4.1.1: port 9 and 0.0.0.0 mean "to follow").
"""

import re

from .letters import Candidate
from .sealing import Refused

# RFC 8122 §5 (TLS over TCP in SDP); no other hash, and no second spelling of it.
_FINGERPRINT = re.compile(r"a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", re.I)

_CUT = ("a=candidate:", "a=end-of-candidates", "a=remote-candidates:")

# RFC 6464, RFC 6465: how loud a voice is, beside the encrypted sound, for the relay to read.
_LEVEL = re.compile(r"a=extmap:.* urn:ietf:params:rtp-hdrext:[cs]src-audio-level\b", re.I)


def without_addresses(sdp: str) -> str:
    """The same description without a candidate or an address, or how loud a voice is."""
    return "".join(
        f"{_blank(line)}\r\n"
        for line in sdp.splitlines()
        if line and not line.startswith(_CUT) and not _LEVEL.match(line)
    )


def _blank(line: str) -> str:
    if line.startswith("c="):
        return "c=IN IP4 0.0.0.0"
    if line.startswith("a=rtcp:"):
        return "a=rtcp:9 IN IP4 0.0.0.0"
    if line.startswith("o="):
        words = line.split(" ")
        return " ".join([*words[:3], "IN", "IP4", "0.0.0.0"])
    if line.startswith("m="):
        words = line.split(" ")
        # Port 0 means a section that is switched off, and must stay so.
        if len(words) > 1 and words[1] != "0":
            words[1] = "9"
        return " ".join(words)
    return line


def candidates_of(sdp: str) -> tuple[Candidate, ...]:
    """The candidates that `without_addresses` cuts out, each once.

    Sections that share a transport repeat each other's candidates; the first says them.
    """
    found: dict[str, Candidate] = {}
    for index, section in enumerate(_sections(sdp)):
        mid = next((x.removeprefix("a=mid:") for x in section if x.startswith("a=mid:")), None)
        for line in section:
            if line.startswith("a=candidate:"):
                text = line.removeprefix("a=")
                candidate = Candidate(candidate=text, sdpMid=mid, sdpMLineIndex=index)
                found.setdefault(text, candidate)
    return tuple(found.values())


def _sections(sdp: str) -> list[list[str]]:
    sections: list[list[str]] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return sections


def ice_name(sdp: str) -> str | None:
    """The first `a=ice-ufrag` of a description; another one means a restart (RFC 8839 §4.4.1)."""
    for line in sdp.splitlines():
        if line.startswith("a=ice-ufrag:"):
            return line.removeprefix("a=ice-ufrag:")
    return None


def with_one_fingerprint(sdp: str) -> str:
    """The same description, of its fingerprints only the SHA-256 ones.

    aiortc writes SHA-384 and SHA-512 too, of the same certificate; `check_bound` would refuse.
    """
    lines = re.split(r"\r\n|\r|\n", sdp)
    others = [x for x in lines if x.startswith("a=fingerprint:") and not _FINGERPRINT.fullmatch(x)]
    return "\r\n".join(x for x in lines if x not in others)


def check_bound(sdp: str) -> None:
    """Check that a description leaves one certificate and one transport to be bound.

    Every fingerprint is SHA-256 and the same, no key stands in the description itself
    (RFC 4568), and all that is switched on is in one BUNDLE (RFC 9143).

    Raises:
        Refused: `description`.
    """
    # Wherever any reader might end a line.
    lines = sdp.splitlines()
    # Whatever a browser might still take for such a line, though it is not spelled like one.
    bare = [line.strip().casefold() for line in lines]
    fingerprints = [
        _FINGERPRINT.fullmatch(line)
        for line, seen in zip(lines, bare, strict=True)
        if seen.startswith("a=fingerprint")
    ]
    values = {found[1].upper() if found else None for found in fingerprints}
    if len(values) != 1 or None in values:
        raise Refused("description")
    if any(line.startswith("a=crypto") for line in bare):
        raise Refused("description")
    bundles = [line for line in bare if line.startswith("a=group:bundle")]
    if len(bundles) != 1 or not _in_bundle(bundles[0].split(" ")[1:], lines):
        raise Refused("description")


def _in_bundle(names: list[str], lines: list[str]) -> bool:
    """Tell whether every section that is switched on is in the one bundle."""
    sections = _sections("\n".join(lines))
    mids = [[x[6:].casefold() for x in lines if x.startswith("a=mid:")] for lines in sections]
    if not sections or any(len(found) != 1 for found in mids):
        return False
    known = {found[0] for found in mids}
    if len(known) != len(sections) or not set(names) <= known:
        return False
    # Port 0 is a section that is switched off, and may be left out.
    return all(
        found[0] in names or section[0].split(" ")[1:2] == ["0"]
        for section, found in zip(sections, mids, strict=True)
    )
