"""How long a patient may still have to wait: a band, never a number.

Pure. It is made of what the waiting room knows anyway, the place and the doctors on duty,
and of one assumption: `CONSULTATION_MIN`. No pace of a queue is measured. Such a figure
would say when consultations took place, and in a queue with one doctor how that doctor
works; both are nobody's to keep (`DATA.md`).

What the pages tell people of it is `band…` in `clients/web/src/words/`.
"""

from collections.abc import Iterable
from typing import Literal

from .capability import looks_personal
from .store import Doctor

Band = Literal["unknown", "under-10", "10-to-30", "over-30"]
"""In minutes. A page that does not know the word shows it as unknown."""

CONSULTATION_MIN = 12.0
"""From one call to the next, in minutes: teleconsultations commonly take 8 to 15."""

SHARED = 0.5
"""What a doctor counts here who serves other queues too. His own links count as no queue."""

_BANDS: tuple[tuple[float, Band], ...] = ((10.0, "under-10"), (30.0, "10-to-30"))


def strength_of(doctors: Iterable[Doctor]) -> float:
    """Count the doctors who take a further patient, less who divide themselves."""
    return sum(
        1.0 if sum(not looks_personal(queue) for queue in doctor.queues) <= 1 else SHARED
        for doctor in doctors
        if doctor.state == "on"
    )


def band_of(place: int, strength: float) -> Band:
    """Say in which band the wait of this place falls.

    Each doctor is taken to be half through a consultation: the first in line waits half of
    one, divided among the doctors, everybody behind him one more.
    """
    if strength <= 0:
        return "unknown"
    minutes = (place - 0.5) * CONSULTATION_MIN / strength
    return next((band for below, band in _BANDS if minutes < below), "over-30")
