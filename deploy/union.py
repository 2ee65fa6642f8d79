"""`teleconsult union …` and `teleconsult link`: what union staff types.

A door. It parses, lets `clients.union` act, and says what was done and what comes next.
The numbers of the server that a sentence needs come from its settings.
"""

import argparse
import secrets
import shlex
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from clients.union import credentials, links, lists, requests, trusting, unions
from clients.union.errors import UnionError
from clients.union.files import ACCESS_LIST, read_text
from clients.union.office import Enrolled, Office, Order, personal_link
from signaling.settings import Settings

RELOAD_S = Settings.model_fields["reload_s"].default

Act = Callable[[argparse.Namespace], None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: Commands) -> None:
    """Add `union` and `link` to the command's own."""
    union = commands.add_parser(
        "union",
        help="vouch for doctors, staff and probes: keys, credentials, revocation",
        description="The union's own tool, for a machine of the union. It makes keys and files "
        "and talks to no server; what is published goes into a server's folder of trusted unions.",
        epilog="Each explains itself: teleconsult union issue --help",
    )
    _add_union(union.add_subparsers(title="commands", metavar="", required=True))
    _add_link(commands)


def _add_union(commands: Commands) -> None:
    init = _command(
        commands,
        "init",
        _init,
        "make a union's keys",
        "Make the union's root key, sealed under a passphrase that you choose, and its first "
        "files. Keep the folder on a machine that few people use, and a copy of it elsewhere: "
        "nobody can make this root key again.",
    )
    init.add_argument("name", metavar="NAME", help="the union's name, as patients read it")
    init.add_argument(
        "audience", metavar="ORIGIN", help="where the pages are, such as https://visio.example.fr"
    )
    issue = _command(
        commands,
        "issue",
        _issue,
        "vouch for a doctor's device, a staff member's, or a probe",
        "Turn the request that a doctor's page shows into a month of credentials, sealed to that "
        "device. Make sure first, by a way that you trust, that the request is really this "
        "doctor's. Then publish: teleconsult union publish FOLDER. The same is for union staff "
        "(--role staff), whose request the status page shows, and for a probe (--role probe): its "
        "request is what `teleconsult probe enrol` prints.",
    )
    issue.add_argument("request", metavar="REQUEST", help="the text, or a file that holds it")
    issue.add_argument(
        "--role",
        choices=("doctor", "staff", "probe"),
        default="doctor",
        help="what the device may do: serve patients, read the status page, or hold "
        "consultations with itself to see that they can be held (default %(default)s)",
    )
    issue.add_argument(
        "--name", required=True, help="the doctor's, as patients read it; or staff's, a probe's"
    )
    issue.add_argument("--specialty", help="as patients read it; of a doctor only")
    issue.add_argument(
        "--queue",
        action="append",
        default=[],
        help="a queue to serve; may be given several times. Staff have none; a probe's begins "
        "with probe- and is chosen by itself where none is given",
    )
    issue.add_argument(
        "--links",
        action="store_true",
        help="let the doctor make links of his own; the server can then tell that one doctor "
        "comes back day after day, though not who it is",
    )
    _add_days(issue)
    renew = _command(
        commands,
        "renew",
        _renew,
        "vouch for a known device's next month",
        "Turn the requests of devices that were enrolled before into another month each: same "
        "name, queues and links. The device's own keys vouch for the request; one with any other "
        "key is refused, and is for `issue`. Several at once ask for one passphrase.",
    )
    renew.add_argument(
        "requests", nargs="+", metavar="REQUEST", help="the text, or a file that holds it"
    )
    _add_days(renew)
    publish = _command(
        commands,
        "publish",
        _publish,
        "copy what is published to a server",
        "Copy lists and bundles into the folder of a server that trusts the union, file by file, "
        "each at once and whole, the servers' list first. Let a timer call it after `list`.",
    )
    publish.add_argument("trust", type=Path, metavar="FOLDER", help="the server's folder")
    revoke = _command(
        commands,
        "revoke",
        _revoke,
        "take a device's credentials back, at once",
        "Sign a list that names every credential of a lost or stolen device, or of a doctor who "
        "left. Needs no passphrase. Publish at once: that is when it counts.",
    )
    revoke.add_argument("who", metavar="WHO", help="a device's id, its beginning, or a name")
    revoke.add_argument("--all", action="store_true", help="every device of this doctor")
    revoke.add_argument(
        "--reload-s",
        type=float,
        default=RELOAD_S,
        help="how often the servers read lists (default %(default)g)",
    )
    _command(
        commands,
        "list",
        _list,
        "sign fresh revocation lists; for a timer",
        "Sign list.jwt (for pages) and access-list.jwt (for servers) anew. A list lives "
        f"{lists.LIST_LIFETIME_S // 3600} hours, and without one nobody's credential holds: "
        "let a timer call this and `publish` every few hours, weekends too. Needs no passphrase.",
    )
    _command(
        commands,
        "show",
        _show,
        "show the union and its doctors",
        "Show the union's id, when its list ends, and each device with the end of its credentials.",
    )
    trust = commands.add_parser(
        "trust",
        help="choose which unions a server trusts",
        description="Fill the folder that `teleconsult serve --trust FOLDER` reads. Compare the "
        "id with what the union tells you by another way. `teleconsult union publish` brings what "
        "is fresh; the server reads it by itself, and hands out beside the pages what they need.",
    )
    trust.add_argument("folder", type=Path, metavar="FOLDER", help="the server's folder")
    trust.add_argument(
        "union", nargs="*", type=Path, metavar="UNION_JSON", help="a union to trust from now on"
    )
    trust.add_argument("--remove", metavar="ID", help="a union to trust no more")
    trust.set_defaults(run=_ending_in_a_sentence(_trust))


