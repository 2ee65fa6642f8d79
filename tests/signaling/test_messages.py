"""The wire: what parses, what does not, and that nothing else ever happens."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from signaling import messages as wire
from signaling.encoding import encode
from signaling.messages import Malformed, parse, parse_from_server, serialise

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ID = "i" * 21 + "A"
PROOF = "p" * 128
CANARY = "Madame-Lenoir"

Json = dict[str, Any]  # a message as JSON sees it, on its way to being refused or not


def letters(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(BASE64URL, min_size=least, max_size=most)


ids = st.binary(min_size=16, max_size=16).map(encode)
queues = letters(1, 63)
tokens = st.text(BASE64URL + ".", min_size=1, max_size=64)
bodies = letters(1, 200)
seconds = st.floats(0, 1e10, allow_nan=False)
relays = st.builds(
    wire.Relay,
    urls=st.lists(
        st.from_regex(
            r"turns?:([a-z0-9.-]{1,40}|\[[0-9a-f:]{2,20}\]):[0-9]{1,5}\?transport=(ud|tc)p",
            fullmatch=True,
        ),
        min_size=1,
        max_size=wire.RELAY_URLS_MAX,
    ).map(tuple),
    username=st.text(min_size=1, max_size=128),
    password=st.text(min_size=1, max_size=128),
    expires_at=seconds,
    only=st.booleans(),
)
members = st.builds(wire.Member, member=ids, role=st.sampled_from(get_args(wire.MemberRole)))
rows = st.builds(
    wire.Waiting,
    ticket=ids,
    queue=queues,
    place=st.integers(1, 10**6),
    since=seconds,
    awake=st.booleans(),
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


envelopes = st.builds(wire.Envelope, member=ids, body=bodies)
from_clients: st.SearchStrategy[BaseModel] = st.one_of(
    st.builds(
        wire.Join,
        token=tokens,
        proof=letters(128, 128),
        keep_pass=maybe(tokens),
        m1=maybe(bodies),
    ),
    st.builds(wire.Renew, m1=maybe(bodies)),
    st.builds(
        wire.Duty,
        state=st.sampled_from(get_args(wire.DutyState)),
        queues=st.lists(queues, max_size=wire.QUEUES_MAX).map(tuple),
        card=maybe(bodies),
    ),
    st.builds(wire.Call, queue=queues),
    st.builds(wire.Call, ticket=ids),
    st.builds(wire.Propose, call=ids, m2=bodies),
    st.builds(wire.Accept, call=ids, m3=bodies),
    envelopes,
    st.builds(wire.Invite, role=st.just("guest")),
    st.builds(wire.Invite, role=st.just("colleague"), to=ids),
    st.builds(wire.Leave, what=st.sampled_from(["call", "queue"])),
    st.builds(
        wire.Leave,
        what=st.just("session"),
        member=maybe(ids),
        then=st.sampled_from(["end", "requeue"]),
    ),
)
from_server: st.SearchStrategy[BaseModel] = st.one_of(
    st.builds(wire.Hello, challenge=ids, now=seconds),
    st.builds(
        wire.Joined,
        token=maybe(tokens),
        queues=st.lists(queues, max_size=4).map(tuple),
        relay=maybe(relays),
        now=seconds,
    ),
    st.builds(
        wire.Board,
        doctors=st.integers(0, 2_000),
        place=maybe(st.integers(1, 10**6)),
        band=maybe(st.text(max_size=16)),
        closed=maybe(st.booleans()),
        waiting=maybe(st.integers(0, 10**6)),
        tickets=maybe(st.lists(rows, max_size=4).map(tuple)),
        colleagues=maybe(st.lists(bodies, max_size=4).map(tuple)),
    ),
    st.builds(wire.Called, call=ids, ticket=ids, m1=bodies, relay=maybe(relays), deadline=seconds),
    st.builds(wire.Proposed, call=ids, m2=bodies, deadline=seconds),
    st.builds(
        wire.Accepted,
        session=ids,
        token=maybe(tokens),
        relay=maybe(relays),
        member=ids,
        members=st.lists(members, max_size=wire.MEMBERS_MAX).map(tuple),
        m3=maybe(bodies),
    ),
    envelopes,
    st.builds(wire.Invited, token=tokens, role=st.sampled_from(get_args(wire.InviteRole))),
    st.builds(
        wire.Ended,
        what=st.sampled_from(["call", "queue", "session", "duty", "socket"]),
        outcome=st.sampled_from(get_args(wire.Outcome)),
    ),
    st.builds(
        wire.Refused,
        code=st.sampled_from(get_args(wire.RefusalCode)),
        text=st.text(),
        of=maybe(st.text()),
        retry_s=maybe(seconds),
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = sorted(
    {name for model in get_args(get_args(wire.ClientMessage)[0]) for name in model.model_fields}
)
TYPES = [model.model_fields["type"].default for model in get_args(get_args(wire.ClientMessage)[0])]
nearly_messages = st.builds(
    lambda type_, others: json.dumps({**others, "type": type_}),
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4),
)


def either(text: str | bytes) -> None:
    """A message or our error: any other exception fails the test."""
    for read in (parse, parse_from_server):
        try:
            read(text)
        except Malformed as error:
            assert "not a message of this protocol" == str(error)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    """No bytes raise anything but `Malformed`."""
    either(data)


@given(st.text(st.characters(), max_size=400))
def test_any_text_is_a_message_or_malformed(text: str) -> None:
    """No text does, lone surrogates included."""
    either(text)


@given(json_values)
def test_any_json_is_a_message_or_malformed(value: object) -> None:
    """No JSON value does."""
    either(json.dumps(value))


@given(nearly_messages)
def test_any_values_in_our_fields_are_a_message_or_malformed(text: str) -> None:
    """Our own types and keys with anything in them do not either."""
    either(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"join"',
        "{",
        '{"type":"join"}{"type":"join"}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"type":"renew"}' + "\0",
        '{"type":"renew","m1":NaN}',
        b'{"type":"renew","m1":"\xff"}',
        b"\xef\xbb\xbf" + b'{"type":"renew"}',
        "\ud800",
    ],
    ids=range(13),
)
def test_what_is_not_one_json_object_is_malformed(text: str | bytes) -> None:
    """Empty, cut, doubled, nested without end, not UTF-8."""
    with pytest.raises(Malformed):
        parse(text)


@given(from_clients)
def test_a_client_message_survives_the_wire(message: BaseModel) -> None:
    """`parse` undoes `serialise`."""
    assert message == parse(serialise(message))


@given(from_server)
def test_a_server_message_survives_the_wire(message: BaseModel) -> None:
    """`parse_from_server` undoes `serialise`."""
    assert message == parse_from_server(serialise(message))


@given(from_clients, st.text(), json_values)
def test_the_server_refuses_keys_that_it_did_not_ask_for(
    message: BaseModel, key: str, value: object
) -> None:
    """What we did not ask for, we do not accept."""
    text = json.loads(serialise(message))
    known = {field.alias or name for name, field in type(message).model_fields.items()}

    if key not in known:
        with pytest.raises(Malformed):
            parse(json.dumps({**text, key: value}))


def widened(value: object) -> object:
    """Add a key to every object inside a JSON value."""
    if isinstance(value, dict):
        return {"surprise": [1], **{key: widened(inner) for key, inner in value.items()}}
    return [widened(inner) for inner in value] if isinstance(value, list) else value


@given(from_server)
def test_clients_ignore_keys_that_a_newer_server_added(message: BaseModel) -> None:
    """At every depth."""
    text = json.dumps(widened(json.loads(serialise(message))))

    assert message == parse_from_server(text)


@given(from_clients)
def test_clients_do_not_take_each_others_words(message: BaseModel) -> None:
    """Only an envelope reads the same in both directions."""
    if not isinstance(message, wire.Envelope):
        with pytest.raises(Malformed):
            parse_from_server(serialise(message))


@given(from_server)
def test_the_server_does_not_take_its_own_words(message: BaseModel) -> None:
    """A client cannot say what only the server says."""
    if not isinstance(message, wire.Envelope):
        with pytest.raises(Malformed):
            parse(serialise(message))


def test_absent_fields_do_not_travel() -> None:
    """`null` is written nowhere, and a pass is called `pass`."""
    assert '{"type":"renew"}' == serialise(wire.Renew())
    assert {"type": "joined", "pass": "t", "queues": [], "now": 0.0} == json.loads(
        serialise(wire.Joined(token="t", now=0))
    )


JOIN: Json = {"type": "join", "token": "t", "proof": PROOF}
DUTY: Json = {"type": "duty", "state": "on"}
PROPOSE: Json = {"type": "propose", "call": ID, "m2": "a"}
ACCEPT: Json = {"type": "accept", "call": ID, "m3": "a"}
ENVELOPE: Json = {"type": "envelope", "member": ID, "body": "a"}
BOUNDS: list[tuple[Json, str, object, object]] = [
    (JOIN, "token", "t", ""),
    (JOIN, "token", "t" * 1024, "t" * 1025),
    (JOIN, "proof", PROOF, PROOF[1:]),
    (JOIN, "proof", PROOF, PROOF + "p"),
    (JOIN, "keep_pass", "t" * 1024, "t" * 1025),
    (JOIN, "m1", "a", ""),
    (JOIN, "m1", "a" * wire.M1_MAX_CHARS, "a" * (wire.M1_MAX_CHARS + 1)),
    ({"type": "renew"}, "m1", "a" * wire.M1_MAX_CHARS, "a" * (wire.M1_MAX_CHARS + 1)),
    (DUTY, "queues", ["q"] * wire.QUEUES_MAX, ["q"] * (wire.QUEUES_MAX + 1)),
    (DUTY, "queues", ["q"], [""]),
    (DUTY, "queues", ["q" * 63], ["q" * 64]),
    (DUTY, "card", "a" * wire.CARD_MAX_CHARS, "a" * (wire.CARD_MAX_CHARS + 1)),
    ({"type": "call"}, "queue", "q", ""),
    ({"type": "call"}, "queue", "q" * 63, "q" * 64),
    ({"type": "call"}, "ticket", ID, ID[1:]),
    ({"type": "call"}, "ticket", ID, ID + "i"),
    (PROPOSE, "m2", "a" * wire.M2_MAX_CHARS, "a" * (wire.M2_MAX_CHARS + 1)),
    (ACCEPT, "m3", "a" * wire.M3_MAX_CHARS, "a" * (wire.M3_MAX_CHARS + 1)),
    (ENVELOPE, "body", "a", ""),
    (ENVELOPE, "body", "a" * wire.ENVELOPE_MAX_CHARS, "a" * (wire.ENVELOPE_MAX_CHARS + 1)),
    (ENVELOPE, "member", ID, ID + "\n"),
    ({"type": "invite", "role": "colleague"}, "to", ID, ID[1:]),
    ({"type": "leave", "what": "session"}, "member", ID, ID[1:]),
    ({"type": "leave", "what": "session"}, "path", "unconnected", "unconnecte"),
]


@pytest.mark.parametrize(("stem", "field", "within", "beyond"), BOUNDS)
def test_a_bound_holds_from_both_sides(
    stem: Json, field: str, within: object, beyond: object
) -> None:
    """The last good value parses, the first bad one does not."""
    parse(json.dumps({**stem, field: within}))

    with pytest.raises(Malformed):
        parse(json.dumps({**stem, field: beyond}))


HELLO: Json = {"type": "hello", "challenge": ID, "now": 0}
BOARD: Json = {"type": "board", "doctors": 0}
ROW: Json = {"ticket": ID, "queue": "q", "place": 1, "since": 0, "awake": True}
SEAT: Json = {"member": ID, "role": "guest"}
ACCEPTED: Json = {"type": "accepted", "session": ID, "member": ID, "members": []}
URL = "turns:[2001:db8::1]:443?transport=tcp"
RELAY: Json = {"urls": [URL], "username": "u", "password": "p", "expires_at": 0, "only": True}
SERVER_BOUNDS: list[tuple[Json, str, object, object]] = [
    (HELLO, "now", 0, -0.001),
    (HELLO, "now", 99_999_999_999, 100_000_000_000),
    (BOARD, "doctors", 0, -1),
    (BOARD, "place", 1, 0),
    (BOARD, "waiting", 0, -1),
    (BOARD, "band", "b" * 16, "b" * 17),
    (BOARD, "tickets", [ROW] * wire.BOARD_TICKETS_MAX, [ROW] * (wire.BOARD_TICKETS_MAX + 1)),
    (BOARD, "tickets", [ROW], [{**ROW, "place": 0}]),
    (ACCEPTED, "members", [SEAT] * wire.MEMBERS_MAX, [SEAT] * (wire.MEMBERS_MAX + 1)),
    (ACCEPTED, "relay", RELAY, {**RELAY, "urls": []}),
    (ACCEPTED, "relay", {**RELAY, "urls": [URL] * 8}, {**RELAY, "urls": [URL] * 9}),
    (ACCEPTED, "relay", RELAY, {**RELAY, "urls": ["https://example.fr:443?transport=tcp"]}),
    (ACCEPTED, "relay", RELAY, {**RELAY, "password": "p" * 129}),
    (ACCEPTED, "relay", RELAY, {**RELAY, "username": ""}),
    ({"type": "refused", "code": "full", "text": ""}, "retry_s", 0, -1),
]


@pytest.mark.parametrize(("stem", "field", "within", "beyond"), SERVER_BOUNDS)
def test_a_bound_of_ours_holds_from_both_sides(
    stem: Json, field: str, within: object, beyond: object
) -> None:
    """A client believes no place 0, no crowd of five, no time before 1970."""
    parse_from_server(json.dumps({**stem, field: within}))

    with pytest.raises(Malformed):
        parse_from_server(json.dumps({**stem, field: beyond}))


@pytest.mark.parametrize("letter", ["+", "/", "=", ".", " ", "\n", "é", "\0", "٣"])
def test_a_body_has_only_the_letters_of_base64url(letter: str) -> None:
    """Nothing that means something elsewhere can travel in a body."""
    with pytest.raises(Malformed):
        parse(json.dumps({**ENVELOPE, "body": "a" + letter}))


@pytest.mark.parametrize(
    "message",
    [
        {"type": "call", "queue": "q", "ticket": ID},
        {"type": "call", "queue": "q", "ticket": ID},
        {"type": "invite", "role": "colleague"},
        {"type": "invite", "role": "guest", "to": ID},
        {"type": "invite", "role": "doctor", "to": ID},
        {"type": "leave", "what": "queue", "then": "requeue"},
        {"type": "leave", "what": "call", "member": ID},
        {"type": "leave", "what": "duty"},
        {"type": "leave", "what": "queue", "path": "direct"},
        {"type": "leave", "what": "call", "path": "unconnected"},
        {"type": "leave", "what": "session", "path": "192.0.2.1"},
        {"type": "leave", "what": "session", "path": "untold"},
        {"type": "leave", "what": "session", "path": ""},
        {"type": "leave", "what": "session", "path": ["direct"]},
        {"type": "leave", "what": "session", "path": 1},
        {"type": "duty", "state": "away"},
        {"type": "duty", "state": "on", "queues": "q"},
        {"type": "envelope", "member": 7, "body": "a"},
        {"type": "Renew"},
        {"type": ["renew"]},
    ],
    ids=str,
)
def test_fields_that_do_not_go_together_are_malformed(message: Json) -> None:
    """A call names a queue or a ticket, a colleague has a key, only a session has members.

    What a leaver says of the media is one of three words, and no place to put an address in.
    """
    with pytest.raises(Malformed):
        parse(json.dumps(message))


def test_a_refusal_to_parse_quotes_nothing() -> None:
    """What somebody sent is in no sentence and in no chained cause that would be printed."""
    with pytest.raises(Malformed) as raised:
        parse(json.dumps({**ENVELOPE, "body": f"!{CANARY}"}))

    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_every_message_fits_the_largest_frame() -> None:
    """The heaviest of each body stays below what a socket takes."""
    heaviest: list[BaseModel] = [
        wire.Propose(call=ID, m2="a" * wire.M2_MAX_CHARS),
        wire.Accept(call=ID, m3="a" * wire.M3_MAX_CHARS),
        wire.Envelope(member=ID, body="a" * wire.ENVELOPE_MAX_CHARS),
        wire.Join(token="t" * 1024, proof=PROOF, keep_pass="t" * 1024, m1="a" * wire.M1_MAX_CHARS),
        wire.Duty(state="on", queues=("q" * 63,) * wire.QUEUES_MAX, card="a" * wire.CARD_MAX_CHARS),
    ]

    assert [] == [m for m in heaviest if len(serialise(m)) > wire.FRAME_MAX_BYTES]
