"""The frozen vectors of more than two: computed again, opened, and refused as they say."""

import json

import pytest

from clients.peer import identity, introductions, invites, sealed
from clients.peer.errors import BadLink
from clients.peer.invites import Address, Expectations, Expected, Invite
from clients.peer.sealed import MemberPapers, MemberProposal, Papers, PatientHandshake, Proposal
from clients.peer.sealed_letters import Far
from clients.peer.sealing import unpad
from signaling.encoding import decode, encode
from tests.clients.gathering_vectors import (
    TRUST,
    UNIONS,
    VECTORS,
    Object,
    entry,
    letter_of,
    play,
    read_card,
    said,
)
from tests.clients.seal_cast import code_of, key

RUNS = {run["name"]: run for run in VECTORS["runs"]}
SEAT = b"a seat on a wire"


def with_frozen(monkeypatch: pytest.MonkeyPatch, out: bytes, wanted: bytes) -> None:
    """Let the next encryption come out as the frozen one, if it is of the same text."""

    def seal(public: bytes, info: bytes, text: bytes) -> bytes:
        assert wanted == unpad(text, (8192, 16384))[4:]
        return out

    monkeypatch.setattr(sealed, "seal", seal)


@pytest.mark.parametrize("x", VECTORS["invites"], ids=lambda x: str(x["id"]))
def test_an_invite_is_made_of_its_secret(x: Object) -> None:
    """Id, PSK and what M1 says."""
    invite = invites.of_secret(decode(x["secret"]))

    assert (x["id"], x["psk"], x["token"]) == (encode(invite.id), encode(invite.psk), invite.token)


@pytest.mark.parametrize("x", VECTORS["addresses"], ids=lambda x: str(x["fragment"])[:40])
def test_a_guests_address_is_read_as_frozen(x: Object) -> None:
    """Whole, or not at all."""
    if x["says"] is None:
        with pytest.raises(BadLink):
            invites.read_fragment(x["fragment"])
        return
    says = {name: decode(x["says"][name]) for name in ("secret", "seat", "key")}
    address = Address(x["says"]["pass"], **says)

    assert address == invites.read_fragment(x["fragment"])
    assert x["fragment"] == invites.write_fragment(address)


def asking(run: Object, far: Object) -> PatientHandshake:
    throws = run["asks"]
    invite = Invite(decode(run["invite"]["id"]), decode(run["invite"]["psk"]))
    named = Far(far["role"], None if far["key"] is None else decode(far["key"]))
    return PatientHandshake(
        said(throws["kem_seed"], throws["r"], throws["seed"]),
        invites.link(invite, decode(throws["holder_seed"]), named),
        lambda one, its_list: identity.verify(one, its_list, UNIONS, TRUST["now"]),
    )


def reads(handshake: PatientHandshake, m2: bytes, role: str) -> Proposal | MemberProposal:
    return handshake.read(m2) if role == "doctor" else handshake.read_member(m2)


@pytest.mark.parametrize("name", RUNS)
def test_who_asks_computes_a_run_as_frozen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the same throws come the same M1, M3, digits and resume secret."""
    run = RUNS[name]
    asks, m3 = asking(run, run["far"]), decode(run["m3"])
    letter = json.loads(run["m3_json"])
    assert run["m1"] == encode(asks.m1)

    proposal = reads(asks, decode(run["m2"]), run["far"]["role"])
    with_frozen(monkeypatch, m3[:-32], run["m3_json"].encode())
    acceptance = asks.accept(letter["restarts"], letter["answer"])
    channel = asks.confirm(decode(run["m4"]))

    assert run["digits"] == proposal.digits
    assert run["m3"] == encode(acceptance.m3)
    assert run["resume"] == encode(channel.resume)


@pytest.mark.parametrize("name", RUNS)
def test_who_answers_computes_a_run_as_frozen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the same throws come the same M2, M4, digits and resume secret."""
    run, book = RUNS[name], Expectations()
    throws, letter = run["answers"], json.loads(run["m2_json"])
    signs = key(decode(throws["signing_seed"]).decode().rstrip("-"))
    papers = (
        MemberPapers(run["far"]["role"], signs)
        if throws["identity"] is None
        else Papers(signs, throws["identity"], TRUST["list"])
    )
    invite = Invite(decode(run["invite"]["id"]), decode(run["invite"]["psk"]))
    book.open(Expected(invite, "guest", decode(run["asks"]["holder_thumb"])), 0)
    with_frozen(
        monkeypatch, decode(run["m2"]), run["m2_json"].encode() + decode(run["m2_signature"])
    )
    m2, answering = book.answer(
        said(throws["kem_seed"], throws["r"], throws["seed"]),
        papers,
        decode(run["m1"]),
        SEAT,
        letter["connection"],
        letter["restarts"],
        letter["offer"],
        0,
    )
    confirmation = answering.confirm(decode(run["m3"])).confirmation

    assert run["m2"] == encode(m2)
    assert run["m4"] == encode(confirmation.m4)
    assert run["digits"] == confirmation.digits
    assert run["resume"] == encode(confirmation.channel.resume)


@pytest.mark.parametrize("x", VECTORS["refused"], ids=lambda x: f"{x['run']}: {x['name']}")
def test_an_answer_is_refused_as_frozen(x: Object) -> None:
    """Each with exactly its code."""
    asks = asking(RUNS[x["run"]], x["far"])

    assert x["code"] == code_of(reads, asks, decode(x["m2"]), x["far"]["role"])


@pytest.mark.parametrize("x", VECTORS["introductions"], ids=lambda x: f"{x['asks']}")
def test_two_are_introduced_as_frozen(x: Object) -> None:
    """Of two a doctor answers; of two doctors or two others, who was there before."""
    (asks, ask), (answers, expect) = introductions.introduce(
        said(x["invite"], x["psk"]), entry(x["newcomer"]), entry(x["other"]), decode(x["holder"])
    )

    assert (x["asks"], x["answers"]) == (encode(asks), encode(answers))
    assert x["ask"] == json.loads(introductions.write(ask))
    assert x["expect"] == json.loads(introductions.write(expect))


@pytest.mark.parametrize("x", VECTORS["letters"], ids=lambda x: str(x["text"])[:60])
def test_a_letter_is_read_as_frozen(x: Object) -> None:
    """What it says, nothing for another kind, or a refusal."""
    assert x["code"] == code_of(introductions.read, x["text"])
    if x["code"] is None:
        says = None if x["says"] is None else letter_of(x["says"])
        assert says == introductions.read(x["text"])
    if x["code"] is None and says is not None:
        assert x["says"] == json.loads(introductions.write(says))


@pytest.mark.parametrize("x", VECTORS["rosters"], ids=lambda x: str(x["name"]))
def test_a_roster_goes_as_frozen(x: Object) -> None:
    """Who is refused, who is agreed, who is new, who is late, after each step."""
    play(x)


@pytest.mark.parametrize("x", VECTORS["cards"], ids=lambda x: str(x["name"]))
def test_a_card_is_read_as_frozen(x: Object) -> None:
    """Whose it is, or the code with which it is refused."""
    assert x["code"] == code_of(read_card, x)
    if x["code"] is None:
        colleague, says = read_card(x), x["says"]
        assert says["to"] == encode(colleague.to)
        assert says["device"] == encode(colleague.identity.device_key)
        assert says["secret"] == encode(colleague.secret)
        assert says["card"] == colleague.identity.card.model_dump()
