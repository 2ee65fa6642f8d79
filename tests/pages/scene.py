"""A real service and one browser, in which everybody who is needed has a context of his own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, WebSocketRoute

from clients.union.credentials import Card
from signaling.directory import Alternative, Directory, Queue, Territory, Text
from signaling.messages import Hello, RefusalCode, Refused, serialise
from signaling.settings import PAGES
from tests.actors import Patient
from tests.pages.checks import PHONE, WATCH_REGIONS
from tests.serving import Signaling, serving
from tests.system.ends import WITHIN_S, DoctorOnPage, GuestOnPage, PatientOnPage, chromium
from tests.unions import CARD

CODE = 0x5A31
QUEUES = ("garde-35", "garde-22")
COLLEAGUE = Card("Dr Noor Relais", "Médecine générale")
COLLEAGUE_SEED = b"a colleague's keys".ljust(32)
DOCTOR_SEED = b"doctor's seed".ljust(32)


@dataclass
class Scene:
    """The service, and the tabs that were opened."""

    signaling: Signaling
    browser: Browser
    size: tuple[int, int] = PHONE
    locale: str = "fr-FR"
    complaints: list[str] = field(default_factory=list)
    tabs: list[Page] = field(default_factory=list)

    async def tab(self, *first: str, **context: object) -> Page:
        """Open a tab in a context of its own; `first` are scripts that run before the page."""
        width, height = self.size
        made = await self.browser.new_context(
            locale=self.locale,
            viewport={"width": width, "height": height},
            **context,  # type: ignore[arg-type]
        )
        page = await made.new_page()
        page.on("console", self._heeds)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        for script in (WATCH_REGIONS, *first):
            await page.add_init_script(script)
        self.tabs.append(page)
        return page

    def _heeds(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.complaints.append(f"{line.type}: {line.text}")

    async def patient(
        self, url: str | None = None, *first: str, page: Page | None = None
    ) -> PatientOnPage[Page]:
        """A patient's page, not opened yet."""
        page = page or await self.tab(*first)
        return PatientOnPage(page, url or self.signaling.pool_link(), CODE)

    async def doctor(
        self, seed: bytes = DOCTOR_SEED, card: Card = CARD, *first: str
    ) -> DoctorOnPage[Page]:
        """A doctor's page, not opened yet."""
        return DoctorOnPage(await self.tab(*first), self.signaling.doctor_address(seed, card), CODE)

    async def guest(self, address: str) -> GuestOnPage[Page]:
        return GuestOnPage(await self.tab(), address, CODE)

    async def waits(self, count: int, queue: str | None = None) -> list[Patient]:
        """Let so many wait who have no page at all."""
        made = [self.signaling.cast.patient(queue) for _ in range(count)]
        for one in made:
            await one.joins()
        return made

    async def meet(self, patient: PatientOnPage[Page], doctor: DoctorOnPage[Page]) -> None:
        """Bring two who wait for each other into a call whose media passes."""
        await doctor.calls_next()
        await patient.accepts()
        for end in (patient, doctor):
            await end.page.wait_for_selector("[data-flow=live]", timeout=WITHIN_S * 1000)

    def follows_a_directory(self) -> None:
        """Let the service hand out what its queues are called, and what helps."""
        self.signaling.admission.follow(directory(self.signaling))

    def closes_a_queue(self, name: str) -> None:
        """Take a queue off the directory, as its keepers do."""
        whole = directory(self.signaling).queues
        left = {one: queue for one, queue in whole.items() if one != name}
        for one, queue in left.items():
            left[one] = replace(queue, wider=())
        self.signaling.admission.follow(Directory(left))
        self.signaling.clock.advance(self.signaling.settings.heartbeat_s)

    def vouches(self, request: str) -> None:
        """Have the union answer a device's request."""
        signaling = self.signaling
        signaling.union.vouch(request, CARD, QUEUES, True, signaling.now - 1)
        signaling.union.publish(signaling.trust, now=signaling.now)

    async def closes(self) -> None:
        """Close what was opened, so that the next walk finds an empty service."""
        for page in self.tabs:
            await page.context.close()
        self.tabs.clear()


@asynccontextmanager
async def scene(folder: Path, size: tuple[int, int] = PHONE) -> AsyncIterator[Scene]:
    """Run a service and a browser."""
    async with AsyncExitStack() as stack:
        signaling = await stack.enter_async_context(serving(PAGES, queues=QUEUES))
        browser, _ = await stack.enter_async_context(chromium(CODE, folder))
        yield Scene(signaling, browser, size)


def directory(signaling: Signaling) -> Directory:
    """Two neighbours, each the wider queue of the other."""
    helps = Alternative(
        Text("Médecin de garde", "Doctor on call"), "116117", "https://www.example.fr"
    )
    near = {"garde-35": ("Ille-et-Vilaine", "35"), "garde-22": ("Côtes-d’Armor", "22")}
    return Directory(
        {
            name: Queue(
                title=Text(f"Garde : {territory}", f"On call: {territory}"),
                hours=Text("Tous les jours, de 20 h à minuit", "Every day, 8 pm to midnight"),
                wider=tuple(other for other in QUEUES if other != name),
                link=signaling.pool_link(name).partition("#")[2],
                alternatives=(helps,),
                territory=Territory(Text(territory, territory), (postcode,)),
            )
            for name, (territory, postcode) in near.items()
        }
    )


# --- what a test cannot wait for ------------------------------------------------------


async def says_nothing(page: Page) -> None:
    """Open a socket for the page at which nobody is: it is no server, and says nothing."""
    await page.route_web_socket("**/*", lambda _: None)


async def refuses(page: Page, code: RefusalCode, retry_s: float | None = None) -> None:
    """Answer whatever the page says with one refusal. It is no server: it admits nobody."""

    def opened(socket: WebSocketRoute) -> None:
        socket.on_message(
            lambda _: socket.send(serialise(Refused(code=code, text="No.", retry_s=retry_s)))
        )
        socket.send(serialise(Hello(challenge="A" * 22, now=1_800_000_000)))

    await page.route_web_socket("**/*", opened)


@dataclass
class Between:
    """What stands between a page and its server: it can lose a word, or say one."""

    lost: tuple[str, ...] = ()
    sockets: list[WebSocketRoute] = field(default_factory=list)

    def says(self, text: str) -> None:
        """Say to the page what the server has not said."""
        self.sockets[-1].send(text)


async def between(page: Page, *lost: str) -> Between:
    """Pass on all that the page says, but for these types of message."""
    made = Between(lost)

    def opened(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        made.sockets.append(socket)

        def passes(message: str | bytes) -> None:
            if not any(f'"type":"{one}"' in str(message) for one in made.lost):
                server.send(message)

        socket.on_message(passes)

    await page.route_web_socket("**/*", opened)
    return made
