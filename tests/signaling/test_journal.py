"""The journal: a closed list, rounded time, and no words from outside."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import cast, get_args

import pytest

from signaling.journal import ROUNDED_TO_S, Event, Journal, Reason
from signaling.messages import RefusalCode
from tests.clock import Clock

CANARY = "Madame-Lenoir-192.0.2.7"
HOUSE = Path(__file__).parents[2]


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def journal(lines: list[str], clock: Clock) -> Journal:
    return Journal(lines.append, clock)


def reasons() -> list[str]:
    return list(get_args(Reason))


def test_a_line_is_period_event_reason_and_count(
    journal: Journal, lines: list[str], clock: Clock
) -> None:
    """Sorted, so that a line's place tells no order of events."""
    for _ in range(3):
        journal.count("refused", "malformed")
    journal.count("closed", "silent")
    journal.count("library")
    clock.advance(ROUNDED_TO_S)
    journal.flush()

    assert [
        "2027-01-15T08:00Z closed silent 1",
        "2027-01-15T08:00Z library 1",
        "2027-01-15T08:00Z refused malformed 3",
    ] == lines


def test_nothing_is_written_before_its_period_is_over(
    journal: Journal, lines: list[str], clock: Clock
) -> None:
    """A line that comes at its moment would tell the moment."""
    journal.count("refused", "too-fast")
    clock.advance(ROUNDED_TO_S - 1)
    journal.flush()
    assert [] == lines

    clock.advance(1)
    journal.flush()
    journal.flush()

    assert ["2027-01-15T08:00Z refused too-fast 1"] == lines


def test_each_period_counts_for_itself(journal: Journal, lines: list[str], clock: Clock) -> None:
    """And a quiet one leaves no line."""
    for _ in range(2):
        journal.count("library")
        clock.advance(ROUNDED_TO_S)
        journal.flush()
    clock.advance(ROUNDED_TO_S)
    journal.flush()

    assert ["2027-01-15T08:00Z library 1", "2027-01-15T08:10Z library 1"] == lines


def test_the_last_flush_writes_what_there_is(journal: Journal, lines: list[str]) -> None:
    """A server that stops leaves nothing uncounted."""
    journal.count("library")

    journal.flush(is_last=True)

    assert ["2027-01-15T08:00Z library 1"] == lines


@pytest.mark.parametrize("event", [*get_args(Event)])
def test_every_event_of_the_list_is_counted(
    journal: Journal, lines: list[str], event: Event
) -> None:
    """With nothing beside it."""
    journal.count(event)
    journal.flush(is_last=True)

    assert [f"2027-01-15T08:00Z {event} 1"] == lines


@pytest.mark.parametrize("reason", reasons())
def test_every_reason_of_the_list_is_counted(
    journal: Journal, lines: list[str], reason: Reason
) -> None:
    """With its event before it."""
    journal.count("refused", reason)
    journal.flush(is_last=True)

    assert [f"2027-01-15T08:00Z refused {reason}".rstrip() + " 1"] == lines


@pytest.mark.parametrize("code", get_args(RefusalCode))
def test_no_refusal_tells_that_somebody_waits_or_talks(
    journal: Journal, lines: list[str], code: str
) -> None:
    """Counted are those that a stranger can cause; `away` would tell of a session."""
    journal.count_refusal(code)
    journal.flush(is_last=True)

    strangers = {"malformed", "unproven", "not-admitted", "too-fast", "internal"}
    assert (code in strangers) == bool(lines)


@pytest.mark.parametrize(
    ("event", "reason"), [(CANARY, ""), ("refused", CANARY), ("", ""), ("refused", "full ")]
)
def test_nothing_beside_the_list_can_be_said(
    journal: Journal, lines: list[str], event: str, reason: str
) -> None:
    """A text from outside is refused, and the refusal does not quote it."""
    with pytest.raises(ValueError, match="not an event of the journal") as raised:
        journal.count(cast(Event, event), cast(Reason, reason))
    journal.flush(is_last=True)

    assert [] == lines
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("word", ["joined", "called", "accepted", "ended", "session", "patient"])
def test_that_a_consultation_took_place_is_no_event(journal: Journal, word: str) -> None:
    """It is nobody's to write down."""
    with pytest.raises(ValueError, match="not an event"):
        journal.count(cast(Event, word))