def _add_link(commands: Commands) -> None:
    link = commands.add_parser(
        "link",
        help="make a consultation link",
        description="Print the address of a link. What it opens it says itself: no list of links "
        "is kept anywhere.",
    )
    kinds = link.add_subparsers(title="kinds", metavar="", required=True)
    personal = kinds.add_parser(
        "personal",
        help="to one doctor, from his link master",
        description="Print a link to the doctor who has this link master, for doctors without a "
        "page. Make a master with: teleconsult secret > master",
    )
    personal.add_argument("master", type=Path, metavar="MASTER_FILE", help="keep it secret")
    personal.add_argument("union", type=Path, metavar="UNION_JSON", help="the doctor's union")
    personal.set_defaults(run=_ending_in_a_sentence(_personal))
    pool = kinds.add_parser(
        "pool",
        help="to a queue, signed by the union",
        description="Print a link to any doctor of a queue. Without --uses whoever has it may "
        "come in, until it ends; with it, one holder, so many times.",
    )
    pool.add_argument("queue", metavar="QUEUE")
    _add_folder(pool)
    pool.set_defaults(run=_ending_in_a_sentence(_pool))
    for kind, uses in ((personal, 1), (pool, 0)):
        kind.add_argument(
            "--hours", type=float, default=24.0, help="how long it is open (default %(default)g)"
        )
        kind.add_argument(
            "--from",
            dest="begins",
            metavar="TIME",
            help="when it opens, such as 2027-01-15T14:00 on this machine's clock (default: now)",
        )
        kind.add_argument(
            "--uses", type=int, default=uses, help="how many consultations (default %(default)s)"
        )


def _command(
    commands: Commands, name: str, act: Act, summary: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=text)
    _add_folder(parser)
    parser.set_defaults(run=_ending_in_a_sentence(act))
    return parser


def _add_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days",
        type=int,
        default=credentials.DAYS,
        help=f"how many days, 1 to {requests.DAYS_MAX} (default %(default)s)",
    )


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, default=Path("union"), help="the union's folder (default: union)"
    )


def _ending_in_a_sentence(act: Act) -> Act:
    """Act; what could not be done becomes one sentence and exit code 1."""

    def run(arguments: argparse.Namespace) -> None:
        try:
            act(arguments)
        except UnionError as failure:
            sys.exit(str(failure))
        except OSError as failure:
            sys.exit(f"Cannot use {failure.filename}: {failure.strerror}.")

    return run


def _init(arguments: argparse.Namespace) -> None:
    union = Office(arguments.folder).init(arguments.name, arguments.audience)
    print(f"Made {union.name}, whose id is {union.id}")
    print(
        "Say this id to whoever runs a server that shall trust the union. There, FOLDER being its"
    )
    print("folder of trusted unions:")
    print(f"teleconsult union trust FOLDER {shlex.quote(str(arguments.folder / 'union.json'))}")


def _issue(arguments: argparse.Namespace) -> None:
    role: credentials.Role = arguments.role
    if (role == "doctor") != bool(arguments.specialty):
        raise UnionError(
            "Say the doctor's specialty, as patients read it (--specialty)."
            if role == "doctor"
            else "Only a doctor has a specialty: leave --specialty out."
        )
    text = _request(arguments.request)
    order = Order(
        credentials.Card(arguments.name, arguments.specialty or credentials.SHOWN_AS[role]),
        arguments.queue,
        arguments.links,
        arguments.days,
        role,
    )
    done = Office(arguments.folder).issue(text, order)
    print(_may(arguments.name, role, done))
    who = "probe" if role == "probe" else "page"
    print(f"{_publishing(arguments.folder)} The {who} then finds its bundle in {done.file}.")
    if role == "probe":
        print(f"Give the probe this link to its queue, good until {_time(done.link_ends)}, as the")
        print("second line of the file that `teleconsult probe enrol` made; keep that file secret:")
        print(done.link)


