"""The union's office: its folder of keys and files, and what staff does with them.

A door: it reads clock and dice, and through `files.py` the folder and the passphrase.
What is decided is in the pure files beside it. It speaks to no server, and no server to it.

The files are in `README.md`.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import (
    bundles,
    credentials,
    keys,
    links,
    lists,
    register,
    requests,
    tokens,
    trusting,
    unions,
)
from .encoding import decode, encode, thumbprint
from .errors import UnionError
from .files import ACCESS_LIST, LIST, PUBLIC, SECRET, alone, ask_passphrase, read_text, write

_NO_UNION = "{} holds no union. Make one with: teleconsult union init"
_IRREPLACEABLE = ("root.key", "union.json", "list.key", "doctors.json")
"""Where one of them is, a union is, though its root key may be kept elsewhere."""

PROBE_LINK_S = 365 * credentials.DAY_S
"""A probe renews its credentials by itself; its link is signed once a year."""

_PROBE_NAME_CHARS = 8


@dataclass(frozen=True, slots=True)
class Order:
    """What staff decides about a doctor, a probe or staff."""

    card: credentials.Card
    queues: Sequence[str]
    has_links: bool = False
    days: int = credentials.DAYS
    role: credentials.Role = "doctor"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What `issue` did."""

    device: str
    first_day: int
    days: int
    file: str
    # Of a probe: the address by which its patient enters, and when that ends.
    link: str = field(default="", repr=False)
    link_ends: int = 0


@dataclass(frozen=True, slots=True)
class Renewed:
    """What `renew` did with a request: whom it renewed, or why it did not."""

    name: str
    enrolled: Enrolled | None
    failure: str = ""
    role: credentials.Role = "doctor"


@dataclass
class _Desk:
    """An office open for enrolling: the passphrase was given, nothing is published yet."""

    root: keys.Root
    union: unions.Union
    held: register.Register
    now: int
    fresh: dict[bytes, bytes] = field(default_factory=dict)


