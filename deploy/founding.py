"""A union for a demonstration: founded at start, gone with the folder it is in.

A door: it writes keys and files into a folder of its own, as union staff would. Anybody who
reads that folder is this union, so that what is served for real refuses it
(`sources.refuse_demo`): its `union.json` says what it is.
"""

import secrets
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from clients.union import credentials, keyring, links
from clients.union.errors import UnionError
from clients.union.files import PASSPHRASE_FILE, SECRET, write
from clients.union.office import Office, Order
from signaling.directory import Directory

NAME = "Union de démonstration"
CARD = credentials.Card("Dr Camille Démo", "Médecine générale")
STAFF = Order(credentials.Card("Équipe de démonstration", "Équipe"), (), role="staff")
PROBE = Order(credentials.Card("Sonde de démonstration", "Sonde"), (), role="probe")
CHEAP_LOG2_N = 10
"""Nobody need guess this passphrase: it lies beside what it protects."""

DAYS = 30
RENEWED_S = 7 * credentials.DAY_S
"""So long before its end the doctor's enrolment is renewed."""

SIGNED_AGAIN_S = 6 * 3600
"""A list lives for a day."""

LINK_LIFETIME_S = 24 * 3600
"""As long as a counted link may live at most."""

OWN_USES = links.USES_MAX
"""People who try something out try it again."""


class Founded:
    """A union with one doctor, one staff member and one probe, each of one seed of keys.

    Args:
        folder: an empty one. The server is given `trust`, in which the union's own folder is
            linked, so that what staff publishes is served at once.
        origin: where the pages really are.
        queues: the service's; the doctor serves as many of them as a credential can name.
        link_window_s: how long the server lets a counted link be open.
        clock: seconds since 1970, of this machine: it goes on while the machine sleeps.

    Raises:
        UnionError: a queue or the origin is nothing that a union can vouch for.
    """

    def __init__(
        self,
        folder: Path,
        origin: str,
        queues: Sequence[str],
        link_window_s: float = links.WINDOW_MAX_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        passphrase = secrets.token_urlsafe(24)
        self._clock = clock
        self._keyring_seed, self._staff_seed, self._probe_seed = (
            secrets.token_bytes(keyring.SEED_BYTES) for _ in range(3)
        )
        self._queue, self._link_window_s = queues[0], link_window_s
        self._pool_links: dict[str, str] = {}
        self.passphrase_file = folder / "passphrase"
        write(self.passphrase_file, passphrase.encode() + b"\n", SECRET)
        self.folder, self.trust = folder / "union", folder / "trust"
        self.office = Office(self.folder, lambda _: passphrase, clock, log2_n=CHEAP_LOG2_N)
        self.union = self.office.init(NAME, origin, is_demo=True)
        self.queues = self._enrol_for(tuple(queues))
        self._probe_link = self._enrol_others()
        self._signed_at = clock()
        self.trust.mkdir(exist_ok=True)
        (self.trust / self.union.id).symlink_to(self.folder.resolve())

    def keep_fresh(self) -> None:
        """Sign lists, and renew all enrolments, long before they end; call it often."""
        now = self._clock()
        if self._enrolled_until - now < RENEWED_S:
            self._enrol_for(self.queues)
            self._enrol_others()
        elif 0 <= now - self._signed_at < SIGNED_AGAIN_S:
            return
        else:
            self.office.list()
        self._signed_at = now

    def patient_link(self) -> str:
        """Make a link to any doctor of the first queue, for whoever has it."""
        return self.office.pool_link(self._queue, self._window(uses=0))

    def opened(self, directory: Directory) -> Directory:
        """Take a directory for this union's own: it serves every queue, and may widen to each."""
        queues = {}
        for name, queue in directory.queues.items():
            if name not in self._pool_links:
                self._pool_links[name] = self.office.pool_link(name, self._window(uses=0))
            link = self._pool_links[name].partition("#")[2]
            ends = int(self._clock() + LINK_LIFETIME_S)
            queues[name] = replace(queue, unions=frozenset(), link=link, link_ends=ends)
        return replace(directory, queues=queues)

    def own_link(self) -> str:
        """Make a link to the doctor, for one holder and many tries."""
        master = keyring.Keyring(self._keyring_seed).link_master
        nonce = secrets.token_bytes(links.NONCE_BYTES)
        fragment = links.personal(master, nonce, self._window(OWN_USES))
        return links.url(self.union.audience, fragment, self.union.id)

    def doctor_address(self) -> str:
        """Say where the doctor's page is, with its keys."""
        return f"{self.union.audience}/doctor#{keyring.write(self._keyring_seed)}"

    def staff_address(self, origin: str) -> str:
        """Say where the status page is, with the keys of staff; it has an origin of its own."""
        return f"{origin}/status#{keyring.write(self._staff_seed)}"

    def probe_keys(self) -> tuple[str, str]:
        """Say what a probe needs: the link of its patient, and the address of its doctor."""
        return self._probe_link, f"{self.union.audience}/doctor#{keyring.write(self._probe_seed)}"

    def command(self) -> str:
        """Write the command that vouches for another device; REQUEST is what its page shows."""
        own = Path(sys.executable).with_name("teleconsult")
        words = ["union", "issue", "REQUEST", "--folder", str(self.folder)]
        words += ["--name", "Dr Dominique Essai", "--specialty", CARD.specialty, "--links"]
        words += [word for queue in self.queues for word in ("--queue", queue)]
        command = shlex.join([str(own) if own.exists() else "teleconsult", *words])
        return f"{PASSPHRASE_FILE}={shlex.quote(str(self.passphrase_file))} {command}"

    def _enrol_for(self, queues: tuple[str, ...]) -> tuple[str, ...]:
        """Vouch for the doctor from yesterday on: until four in the morning that day counts."""
        request = self._request(self._keyring_seed)
        self._enrolled_until = (self._first_day() + DAYS) * credentials.DAY_S
        while True:
            try:
                self.office.issue(request, Order(CARD, queues, has_links=True, days=DAYS))
                return queues
            except UnionError:
                queues = queues[:-1]  # perhaps more than a credential can name
                if not queues:
                    raise

    def _enrol_others(self) -> str:
        """Vouch for staff and the probe; return the link of the probe."""
        self.office.issue(self._request(self._staff_seed), STAFF)
        return self.office.issue(self._request(self._probe_seed), PROBE).link

    def _request(self, seed: bytes) -> str:
        return keyring.Keyring(seed).request(self._first_day(), DAYS)

    def _first_day(self) -> int:
        return int(self._clock()) // credentials.DAY_S - 1

    def _window(self, uses: int) -> links.Window:
        now = int(self._clock())
        return links.Window(now, now + int(min(LINK_LIFETIME_S, self._link_window_s)), uses)
