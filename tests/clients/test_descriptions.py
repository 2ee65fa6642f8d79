"""No address leaves inside a description; candidates travel on their own."""

from clients.peer.descriptions import candidates_of, ice_name, without_addresses

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