def _renew(arguments: argparse.Namespace) -> None:
    texts: list[str] = []
    failures: list[str] = []
    for given in arguments.requests:
        try:
            texts.append(_request(given))
        except UnionError as failure:
            failures.append(str(failure))
    renewed = Office(arguments.folder).renew(texts, arguments.days) if texts else []
    for one in renewed:
        if one.enrolled is None:
            failures.append(one.failure)
        else:
            print(_may(one.name, one.role, one.enrolled))
    if any(one.enrolled for one in renewed):
        print(f"{_publishing(arguments.folder)} The devices then find their bundles.")
    if failures:
        raise UnionError("\n".join(failures))


def _publish(arguments: argparse.Namespace) -> None:
    union = Office(arguments.folder).publish(arguments.trust)
    print(f"Published {union.name}, id {union.id}, in {arguments.trust / union.id}")


def _request(given: str) -> str:
    """Read a request that was typed, or the file that was named."""
    if given.startswith(requests.PREFIX):
        return given
    return read_text(Path(given), f"{given!r} is no enrolment request and no file.")


def _may(name: str, role: credentials.Role, done: Enrolled) -> str:
    what = {"doctor": "serve", "staff": "read the status page", "probe": "probe"}[role]
    first, last = _day(done.first_day), _day(done.first_day + done.days - 1)
    return f"{name} may {what} from {first} to {last}, on device {done.device}"


def _publishing(folder: Path) -> str:
    return (
        "Publish it, FOLDER being the server's folder of trusted unions: "
        f"teleconsult union publish FOLDER --folder {shlex.quote(str(folder))}\n"
        f"or copy {folder}/bundles and the lists there yourself."
    )


def _revoke(arguments: argparse.Namespace) -> None:
    revoked = Office(arguments.folder).revoke(arguments.who, arguments.all)
    worst = lists.worst_case_s(lists.LIST_LIFETIME_S, arguments.reload_s)
    for device in revoked:
        print(f"Revoked device {device}")
    print("Publish now, FOLDER being the server's folder of trusted unions:")
    print(f"teleconsult union publish FOLDER --folder {shlex.quote(str(arguments.folder))}")
    print("From the moment when list.jwt and access-list.jwt are there, servers then refuse in")
    print(f"{_span(arguments.reload_s)}. Should it reach nobody, the old list ends and with it all")
    print(f"credentials of this union: at the worst {_span(worst)} from now.")


def _list(arguments: argparse.Namespace) -> None:
    signed = Office(arguments.folder).list()
    print(f"List {signed.seq}: {len(signed.revoked)} revoked, good until {_time(signed.ends)}")


def _show(arguments: argparse.Namespace) -> None:
    union, held, list_ends = Office(arguments.folder).show()
    print(f"{union.name}, id {union.id}, for {union.audience}")
    state = "ended" if list_ends <= time.time() else "good until"
    print(f"List {held.seq}: {state} {_time(list_ends)}")
    for id_, device in sorted(held.devices.items(), key=lambda item: item[1].name):
        ends = "revoked" if device.is_revoked else f"until {_time(max(device.access.values()))}"
        bare = "own links only" if device.role == "doctor" else "status page only"
        queues = ", ".join(device.queues) or bare
        print(f"{id_}  {device.name}, {device.specialty} ({queues}): {ends}")


def _trust(arguments: argparse.Namespace) -> None:
    if arguments.remove:
        union = trusting.distrust(arguments.folder, arguments.remove)
        print(f"No longer trusts {union.name}, id {union.id}")
    for file in arguments.union:
        union = trusting.trust(arguments.folder, file, time.time())
        print(f"Trusts {union.name}, id {union.id}: compare it with what the union tells you")
        if not (arguments.folder / union.id / ACCESS_LIST).exists():
            print(f"Without its access-list.jwt in {arguments.folder / union.id} none of its")
            print("doctors is admitted: let the union publish it.")
    if not arguments.remove and not arguments.union:
        for union in trusting.trusted(arguments.folder):
            print(f"Trusts {union.name}, id {union.id}, for {union.audience}")


def _personal(arguments: argparse.Namespace) -> None:
    union = unions.read(read_text(arguments.union, f"There is no {arguments.union}."))
    nonce = secrets.token_bytes(links.NONCE_BYTES)
    print(personal_link(arguments.master, union, _window(arguments), nonce))


def _pool(arguments: argparse.Namespace) -> None:
    print(Office(arguments.folder).pool_link(arguments.queue, _window(arguments)))


def _window(arguments: argparse.Namespace) -> links.Window:
    begins = time.time()
    if arguments.begins is not None:
        try:
            begins = datetime.fromisoformat(arguments.begins).timestamp()
        except ValueError:
            raise UnionError("A time looks like this: 2027-01-15T14:00") from None
    if not 0 < arguments.hours <= 10_000:
        raise UnionError("A link is open for some hours, fewer than ten thousand.")
    ends = begins + arguments.hours * 3600
    return links.Window(int(begins), int(ends), arguments.uses)


def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * credentials.DAY_S, UTC):%Y-%m-%d}"


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _span(seconds: float) -> str:
    """Say a duration in hours, minutes and seconds, without those that are zero."""
    whole = round(seconds)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
