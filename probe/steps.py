"""Which step of a round is under way, and how long each takes.

Pure: the clock is an argument. Between the call and the picture two ends act at once; what
both have marked says how far they are together. Looking for addresses counts as ICE, whoever
does it, since that is where a relay that is away makes itself felt.
"""

from collections.abc import Callable, Mapping
from math import inf

from .rounds import Step

Marks = Mapping[str, float]
"""What a peer has marked, and when it last did."""


def step_of(doctor: Marks, patient: Marks) -> Step:
    """Say which step is under way, from the call to the picture."""
    both = (doctor, patient)
    if "called" not in doctor:
        return "claim"
    if any(is_gathering(marks) for marks in both):
        return "ice"
    if not all("sealed" in marks for marks in both):
        return "seal"
    if not all("ice" in marks for marks in both):
        return "ice"
    return "frame" if all("bound" in marks for marks in both) else "dtls"


def is_gathering(marks: Marks) -> bool:
    """Tell whether an end looks for its addresses now."""
    return marks.get("gathers", -inf) > marks.get("gathered", -inf)


class Stopwatch:
    """The step that is under way; one that is gone back to goes on where it was.

    Args:
        clock: seconds, of a clock that nobody sets.
        begins: told of each step that begins.
    """

    def __init__(self, clock: Callable[[], float], begins: Callable[[Step], None]) -> None:
        self.step: Step = "page"
        self._clock, self._begins = clock, begins
        self._since = clock()
        self._taken_s: dict[Step, float] = {}

    def turns_to(self, step: Step) -> None:
        """Go on with this step."""
        if step != self.step:
            self._notes()
            self.step = step
            self._begins(step)

    def taken_ms(self, *, but: Step | None) -> dict[Step, float]:
        """Give the milliseconds of each step, without the one that failed."""
        self._notes()
        return {step: s * 1000 for step, s in self._taken_s.items() if step != but}

    def _notes(self) -> None:
        now = self._clock()
        self._taken_s[self.step] = self._taken_s.get(self.step, 0.0) + now - self._since
        self._since = now