class Office:
    """One union's folder.

    Args:
        folder: where its files are.
        ask: gives the passphrase; told whether it is a new one.
        clock: seconds since 1970.
        dice: that many random bytes.
        log2_n: what a guess of the passphrase costs (`keys.lock`).
    """

    def __init__(
        self,
        folder: Path,
        ask: Callable[[bool], str] = ask_passphrase,
        clock: Callable[[], float] = time.time,
        dice: Callable[[int], bytes] = secrets.token_bytes,
        log2_n: int = keys.SCRYPT_LOG2_N,
    ) -> None:
        self._folder = folder
        self._ask = ask
        self._clock = clock
        self._dice = dice
        self._log2_n = log2_n

    # What staff does

    def init(self, name: str, audience: str, *, is_demo: bool = False) -> unions.Union:
        """Make a union: its keys, its first list, its empty bundles.

        Raises:
            UnionError: there is one already, or the name, origin or passphrase is no good.
        """
        draft = unions.check(unions.Union(name, audience.rstrip("/"), bytes(32), is_demo))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self._folder, _NO_UNION.format(self._folder)):
            for file in _IRREPLACEABLE:
                if (self._folder / file).exists():
                    raise UnionError(
                        f"{self._folder} holds a union's {file} already; choose another folder."
                    )
            passphrase = keys.check_passphrase(self._ask(True))
            root, list_seed = keys.new_root(self._dice), self._dice(keys.SEED_BYTES)
            union = replace(draft, root=root.public_key)
            self._write("list.key", encode(list_seed) + "\n", SECRET)
            self._delegate(root, union, list_seed)
            self._write("doctors.json", register.write(register.Register()), SECRET)
            self._write("union.json", unions.write(union), PUBLIC)
            locked = keys.lock(root, passphrase, self._dice, self._log2_n)
            self._write("root.key", locked + "\n", SECRET)
            self._publish_list(union, register.Register())
            self._publish_bundles(register.Register(), {})
            return union

    def issue(self, request_text: str, order: Order) -> Enrolled:
        """Vouch for a device: sign its credentials, seal its bundle, rewrite all bundles.

        Raises:
            UnionError: the request, the order or the passphrase is no good.
        """
        request = requests.read(request_text)
        if order.role == "probe" and not order.queues:
            # A queue of its own: two probes in one would find each other's patients.
            queue = f"{credentials.PROBE_QUEUE}-{request.device[:_PROBE_NAME_CHARS]}"
            order = replace(order, queues=(queue,))
        credentials.check_queues(order.role, order.queues)
        if order.has_links and order.role != "doctor":
            raise UnionError("Only doctors make links of their own: leave --links out.")
        if order.role == "doctor" and not order.queues and not order.has_links:
            raise UnionError("Name at least one queue (--queue), or give links (--links).")
        with alone(self._folder, _NO_UNION.format(self._folder)):
            union = self.union()
            desk = _Desk(self._root(union), union, self._register(), int(self._clock()))
            enrolled = self._enrol(desk, request, order)
            if order.role == "probe":
                window = links.Window(desk.now, desk.now + PROBE_LINK_S, 0)
                (link,) = self._links(desk.root, union, order.queues[:1], window)
                enrolled = replace(enrolled, link=link, link_ends=window.ends)
            self._publish(desk)
            return enrolled

    def renew(self, request_texts: Sequence[str], days: int = credentials.DAYS) -> list[Renewed]:
        """Vouch for further days of devices that the register knows: all else stays as it is.

        What cannot be renewed is told, and the rest is done.

        Raises:
            UnionError: the passphrase is no good.
        """
        done: list[Renewed] = []
        with alone(self._folder, _NO_UNION.format(self._folder)):
            union = self.union()
            desk = _Desk(self._root(union), union, self._register(), int(self._clock()))
            for text in request_texts:
                try:
                    request = requests.read(text)
                    held = register.renewed(desk.held, request)
                    card = credentials.Card(held.name, held.specialty)
                    order = Order(card, held.queues, held.has_links, days, held.role)
                    enrolled = self._enrol(desk, request, order)
                    done.append(Renewed(held.name, enrolled, role=held.role))
                except UnionError as failure:
                    done.append(Renewed("", None, str(failure)))
            if desk.fresh:
                self._publish(desk)
        return done

    def publish(self, trust_folder: Path) -> unions.Union:
        """Copy what is published into a server's folder of trusted unions.

        Raises:
            UnionError: the server does not trust this union, or the lists are over.
        """
        with alone(self._folder, _NO_UNION.format(self._folder)):
            return trusting.publish(trust_folder, self._folder, self._clock())

    def revoke(self, who: str, is_all: bool = False) -> list[str]:
        """Take back what a device (or, with `is_all`, a doctor's every device) was given.

        Needs no passphrase: a lost telephone does not wait for office hours.

        Raises:
            UnionError: nobody, or several devices, are meant.
        """
        with alone(self._folder, _NO_UNION.format(self._folder)):
            union, held = self.union(), self._register()
            found = register.devices_of(held, who) if is_all else [register.find(held, who)]
            for id_ in found:
                held = register.revoke(held, id_)
            self._publish_list(union, held)
            self._publish_bundles(held, {})
            return found

    def list(self) -> lists.RevocationList:
        """Sign fresh lists, and return the servers'. Needs no passphrase: a timer calls it.

        Raises:
            UnionError: the delegation of the list key is over.
        """
        with alone(self._folder, _NO_UNION.format(self._folder)):
            union, held = self.union(), self._register()
            return self._publish_list(union, held)

    def show(self) -> tuple[unions.Union, register.Register, float]:
        """Return the union, its register, and when its present list ends."""
        union = self.union()
        ends = tokens.unchecked(self._text(LIST)).get("exp")
        return union, self._register(), float(ends) if isinstance(ends, int) else 0.0

    def pool_link(self, queue: str, window: links.Window) -> str:
        """Make the address of a link to a queue; counted when the window counts.

        Raises:
            UnionError: the queue, the window or the passphrase is no good.
        """
        union = self.union()
        root, nonce = self._root(union), self._dice(links.NONCE_BYTES)
        if window.uses:
            secret = self._dice(links.SECRET_BYTES)
            fragment = links.pool_for_one(root.key, queue, nonce, secret, window)
        else:
            fragment = links.pool(root.key, queue, nonce, window)
        return links.url(union.audience, fragment)

    def pool_links(self, queues: Sequence[str], window: links.Window) -> tuple[str, ...]:
        """Make the addresses of links to queues, for whoever has them; asks once.

        Raises:
            UnionError: a queue, the window or the passphrase is no good.
        """
        union = self.union()
        return self._links(self._root(union), union, queues, window)

    def union(self) -> unions.Union:
        """Return the union of this folder."""
        return unions.read(self._text("union.json"))

    # Within

    def _links(
        self, root: keys.Root, union: unions.Union, queues: Sequence[str], window: links.Window
    ) -> tuple[str, ...]:
        made = (
            links.pool(root.key, queue, self._dice(links.NONCE_BYTES), window) for queue in queues
        )
        return tuple(links.url(union.audience, fragment) for fragment in made)

    def _enrol(self, desk: _Desk, request: requests.Request, order: Order) -> Enrolled:
        if not 1 <= order.days <= requests.DAYS_MAX:
            raise UnionError(f"A bundle covers 1 to {requests.DAYS_MAX} days (--days).")
        days = self._days(request, order.days, desk.now)
        bundle, device = self._vouched(desk.root, desk.union, request, order, days, desk.now)
        held = register.enrol(desk.held, request, device)
        desk.fresh[request.encryption_key] = bundles.seal(bundle, request.encryption_key)
        desk.held = held
        file = f"bundles/{bundles.file_of(request.encryption_key)}.bin"
        return Enrolled(request.device, days[0], len(days), file)

    def _publish(self, desk: _Desk) -> None:
        """Note and publish what was enrolled; the passphrase is there, so the list key too."""
        ends = lists.delegation_ends(self._text("list-key.jwt"))
        if ends - desk.now < lists.DELEGATION_S // 2:
            self._delegate(desk.root, desk.union, self._list_seed())
        self._publish_list(desk.union, desk.held)
        self._publish_bundles(desk.held, desk.fresh)

    def _days(self, request: requests.Request, most: int, now: int) -> range:
        """Say for which days a request is answered: the first of those that are not over yet."""
        over = (now - credentials.ENDS_S) // credentials.DAY_S
        first, last = request.first_day, request.first_day + len(request.day_keys)
        begins = max(first, over + 1)
        if begins >= last:
            raise UnionError("The days of this request are over; let the page make a new one.")
        if first > now // credentials.DAY_S + requests.DAYS_MAX:
            raise UnionError("This request begins too far ahead; is the device's clock right?")
        return range(begins, min(begins + most, last))

    def _vouched(
        self,
        root: keys.Root,
        union: unions.Union,
        request: requests.Request,
        order: Order,
        days: range,
        now: int,
    ) -> tuple[bundles.Bundle, register.Device]:
        handle = request.handle if order.has_links else None
        past, until = days.start - request.first_day, days.stop - request.first_day
        identity = credentials.identity(
            root, union.audience, request, order.card, until, now, self._dice, order.role
        )
        access = [
            credentials.access(
                root,
                union.audience,
                thumbprint(key),
                day,
                order.queues,
                handle,
                self._dice,
                order.role,
            )
            for day, key in zip(days, request.day_keys[past:until], strict=True)
        ]
        queue_keys = {
            str(day): {queue: encode(root.queue_key(queue, day)) for queue in order.queues}
            for day in days
        }
        bundle = bundles.Bundle(
            identity.token, tuple(one.token for one in access), queue_keys, unions.as_json(union)
        )
        device = register.Device(
            name=order.card.name,
            specialty=order.card.specialty,
            queues=tuple(order.queues),
            encryption_key=encode(request.encryption_key),
            identities={identity.jti: identity.ends},
            access={one.jti: one.ends for one in access},
            has_links=order.has_links,
            role=order.role,
        )
        return bundle, device

    def _delegate(self, root: keys.Root, union: unions.Union, list_seed: bytes) -> None:
        delegation = lists.delegate(
            root, union.audience, lists.list_key_of(list_seed), int(self._clock())
        )
        self._write("list-key.jwt", delegation + "\n", PUBLIC)

    def _publish_list(self, union: unions.Union, held: register.Register) -> lists.RevocationList:
        """Note the register, then sign what it says: a crash between is mended by a timer."""
        now = int(self._clock())
        seq = lists.next_seq(now, held.seq, *map(self._seq_of, (LIST, ACCESS_LIST)))
        held = replace(register.forget(held, now), seq=seq)
        delegation = self._text("list-key.jwt").strip()
        if lists.delegation_ends(delegation) <= now:
            raise UnionError(
                "The list key's delegation is over. Enrol or renew a doctor, which renews it too: "
                "teleconsult union issue"
            )
        self._write("doctors.json", register.write(held), SECRET)
        for name, typ, revoked in (
            # The servers' first: it is signed even where the other is too long for a call.
            (ACCESS_LIST, tokens.ACCESS_LIST, register.revoked_access(held)),
            (LIST, tokens.LIST, register.revoked_identities(held)),
        ):
            text = lists.sign(
                self._list_seed(),
                delegation,
                union.id,
                union.audience,
                held.seq,
                revoked,
                now,
                typ=typ,
            )
            self._write(name, text + "\n", PUBLIC)
        text, typ = self._text(ACCESS_LIST).strip(), tokens.ACCESS_LIST
        return lists.read(text, union.root, union.id, union.audience, now, typ=typ)

    def _seq_of(self, name: str) -> int:
        """Say the number of a list as it lies here; 0 where there is none to be read."""
        try:
            seq = tokens.unchecked(self._text(name).strip()).get("seq")
        except UnionError:
            return 0
        return seq if isinstance(seq, int) else 0

    def _publish_bundles(self, held: register.Register, fresh: dict[bytes, bytes]) -> None:
        folder = self._folder / "bundles"
        folder.mkdir(mode=0o755, exist_ok=True)
        paths = [folder / f"{number}.bin" for number in range(bundles.FILES)]
        # A file that was lost is made again, without its slots: a revocation waits for none.
        before = [path.read_bytes() if path.exists() else b"" for path in paths]
        enrolled = register.encryption_keys(held, is_revoked=False)
        gone = register.encryption_keys(held, is_revoked=True)
        files = bundles.pack(before, enrolled, gone, fresh, self._dice)
        for path, data in zip(paths, files, strict=True):
            write(path, data, PUBLIC)

    def _root(self, union: unions.Union) -> keys.Root:
        root = keys.unlock(self._text("root.key").strip(), self._ask(False))
        if root.public_key != union.root:
            raise UnionError("union.json is not of this root key; take the right copy.")
        return root

    def _list_seed(self) -> bytes:
        return decode(self._text("list.key").strip(), keys.SEED_BYTES)

    def _register(self) -> register.Register:
        return register.read(self._text("doctors.json"))

    def _text(self, name: str) -> str:
        return read_text(self._folder / name, _NO_UNION.format(self._folder))

    def _write(self, name: str, text: str, mode: int) -> None:
        write(self._folder / name, text.encode(), mode)


def personal_link(
    master_file: Path, union: unions.Union, window: links.Window, nonce: bytes
) -> str:
    """Make the address of a personal link of a doctor without a page.

    Raises:
        UnionError: the master or the window is no good.
    """
    missing = f"There is no link master {master_file}. Make one with: teleconsult secret"
    master = decode(read_text(master_file, missing).strip(), 32)
    return links.url(union.audience, links.personal(master, nonce, window), union.id)
