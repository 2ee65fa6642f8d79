"""The keys of a probe: what its two ends need to meet in the probe's own queue.

Pure. As text they are two lines, in any order: the keyring of the doctor, alone or as his
address, and the link by which the patient enters. Whoever reads them can be the probe, until
the union takes that back; nothing here is ever put into an exception.

`clients/union/README.md`, *A probe, and union staff*.
"""

from dataclasses import dataclass, field

from clients.union import keyring
from clients.union.errors import Unreadable

from . import link as links
from .errors import BadLink

TEXT_MAX_CHARS = 2048
"""Two addresses, of which neither has more than half."""


@dataclass(frozen=True, slots=True)
class ProbeKeys:
    """The link of the probe's patient, and the seed of its doctor's keys."""

    link: str = field(repr=False)
    seed: bytes = field(repr=False)

    @property
    def doctor(self) -> str:
        """The address of the doctor, on the same service as the link."""
        return f"{links.parse(self.link).origin}/doctor#{keyring.write(self.seed)}"


def write(seed: bytes) -> str:
    """Write the first line, which is all there is before the union has answered."""
    return keyring.write(seed) + "\n"


def seed_of(text: str) -> bytes:
    """Read the seed alone.

    Raises:
        BadLink: there is none, or more than one.
    """
    found = [line for line in _lines(text) if keyring.PREFIX in line]
    if len(found) != 1:
        raise BadLink(
            "The keys of the probe are one line that has key1. in it. "
            "Make them with: teleconsult probe enrol FILE"
        )
    address, hash_, fragment = found[0].rpartition("#")
    try:
        if hash_:
            return links.parse(f"{address}#{fragment}").keyring
        return keyring.read(fragment)
    except Unreadable:
        raise BadLink("The probe's keyring is damaged or cut short; copy it whole.") from None


def read(text: str) -> ProbeKeys:
    """Read both lines.

    Raises:
        BadLink: one is missing or damaged, or they do not belong together.
    """
    seed = seed_of(text)
    others = [line for line in _lines(text) if keyring.PREFIX not in line]
    if not others:
        raise BadLink(
            "The probe has no link yet: add, as a second line, the one that "
            "`teleconsult union issue --role probe` printed."
        )
    if len(others) > 1:
        raise BadLink("The probe has one link; there is more than that beside its keys.")
    link = links.parse(others[0])
    if link.role != "patient" or link.capability is None or link.capability.leads_to != "probe":
        raise BadLink("The probe's link must lead to a queue of the probe, and not to people's.")
    for line in _lines(text):
        if line.startswith("http") and links.parse(line).origin != link.origin:
            raise BadLink("The two addresses of the probe are of two services.")
    return ProbeKeys(others[0], seed)


def _lines(text: str) -> list[str]:
    if len(text) > TEXT_MAX_CHARS:
        raise BadLink("This is longer than the keys of any probe.")
    return text.split()
