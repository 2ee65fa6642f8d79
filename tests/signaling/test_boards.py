"""Two views of one order."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.boards import Places, doctor_board, on_duty
from signaling.encoding import encode
from signaling.messages import (
    BOARD_TICKETS_MAX,
    CARD_MAX_CHARS,
    FRAME_MAX_BYTES,
    QUEUES_MAX,
    DutyState,
    parse_from_server,
    serialise,
)
from signaling.store import Doctor, Ticket

NOW, AWAKE_S = 1_800_000_000.0, 40.0


def ticket(arrival: int, queue: str = "q", renewed: float = NOW) -> Ticket:
    return Ticket(
        encode(arrival.to_bytes(16)), queue, encode(bytes(16)), arrival, renewed, NOW + 600
    )


def doctor(state: DutyState = "on", card: str | None = None) -> Doctor:
    return Doctor(encode(bytes(16)), frozenset("q"), state, NOW + 40, card)


def ids(queue: list[Ticket]) -> list[str]:
    return [one.id for one in queue]


def test_only_doctors_who_take_a_further_patient_count() -> None:
    """A draining one does not."""
    assert 0 == on_duty([])
    assert 2 == on_duty([doctor(), doctor("draining"), doctor()])


def test_places_start_at_one() -> None:
    """In the order of the queue, each patient's own board under his ticket."""
    queue = [ticket(3), ticket(5), ticket(9)]

    places = Places.of(ids(queue), [doctor(), doctor(), doctor("draining")])

    boards = [places.board(each.id) for each in queue]
    assert [(1, 2), (2, 2), (3, 2)] == [(b.place, b.doctors) for b in boards if b]
    assert None is places.board(ticket(11).id)


def test_a_patients_board_tells_nothing_of_others() -> None:
    """Place, doctors and a coarse wait, and that is all that travels."""
    only = ticket(1)

    board = Places.of([only.id], []).board(only.id)

    assert board is not None
    assert '{"type":"board","doctors":0,"place":1,"band":"unknown"}' == serialise(board)


def test_a_patient_is_told_that_his_queue_takes_nobody_new() -> None:
    """Only then: he keeps his place, and may want to widen."""
    only = ticket(1)
    places = Places.of([only.id], [doctor()])

    boards = [places.board(only.id), places.board(only.id, is_closed=True)]
    assert [(None, "under-10"), (True, "under-10")] == [(b.closed, b.band) for b in boards if b]


@given(st.sets(st.integers(1, 10**9), max_size=30))
def test_both_screens_read_one_order(arrivals: set[int]) -> None:
    """A doctor's rows are his queues by arrival, each with its place in its own queue."""
    tickets = [ticket(arrival, f"q{arrival % 3}") for arrival in sorted(arrivals)]
    queues = [[t for t in tickets if t.queue == f"q{number}"] for number in (2, 0, 1)]
    views = {t.id: Places.of(ids(queue), []).board(t.id) for queue in queues for t in queue}
    places = {key: board.place for key, board in views.items() if board}

    board = doctor_board(queues, len(tickets), [doctor()], NOW, AWAKE_S)

    assert [t.id for t in tickets] == [row.ticket for row in board.tickets or ()]
    assert places == {row.ticket: row.place for row in board.tickets or ()}
    assert len(tickets) == board.waiting


def test_a_sleeping_patient_is_shown_as_such() -> None:
    """By the last sign of life, at the limit still awake."""
    queue = [ticket(1, renewed=NOW - AWAKE_S), ticket(2, renewed=NOW - AWAKE_S - 0.001)]

    board = doctor_board([queue], 2, [], NOW, AWAKE_S)

    assert [True, False] == [row.awake for row in board.tickets or ()]


def test_a_wait_is_shown_to_the_second() -> None:
    """Arrival is finer, to be unique; nobody needs that on a screen."""
    board = doctor_board([[ticket(1_800_000_000_999_999)]], 1, [], NOW, AWAKE_S)

    assert [1_800_000_000] == [row.since for row in board.tickets or ()]


def test_cards_are_shown_without_telling_who_came_first() -> None:
    """Sorted, and only of those who show one."""
    doctors = [doctor(card="b"), doctor(), doctor("draining", card="a")]

    assert ("a", "b") == doctor_board([], 0, doctors, NOW, AWAKE_S).colleagues


def test_a_full_board_fits_a_frame() -> None:
    """A federation's crowd with the largest cards, the longest names: still one message."""
    queue = [ticket(10**15 + n, "q" * 63) for n in range(BOARD_TICKETS_MAX + 1)]
    cards = [f"{n:04}".ljust(CARD_MAX_CHARS, "c") for n in range(1_300)]

    doctors = [doctor(card=card) for card in cards]
    text = serialise(doctor_board([queue], 20_000, doctors, NOW, AWAKE_S))

    assert len(text) <= FRAME_MAX_BYTES
    parse_from_server(text)


def test_a_crowd_of_small_cards_is_a_board_too() -> None:
    """No more cards than a board may carry, rather than no board at all."""
    doctors = [doctor(card=f"{n:04}") for n in range(1_300)]

    board = doctor_board([], 0, doctors, NOW, AWAKE_S)

    assert (1_300, QUEUES_MAX) == (board.doctors, len(board.colleagues or ()))
