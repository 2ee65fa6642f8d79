"""What may be said next: every state with every message, and no way into a dead end."""

from itertools import product
from typing import get_args

import pytest

from signaling.conversation import (
    MAY_SAY,
    MOVED_BY_HEARING,
    MOVED_BY_SAYING,
    Conversation,
    State,
    heard,
    said,
)
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Call,
    Called,
    ClientMessage,
    Duty,
    Ended,
    Envelope,
    Hello,
    Invite,
    Invited,
    Join,
    Joined,
    Leave,
    Propose,
    Proposed,
    Refused,
    Renew,
    ServerMessage,
)

ID = "i" * 21 + "A"
STATES: tuple[State, ...] = get_args(State)
ENTERED: tuple[State, ...] = (
    "waiting",
    "off",
    "on",
    "patient-in-session",
    "doctor-in-session",
    "guest-in-session",
)
"""Where the waiting room may put a person who has joined."""

WORDS: dict[str, ClientMessage] = {
    "join": Join(token="t", proof="p" * 128),
    "renew": Renew(),
    "duty on": Duty(state="on"),
    "duty draining": Duty(state="draining"),
    "duty off": Duty(state="off"),
    "call": Call(queue="q"),
    "propose": Propose(call=ID, m2="a"),
    "accept": Accept(call=ID, m3="a"),
    "envelope": Envelope(member=ID, body="a"),
    "invite": Invite(role="guest"),
    "leave call": Leave(what="call"),
    "leave queue": Leave(what="queue"),
    "leave session": Leave(what="session"),
}
TOLD: dict[str, ServerMessage] = {
    "hello": Hello(challenge=ID, now=0),
    "joined": Joined(now=0),
    "board": Board(doctors=0),
    "called": Called(call=ID, ticket=ID, m1="a", deadline=0),
    "proposed": Proposed(call=ID, m2="a", deadline=0),
    "accepted": Accepted(session=ID, member=ID, members=()),
    "envelope": Envelope(member=ID, body="a"),
    "invited": Invited(token="t", role="guest"),
    "refused": Refused(code="full", text=""),
    "ended call": Ended(what="call", outcome="late"),
    "ended queue": Ended(what="queue", outcome="left"),
    "ended session": Ended(what="session", outcome="left"),
    "ended duty": Ended(what="duty", outcome="drained"),
    "ended socket": Ended(what="socket", outcome="replaced"),
}


def at(state: State) -> Conversation:
    conversation = Conversation()
    conversation.entered(state)
    return conversation


def test_a_conversation_starts_new() -> None:
    """Nobody is anybody before joining."""
    assert "new" == Conversation().state


@pytest.mark.parametrize(("state", "word"), [*product(STATES, WORDS)])
def test_only_what_the_table_lists_may_be_said(state: State, word: str) -> None:
    """Every state with every message: allowed exactly as written."""
    message = WORDS[word]

    assert (said(message) in MAY_SAY[state]) == at(state).may_say(message)


@pytest.mark.parametrize(("state", "word"), [*product(STATES, WORDS)])
def test_a_persons_word_moves_as_the_table_says(state: State, word: str) -> None:
    """And changes nothing where it says nothing."""
    conversation = at(state)

    conversation.says(WORDS[word])

    assert MOVED_BY_SAYING.get((state, word), state) == conversation.state


@pytest.mark.parametrize(("state", "word"), [*product(STATES, TOLD)])
def test_what_a_person_is_told_moves_as_the_table_says(state: State, word: str) -> None:
    """And changes nothing where it says nothing."""
    conversation = at(state)

    conversation.hears(TOLD[word])

    assert MOVED_BY_HEARING.get((state, word), state) == conversation.state


def test_the_tables_speak_of_real_states_and_messages_only() -> None:
    """A misspelt row would never be noticed otherwise."""
    moves = MOVED_BY_SAYING | MOVED_BY_HEARING

    assert set(STATES) == set(MAY_SAY)
    assert {said(message) for message in WORDS.values()} == frozenset().union(*MAY_SAY.values())
    assert {state for state, _ in moves} | set(moves.values()) <= set(STATES)
    assert {word for _, word in MOVED_BY_SAYING} <= set(WORDS)
    assert {word for _, word in MOVED_BY_HEARING} <= set(TOLD)
    assert TOLD == {heard(message): message for message in TOLD.values()}


def test_a_word_that_moves_may_be_said() -> None:
    """No row of `MOVED_BY_SAYING` is out of reach."""
    for state, word in MOVED_BY_SAYING:
        assert at(state).may_say(WORDS[word])


def ways_out(state: State) -> set[State]:
    moves = MOVED_BY_SAYING | MOVED_BY_HEARING
    return {after for (before, _), after in moves.items() if before == state} - {state}


def test_no_state_but_gone_is_a_dead_end() -> None:
    """Wherever a person is, something may be said, and some word leads elsewhere."""
    assert not MAY_SAY["gone"] and not ways_out("gone")
    for state in STATES:
        if state not in ("new", "gone"):
            assert MAY_SAY[state], state
            assert ways_out(state), state


def test_every_state_is_reached() -> None:
    """From where people enter, by what they say and hear."""
    reached: set[State] = {"new", *ENTERED}
    while more := {after for state in reached for after in ways_out(state)} - reached:
        reached |= more

    assert set(STATES) == reached


def test_everybody_inside_may_give_a_sign_of_life() -> None:
    """No state lets a pass run out by forbidding to renew it."""
    for state in STATES:
        assert (state in ("new", "gone")) != ("renew" in MAY_SAY[state])


def test_everybody_inside_may_leave() -> None:
    """A patient gives up or hangs up at every step; a doctor steps back at every step."""
    leaving = {"leave queue", "leave call", "leave session", "duty"}

    for state in STATES:
        assert state in ("new", "gone") or MAY_SAY[state] & leaving


def test_envelopes_pass_only_in_a_session() -> None:
    """The one span in which the broker has work."""
    assert {"patient-in-session", "doctor-in-session", "guest-in-session"} == {
        state for state in STATES if "envelope" in MAY_SAY[state]
    }