def test_a_fault_is_a_type_and_a_place_of_ours(journal: Journal, lines: list[str]) -> None:
    """File and line of the innermost frame of our code; never the words."""
    try:
        Path(f"/nowhere/{CANARY}").read_text()
    except FileNotFoundError as error:
        at = error.__traceback__
        assert at is not None
        journal.fault(error)
        line = at.tb_lineno
    journal.flush(is_last=True)

    assert [f"2027-01-15T08:00Z fault test_journal.py:{line} FileNotFoundError 1"] == lines


def test_a_fault_elsewhere_has_no_place(journal: Journal, lines: list[str]) -> None:
    """One that never rose, and a library's own."""
    journal.fault(KeyError(CANARY))
    journal.flush(is_last=True)

    assert ["2027-01-15T08:00Z fault - KeyError 1"] == lines


def printed_by(script: str) -> str:
    """Run a process whose journal has taken over, and return all that it printed."""
    start = f"""
        import asyncio, logging, sys, threading, warnings
        from signaling.journal import Journal
        CANARY = {CANARY!r}
        early = logging.getLogger("early")
        early.addHandler(logging.StreamHandler())
        early.propagate = False
        journal = Journal(clock=lambda: 1_800_000_000.0)
        journal.take_over()
    """
    end = "\njournal.flush(is_last=True)\n"
    code = textwrap.dedent(start) + textwrap.dedent(script) + end
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, timeout=30
    )
    assert "" == done.stdout
    return done.stderr


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("logging.getLogger('aiohttp.server').error('from %s', CANARY)", "library"),
        ("logging.getLogger('new').critical(CANARY)", "library"),
        ("early.warning(CANARY)", "library"),
        ("logging.warning(CANARY, stack_info=True)", "library"),
        ("logging.warning('%d', CANARY)", "library"),
        (
            """
            try:
                raise RuntimeError(CANARY)
            except RuntimeError:
                logging.getLogger('aiohttp').exception('failed for %s', CANARY)
            """,
            "fault - RuntimeError",
        ),
        (
            """
            async def fails():
                raise OSError(CANARY)
            async def main():
                task = asyncio.create_task(fails())
                await asyncio.sleep(0)
                del task
            asyncio.run(main())
            """,
            "fault - OSError",
        ),
        (
            """
            def fails():
                raise LookupError(CANARY)
            thread = threading.Thread(target=fails, name=CANARY)
            thread.start()
            thread.join()
            """,
            "fault - LookupError",
        ),
        (
            """
            class Odd:
                def __del__(self):
                    raise RuntimeError(CANARY)
            Odd()
            """,
            "fault unraisable",
        ),
        ("raise ValueError(CANARY)", "fault - ValueError"),
    ],
    ids=[
        "library",
        "new logger",
        "early logger",
        "stack",
        "bad format",
        "exception",
        "task",
        "thread",
        "unraisable",
        "crash",
    ],
)
def test_whatever_libraries_say_only_counts_come_out(script: str, line: str) -> None:
    """A canary in a log record, an exception, a thread or a crash never reaches the output."""
    assert f"2027-01-15T08:00Z {line} 1\n" == printed_by(script)


def test_a_warning_is_silent() -> None:
    """It may quote what it warns of, and nobody reads it."""
    assert "" == printed_by("warnings.warn(CANARY)")


def test_debug_and_information_are_not_even_counted() -> None:
    """Libraries speak often; the journal says what needs somebody's eye."""
    assert "" == printed_by("logging.getLogger('aiohttp.access').info(CANARY)")
