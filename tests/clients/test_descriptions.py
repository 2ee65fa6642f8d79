"""No address leaves inside a description, and none that could not be bound is read."""

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.descriptions import (
    candidates_of,
    check_bound,
    ice_name,
    with_one_fingerprint,
    without_addresses,
)
from tests.clients.seal_cast import code_of, sdp

SDP = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 192.0.2.7",
        "s=-",
        "t=0 0",
        "m=audio 50001 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP6 2001:db8::7",
        "a=rtcp:50002 IN IP4 192.0.2.7",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 50001 typ host",
        "a=end-of-candidates",
        "a=ice-ufrag:abcd",
        "a=mid:0",
        "m=video 0 UDP/TLS/RTP/SAVPF 97",
        "a=mid:1",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 50001 typ host",
        "a=candidate:2 1 udp 1 2001:db8::7 50003 typ host",
        "a=ice-ufrag:abcd",
        "",
    ]
)


def test_no_address_is_left_in_a_description() -> None:
    """Not in candidates, nor where SDP repeats them."""
    bare = without_addresses(SDP)

    assert "192.0.2.7" not in bare
    assert "2001:db8" not in bare
    assert "5000" not in bare
    assert "candidate" not in bare
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" in bare
    assert bare.endswith("\r\n")


def test_a_section_that_is_switched_off_stays_so() -> None:
    """RFC 8866 §5.14 and RFC 3264 §6: port 0 refuses the section."""
    assert "m=video 0 " in without_addresses(SDP)


def test_each_candidate_is_said_once_with_its_section() -> None:
    """Sections that share a transport repeat each other."""
    found = [(c.candidate.split()[4], c.sdpMid, c.sdpMLineIndex) for c in candidates_of(SDP)]

    assert [("192.0.2.7", "0", 0), ("2001:db8::7", "1", 1)] == found
    assert all(c.candidate.startswith("candidate:") for c in candidates_of(SDP))


def test_the_ice_name_tells_a_restart() -> None:
    """RFC 8839 §4.4.1: a restart is another ufrag."""
    assert "abcd" == ice_name(SDP)
    assert ice_name("v=0\r\n") is None


FINE = sdp(9, 9)
STRANGE = ":".join(["CD"] * 32)


@pytest.mark.parametrize(
    "text",
    [
        FINE,
        FINE.replace("\r\n", "\n"),
        FINE.replace("AB:", "ab:"),
        sdp(9, 0).replace("BUNDLE 0 1", "BUNDLE 0"),
        sdp(0, 9),
    ],
    ids=["as browsers write", "short line ends", "lower case", "switched off", "bundle-only"],
)
def test_one_certificate_and_one_transport_can_be_bound(text: str) -> None:
    """All fingerprints SHA-256 and the same, all that is switched on in one bundle."""
    assert code_of(check_bound, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        FINE.replace("a=fingerprint", "a=x"),
        FINE.replace("AB", "CD", 32),
        FINE + f"a=fingerprint:sha-256 {STRANGE}\r\n",
        FINE + f"a=fingerprint:sha-256 {STRANGE}\n",
        FINE + f"a=x\ra=fingerprint:sha-256 {STRANGE}\r\n",
        FINE + f"a=x\u2028a=fingerprint:sha-256 {STRANGE}\r\n",
        FINE + f" a=fingerprint:sha-256 {STRANGE}\r\n",
        FINE + f"a=Fingerprint:sha-256 {STRANGE}\r\n",
        FINE + f"a=fingerprint: sha-256 {STRANGE}\r\n",
    ],
    ids=[
        "nothing",
        "none",
        "two",
        "one more",
        "line feed",
        "return",
        "separator",
        "indented",
        "capital",
        "spaced",
    ],
)
def test_several_fingerprints_are_refused(text: str) -> None:
    """Whichever of them a browser would take."""
    assert "description" == code_of(check_bound, text)


@pytest.mark.parametrize("name", ["sha-1", "md5", "sha-512", "SHA-1", ""])
def test_weak_fingerprints_are_refused(name: str) -> None:
    """Alone, and beside a good one."""
    assert "description" == code_of(check_bound, FINE.replace("sha-256", name))
    assert "description" == code_of(check_bound, FINE + f"a=fingerprint:{name} AB:AB\r\n")
    assert "description" == code_of(check_bound, FINE.replace(":AB\r", "\r"))


def test_keys_in_the_text_are_refused() -> None:
    """RFC 4568: whoever reads the description could listen."""
    for line in ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x", "a=Crypto:1", " a=crypto:1"):
        assert "description" == code_of(check_bound, f"{FINE}{line}\r\n")


@pytest.mark.parametrize(
    "text",
    [
        FINE.replace("a=group:BUNDLE 0 1\r\n", ""),
        FINE.replace("BUNDLE 0 1", "BUNDLE 0\r\na=group:BUNDLE 1"),
        FINE.replace("BUNDLE 0 1", "BUNDLE 0"),
        FINE.replace("BUNDLE 0 1", "BUNDLE 0 1 2"),
        FINE.replace("BUNDLE 0 1", "LS 0 1"),
        FINE.replace("a=mid:1\r\n", ""),
        FINE.replace("a=mid:1", "a=mid:0"),
        FINE.replace("a=mid:1\r\n", "").replace("a=mid:0", "a=mid:0\r\na=mid:1"),
        FINE.partition("m=")[0],
        FINE.partition("m=")[0] + f"a=fingerprint:sha-256 {STRANGE}\r\n",
    ],
    ids="none two partial stranger synchronised nameless twins twice bare sessionless".split(),
)
def test_more_than_one_transport_is_refused(text: str) -> None:
    """A second transport would have a certificate that nobody looks at."""
    assert "description" == code_of(check_bound, text)


async def test_what_aiortc_writes_can_be_bound() -> None:
    """An offer and its answer, once only one fingerprint is left in each."""
    offering, answering = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    offering.addTransceiver("audio")
    offering.createDataChannel("teleconsult", negotiated=True, id=0)
    try:
        await offering.setLocalDescription(await offering.createOffer())
        offer = without_addresses(offering.localDescription.sdp)
        assert "description" == code_of(check_bound, offer)
        one = with_one_fingerprint(offer)
        check_bound(one)

        await answering.setRemoteDescription(RTCSessionDescription(one, "offer"))
        await answering.setLocalDescription(await answering.createAnswer())
        check_bound(with_one_fingerprint(answering.localDescription.sdp))
    finally:
        await offering.close()
        await answering.close()


def test_a_strange_certificate_does_not_become_one() -> None:
    """Only hashes are left out; two values stay two."""
    assert FINE == with_one_fingerprint(FINE)
    two = FINE + f"a=fingerprint:sha-256 {STRANGE}\r\n"
    assert two == with_one_fingerprint(two)


@given(st.text() | st.lists(st.sampled_from(FINE.splitlines())).map("\r\n".join))
def test_any_text_is_bound_or_refused(text: str) -> None:
    """Nothing but Refused comes of it."""
    assert code_of(check_bound, text) in {None, "description"}


def test_how_loud_a_voice_is_is_not_told_beside_the_sound() -> None:
    """RFC 6464 §4: such an extension is readable to whoever carries the packets."""
    kept = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    cut = (
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on\r\n"
        "a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:csrc-audio-level\r\n"
    )

    assert kept == without_addresses(cut + kept)
