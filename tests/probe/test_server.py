"""The status page: who may read it, what it is told, and what it is served with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from clients.peer.proof import prove
from probe.epochs import DAYS_KEPT, HOURS_KEPT
from probe.history import INCIDENTS_MAX, History
from probe.server import BODY_MAX_BYTES, MADE_EVERY_S, Serves, create_app
from probe.staff import CHALLENGE_S, PASS_S, PASSES_MAX, SPENT_MAX, Staff
from probe.state import Known, State, state
from signaling.journal import Journal
from signaling.pages import HEADERS, OF_ALL, NoPages
from signaling.published import Publisher
from signaling.settings import Settings
from signaling.union_admission import UnionAdmission
from tests.clock import Clock
from tests.dice import Dice
from tests.probe.web import served
from tests.unions import AUnion, admission_by

README = Path(__file__).parents[2] / "probe" / "README.md"
ORIGIN = "https://etat.example.fr"
SEED = b"somebody of the staff".ljust(32)
EXPOSITION = b'teleconsult_probe_success{path="udp",node="1"} 1\n'
OUTSIDE = "198.51.100.7"
"""Somebody of the internet, as a proxy says it (RFC 5737)."""

Json = dict[str, Any]


@dataclass
class Page:
    """A running server of the status page, and who asks it."""

    url: str
    http: aiohttp.ClientSession
    clock: Clock
    union: AUnion
    admission: UnionAdmission
    made: list[float]
    written: list[str]
    broken: list[bool]
    """Not empty while no answer can be made."""

    async def gets(self, path: str, **headers: str) -> tuple[int, Any]:
        """Ask, and give the status and what was said."""
        async with self.http.get(f"{self.url}{path}", headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (
                answer.json() if is_json else answer.text(errors="replace")
            )

    async def posts(self, path: str, said: object, **headers: str) -> tuple[int, Any]:
        """Say something, and give the status and the answer."""
        headers = {"Origin": ORIGIN, **headers}
        kind = {"data": said} if isinstance(said, bytes) else {"json": said}
        async with self.http.post(f"{self.url}{path}", headers=headers, **kind) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (
                answer.json() if is_json else answer.text(errors="replace")
            )

    async def shows(self, token: str = "", origin: str = ORIGIN) -> Json:
        """What somebody of the staff shows who wants to enter."""
        challenge = (await self.gets("/status/challenge"))[1]["challenge"]
        token = token or self.union.access(SEED, (), role="staff").token
        proof = prove(SEED, challenge, origin, token)
        return {"challenge": challenge, "token": token, "proof": proof}

    async def enters(self, token: str = "") -> str:
        """Enter, and give the pass."""
        status, said = await self.posts("/status/enter", await self.shows(token))
        assert 200 == status, said
        return str(said["pass"])

    async def state(self, pass_: str) -> int:
        """Ask for the state with a pass, and say how that was answered."""
        return (await self.gets("/status/state", Authorization=f"Bearer {pass_}"))[0]


@asynccontextmanager
async def page_of(
    pages: Path, *, is_public: bool = False, greet_within_s: float = 30.0
) -> AsyncIterator[Page]:
    """Serve a status page over one union, behind a proxy of this machine."""
    for name in ("status", "index", "doctor"):
        (pages / f"{name}.html").write_text(f"<!doctype html><title>{name}</title>")
    (pages / "assets").mkdir()
    (pages / "assets" / "status-1.js").write_text("0")
    clock, union = Clock(), AUnion()
    trust = pages / "trust"
    union.publish(trust)
    admission, made = admission_by(union.trusted()), []  # type: tuple[UnionAdmission, list[float]]
    settings = Settings(
        pages=pages,
        trusted_proxies=("127.0.0.1",),
        network_failures=3,
        greet_within_s=greet_within_s,
    )
    history, written, broken = History(clock.now), [], []  # type: tuple[History, list[str], list[bool]]

    def now() -> State:
        made.append(clock.now)
        if broken:
            raise ValueError("nothing that can be said")
        return state(Known(history, is_public=is_public), clock.now)

    serves = Serves(
        staff=Staff(admission.staff, Dice(1)),
        state=now,
        exposition=lambda: EXPOSITION,
        origins=frozenset({ORIGIN}),
        clock=clock,
        new_bytes=Dice(2),
        journal=Journal(written.append, clock),
        is_public=is_public,
        publisher=Publisher(trust, lambda: admission.unions, settings),
    )
    async with served(create_app(serves, settings)) as url, aiohttp.ClientSession() as http:
        yield Page(url, http, clock, union, admission, made, written, broken)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with page_of(tmp_path) as running:
        yield running


@pytest.fixture
async def public_page(tmp_path: Path) -> AsyncIterator[Page]:
    async with page_of(tmp_path, is_public=True) as running:
        yield running


# Who may read it


async def test_staff_enter_and_are_told(page: Page) -> None:
    """By what their union signed for them: the answer is of the form."""
    pass_ = await page.enters()

    status, said = await page.gets("/status/state", Authorization=f"Bearer {pass_}")

    assert 200 == status
    State.model_validate(said, strict=False)
    assert (1, int(page.clock.now), False) == (said["v"], said["at"], said["is_public"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp4", "bearer " + "A" * 43])
async def test_somebody_without_a_pass_is_told_nothing(page: Page, header: str) -> None:
    """One answer, whatever was shown."""
    headers = {"Authorization": header} if header else {}

    status, said = await page.gets("/status/state", **headers)

    assert (401, {"code": "staff-only"}) == (status, said)
    assert [] == page.made


async def test_everybody_is_told_where_the_organisation_says_so(public_page: Page) -> None:
    """No pass is asked for."""
    status, said = await public_page.gets("/status/state")

    assert (200, True) == (status, said["is_public"])


async def test_a_pass_ends_with_the_credentials_revocation(page: Page) -> None:
    """At the next request, however long it would have lived."""
    signed = page.union.access(SEED, (), role="staff")
    pass_ = await page.enters(signed.token)
    before = await page.state(pass_)

    page.admission.trust({page.union.id: page.union.trusted(revoked=[signed.jti], seq=2)})

    assert (200, 401) == (before, await page.state(pass_))
    refused = await page.posts("/status/enter", await page.shows(signed.token))
    assert (403, {"code": "revoked"}) == refused


async def test_who_leaves_is_out(page: Page) -> None:
    """The pass is void at once."""
    pass_ = await page.enters()

    left = await page.posts("/status/leave", {}, Authorization=f"Bearer {pass_}")

    assert 204 == left[0]
    assert 401 == await page.state(pass_)


@pytest.mark.parametrize("role", ["doctor", "probe"])
async def test_doctors_and_probes_do_not_enter(page: Page, role: Any) -> None:
    """Only who was signed for as staff."""
    queues = ("probe",) if role == "probe" else ("generale",)
    token = page.union.access(SEED, queues, role=role).token

    refused = await page.posts("/status/enter", await page.shows(token))

    assert (403, {"code": "not-admitted"}) == refused


async def test_a_proof_is_taken_once(page: Page) -> None:
    """Said again, it opens nothing."""
    shown = await page.shows()
    await page.posts("/status/enter", shown)

    assert (403, {"code": "unproven"}) == await page.posts("/status/enter", shown)


async def test_an_old_challenge_is_over(page: Page) -> None:
    """A minute later it is a text like any other."""
    shown = await page.shows()
    page.clock.advance(CHALLENGE_S)

    assert (403, {"code": "unproven"}) == await page.posts("/status/enter", shown)


@pytest.mark.parametrize("origin", ["https://etat.example.org", "null", ""])
async def test_another_page_lets_nobody_in(page: Page, origin: str) -> None:
    """Whatever was proved to it: it is not one of ours."""
    shown = await page.shows(origin=origin)

    assert (403, {"code": "origin"}) == await page.posts("/status/enter", shown, Origin=origin)


async def test_a_proof_for_another_page_is_void_here(page: Page) -> None:
    """Who handed it on says our origin; the proof says his."""
    shown = await page.shows(origin="https://etat.example.org")

    assert (403, {"code": "unproven"}) == await page.posts("/status/enter", shown)


@pytest.mark.parametrize(
    "change",
    [
        {"password": "x"},
        {"token": 1},
        {"token": "x" * 5_000},
        {"challenge": None},
        {"proof": "x" * 300},
    ],
)
async def test_what_is_not_of_the_form_is_refused(page: Page, change: Json) -> None:
    """Unknown keys too."""
    refused = await page.posts("/status/enter", {**await page.shows(), **change})

    assert (400, {"code": "malformed"}) == refused


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 5_000])
async def test_what_is_no_json_is_refused(page: Page, body: bytes) -> None:
    """In one word."""
    assert (400, {"code": "malformed"}) == await page.posts("/status/enter", body)


async def test_a_body_that_is_too_long_is_not_read(page: Page) -> None:
    """It ends where it may."""
    status, _ = await page.posts("/status/enter", b" " * (BODY_MAX_BYTES + 1))

    assert 413 == status


async def test_a_body_that_never_ends_is_given_up(tmp_path: Path) -> None:
    """Who says that more will come, and says nothing, holds no place."""
    head = (
        f"POST /status/enter HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nContent-Length: 9\r\n\r\n{{"
    )
    async with page_of(tmp_path, greet_within_s=0.1) as page:
        place = urlsplit(page.url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(head.encode())

        answer = await reader.readline()

        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_network_that_guesses_is_heard_no_more(page: Page) -> None:
    """After so many failures, passes and entries alike; another network still is, and whoever
    had entered from there."""
    inside = await page.enters()
    for _ in range(3):
        await page.gets("/status/state", **{"X-Forwarded-For": OUTSIDE})

    shown = await page.shows()
    guesser = await page.posts("/status/enter", shown, **{"X-Forwarded-For": OUTSIDE})
    neighbour = await page.gets("/status/state", **{"X-Forwarded-For": "198.51.100.9"})
    other = await page.posts("/status/enter", shown, **{"X-Forwarded-For": "203.0.113.9"})
    who_is_in = await page.gets(
        "/status/state", Authorization=f"Bearer {inside}", **{"X-Forwarded-For": OUTSIDE}
    )

    assert (429, {"code": "too-fast"}) == guesser == neighbour
    assert (200, 200) == (other[0], who_is_in[0])


# What it is told


async def test_however_many_ask_an_answer_is_made_once(public_page: Page) -> None:
    """In a few seconds: a crowd costs no more than one reader."""
    first = await public_page.gets("/status/state")
    public_page.clock.advance(MADE_EVERY_S - 1)

    assert first == await public_page.gets("/status/state")
    public_page.clock.advance(1)
    assert first != await public_page.gets("/status/state")
    assert 2 == len(public_page.made)


async def test_a_fault_takes_nobodys_page_away(public_page: Page) -> None:
    """What was told last is told again, with its time; before the first there is nothing."""
    public_page.broken.append(True)
    before = await public_page.gets("/status/state")
    public_page.broken.clear()
    first = await public_page.gets("/status/state")

    public_page.broken.append(True)
    public_page.clock.advance(MADE_EVERY_S)

    assert (503, {"code": "away"}) == before
    assert first == await public_page.gets("/status/state")


async def test_the_probes_exposition_is_for_this_machine(page: Page) -> None:
    """A proxy of this machine is not this machine: what comes through it is not answered."""
    through: list[dict[str, str]] = [
        {"X-Forwarded-For": OUTSIDE},
        {"Forwarded": "for=x"},
        {"Via": "1.1 proxy"},
        {"Host": "rebound.example"},
        {"Host": "[x"},
    ]

    assert (200, EXPOSITION.decode()) == await page.gets("/metrics")
    assert [404] * 5 == [(await page.gets("/metrics", **headers))[0] for headers in through]


# What it is served with


async def test_the_page_and_what_it_loads_are_served(page: Page) -> None:
    """And none of the service's own pages."""
    there = ["/status", "/assets/status-1.js", "/brand.css", "/brand.json", "/robots.txt"]
    not_there = ["/", "/doctor", "/index", "/queues.json", "/v1", "/trust", "/status/../doctor"]

    assert [200] * 5 == [(await page.gets(path))[0] for path in there]
    assert {404} == {(await page.gets(path))[0] for path in not_there}


