"""The only log: a closed list of events, counted, with rounded time.

A door: it reads the clock and writes lines. Nothing else can be expressed: an event and
a reason are members of the two lists below, never a text from outside. No address, no
id, no body, no exception's words: of a fault, only the type and our own file and line.

Events of consultations (joined, called, accepted, ended) are not on the list, on
purpose: that a consultation took place is nobody's to write down.

    2026-11-21T21:40Z refused malformed 3
    2026-11-21T21:40Z fault server.py:120 KeyError 1
"""

import logging
import sys
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, cast, get_args

Event = Literal[
    "refused",
    "closed",
    "turned-away",
    "trust",
    "directory",
    "relay",
    "store",
    "node",
    "probe",
    "fault",
    "library",
]
Reason = Literal[
    "",
    # Refusals that strangers cause. The others say that somebody waits, calls or talks.
    "malformed",
    "unproven",
    "not-admitted",
    "too-fast",
    "internal",
    "silent",  # a socket that did not join in time
    "binary",  # a binary frame
    "slow-reader",  # a socket that did not read what it was sent
    "origin",  # a page of another site
    "crowd",  # more sockets than settings allow
    "network",  # more joins from one network than settings allow
    "unreadable",  # a union's file that is not one, or of other pages; a directory that is none
    "stale",  # a union without a list that holds: its doctors are refused
    "died",  # a process of the relay, a node or the probe, by itself: it is started again
    "gone",  # a store that does not answer, for long enough to send everybody elsewhere
    "may-keep",  # a store that could keep what it is given: nobody is let in
    "back",  # a store that is in order again
    "clock",  # a store's clock that jumped
    "hung",  # a round of the probe that did not come back: its row is unknown
]

_EVENTS = frozenset(get_args(Event))
REASONS: frozenset[str] = frozenset(get_args(Reason))
_ROOM = Path(__file__).parent
_HOUSE = _ROOM.parent
ROUNDED_TO_S = 600
"""Lines carry the time rounded down to ten minutes, and counts of those ten minutes."""


class Journal:
    """Counts events and writes them out now and then.

    Args:
        write: takes one line without its end; standard error by default.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        write: Callable[[str], None] | None = None,
        clock: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
    ) -> None:
        self._write = write or (lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201 # this is the log
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._period = self._now()

    def count(self, event: Event, reason: Reason = "") -> None:
        """Count an event of the lists.

        Raises:
            ValueError: for a word that is not on them.
        """
        if event not in _EVENTS or reason not in REASONS:
            raise ValueError("not an event of the journal")
        self._add(f"{event} {reason}".rstrip())

    def count_refusal(self, code: str) -> None:
        """Count a refusal, if its code tells nothing of people who wait, call or talk."""
        if code in REASONS:
            self.count("refused", cast(Reason, code))

    def fault(self, error: BaseException) -> None:
        """Count an unexpected exception by its type and where in our code it rose."""
        self._add(f"fault {_place(error.__traceback__)} {type(error).__name__}")

    def flush(self, *, is_last: bool = False) -> None:
        """Write the counts of a period that is over. To be called now and then."""
        period = self._now()
        if period == self._period and not is_last:
            return
        for line, count in sorted(self._counts.items()):
            self._write(f"{self._period} {line} {count}")
        self._counts.clear()
        self._period = period

    def _add(self, line: str) -> None:
        self._counts[line] += 1

    def _now(self) -> str:
        rounded = self._clock() // ROUNDED_TO_S * ROUNDED_TO_S
        return datetime.fromtimestamp(rounded, UTC).strftime("%Y-%m-%dT%H:%MZ")

    def take_over(self) -> None:
        """Become the only log of this process: libraries are counted, never quoted."""
        logging.root.handlers[:] = [_Deaf(self)]
        logging.root.setLevel(logging.WARNING)
        logging.lastResort = None
        logging.raiseExceptions = False
        for name in list(logging.root.manager.loggerDict):
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True
        warnings.simplefilter("ignore")
        sys.excepthook = lambda _type, error, _traceback: self._last_word(error)
        threading.excepthook = lambda raised: self._add(
            f"fault {_place(raised.exc_traceback)} {raised.exc_type.__name__}"
        )
        sys.unraisablehook = lambda raised: self._add("fault unraisable")

    def _last_word(self, error: BaseException) -> None:
        """Count what ends the process, and write everything while there is time."""
        self.fault(error)
        self.flush(is_last=True)


class _Deaf(logging.Handler):
    """Hears that a library spoke and where an exception came from, never what was said."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            self._journal.fault(error)
        else:
            self._journal.count("library")


def _place(frames: TracebackType | None) -> str:
    """Name the innermost of our own lines in a traceback."""
    ours = [
        frame
        for frame in traceback.extract_tb(frames)
        if Path(frame.filename).is_relative_to(_HOUSE) and ".venv" not in frame.filename
    ]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "-"
