"""After good-bye a browser knows nothing of it, and nobody else was ever asked for anything."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Request

from tests.pages.scene import scene
from tests.pages.screens import two_in_a_call

# All that a page can keep in a browser, by API. What a browser lacks holds nothing.
KEPT = """async () => {
  const listed = async (has, list) => (has ? await list() : []);
  const files = async () => {
    const root = await navigator.storage.getDirectory();
    const names = [];
    for await (const name of root.keys()) names.push(name);
    return names;
  };
  return {
    cookies: document.cookie,
    cookieStore: await listed('cookieStore' in window, () => cookieStore.getAll()),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    files: await listed('getDirectory' in navigator.storage, files),
    buckets: await listed('storageBuckets' in navigator, () => navigator.storageBuckets.keys()),
    used: (await navigator.storage.estimate()).usage,
    isPersisted: await navigator.storage.persisted(),
    name: window.name,
    history: history.state,
    fragment: location.hash,
    query: location.search,
  };
}"""

NOTHING = {
    "cookies": "",
    "cookieStore": [],
    "local": [],
    "session": [],
    "databases": [],
    "caches": [],
    "workers": 0,
    "files": [],
    "buckets": [],
    "used": 0,
    "isPersisted": False,
    "name": "",
    "history": None,
    "fragment": "",
    "query": "",
}


async def test_no_store_of_the_browser_holds_anything_after_hanging_up(tmp_path: Path) -> None:
    """Every API is asked; the page's own entry of the history and its address are empty too."""
    async with scene(tmp_path) as place:
        patient, _ = await two_in_a_call(place)
        assert NOTHING != await patient.page.evaluate(KEPT)

        await patient.hangs_up()
        await patient.is_over()

        assert NOTHING == await patient.page.evaluate(KEPT)
        assert [] == await patient.page.context.cookies()
        await place.closes()


async def test_a_whole_consultation_asks_one_origin_and_says_nothing_of_the_page(
    tmp_path: Path,
) -> None:
    """No other host, no referrer, no cookie, in neither direction; also not for the call."""
    asked: list[Request] = []
    sockets: list[str] = []
    async with scene(tmp_path) as place:
        patient = await place.patient()
        patient.page.on("request", lambda one: asked.append(one))
        patient.page.on("websocket", lambda socket: sockets.append(socket.url))
        doctor = await place.doctor()
        await patient.waits()
        await doctor.goes_on_duty()
        await place.meet(patient, doctor)
        await patient.hangs_up()
        await patient.is_over()

        own = urlsplit(place.signaling.origin).netloc
        hosts = {urlsplit(url).netloc for url in (*sockets, *(one.url for one in asked))}
        assert asked and sockets
        assert {own} == hosts
        for request in asked:
            sent = await request.all_headers()
            answer = await request.response()
            got = await answer.all_headers() if answer else {}
            assert not sent.get("referer") and "cookie" not in sent, request.url
            assert "set-cookie" not in got, request.url
        await place.closes()