async def test_staff_find_what_their_union_published(page: Page) -> None:
    """The same files as beside the service."""
    listed = (await page.gets("/unions.json"))[1]["unions"]
    place = f"/unions/{page.union.id}"
    published = [(await page.gets(f"{place}/{name}"))[0] for name in ("list.jwt", "bundles/0.bin")]

    assert [page.union.audience] == [union["audience"] for union in listed]
    assert [200, 200] == published
    assert 404 == (await page.gets("/unions/other/list.jwt"))[0]


@pytest.mark.parametrize(
    "path", ["/status", "/status/state", "/status/challenge", "/unions.json", "/nothing"]
)
async def test_nothing_is_kept_by_a_browser_and_every_header_is_there(
    page: Page, path: str
) -> None:
    """The same headers as the service's own pages."""
    async with page.http.get(f"{page.url}{path}") as answer:
        is_page = answer.content_type == "text/html"
        wanted = HEADERS if is_page else OF_ALL

        assert wanted.items() <= dict(answer.headers).items()
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
        if answer.status != 404 or path != "/nothing":
            assert "no-store" == answer.headers["Cache-Control"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "POST"])
async def test_only_what_is_on_the_list_is_answered(page: Page, method: str) -> None:
    """No other method does anything."""
    async with page.http.request(method, f"{page.url}/status/state") as answer:
        assert 405 == answer.status


def test_without_its_page_there_is_no_server(pages: Path) -> None:
    """It says what to type."""
    serves = Serves(
        Staff(admission_by().staff, Dice()), lambda: state(Known(History(0)), 0),
        bytes, frozenset(), Clock(), Dice(), Journal(),
    )  # fmt: skip

    with pytest.raises(NoPages, match="make web"):
        create_app(serves, Settings(pages=pages))


def test_what_is_held_is_written_down_with_its_bounds() -> None:
    """The README's numbers are the program's."""
    held = README.read_text(encoding="utf-8").partition("## What is held")[2]

    assert f"at most {PASSES_MAX} |" in held
    assert f"a minute; at most {SPENT_MAX} |" in held and CHALLENGE_S == 60
    assert f"a day, ninety days, {INCIDENTS_MAX} of each path of each node |" in held
    assert "a week of hours, ninety days" in held and (HOURS_KEPT, DAYS_KEPT) == (168, 90)
    assert "after twelve hours" in README.read_text(encoding="utf-8") and PASS_S == 12 * 3_600
