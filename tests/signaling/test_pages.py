"""The pages: what is in the folder, with its headers, and nothing beside."""

import gzip
from pathlib import Path

import pytest

from signaling.pages import HEADERS, NoPages, read_pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built folder, with things beside and inside that are not to be served."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    for name, text in {
        "index.html": "patient",
        "doctor.html": "doctor",
        "assets/page-1a2b.js": "script",
        "assets/page-1a2b.js.map": "map",
        "robots.txt": "robots",
        ".env": "secret",
    }.items():
        (built / name).write_text(text)
    (tmp_path / "outside.html").write_text("outside")
    return built


def test_pages_are_found_as_browsers_ask_for_them(folder: Path) -> None:
    """Two pages without their endings, assets with theirs."""
    pages = read_pages(folder)

    assert {"/", "/doctor", "/assets/page-1a2b.js"} == set(pages)
    assert b"patient" == pages["/"].body and b"doctor" == pages["/doctor"].body
    assert "text/html; charset=utf-8" == pages["/"].content_type
    assert "text/javascript; charset=utf-8" == pages["/assets/page-1a2b.js"].content_type


def test_only_files_of_known_kinds_in_the_folder_are_served(folder: Path) -> None:
    """No map, no hidden file, nothing from outside, no folder."""
    (folder / "folder.html").mkdir()

    served = [page.body for page in read_pages(folder).values()]

    assert [b"script", b"doctor", b"patient"] == served


def test_pages_are_read_once(folder: Path) -> None:
    """What changes on the disk later is not served."""
    pages = read_pages(folder)
    (folder / "index.html").write_text("changed")

    assert b"patient" == pages["/"].body


def test_pages_are_never_kept_and_assets_for_good(folder: Path) -> None:
    """An asset's name changes with its content; a page's does not."""
    pages = read_pages(folder)

    assert {"no-store"} == {pages[path].cache_control for path in ("/", "/doctor")}
    assert "public, max-age=31536000, immutable" == pages["/assets/page-1a2b.js"].cache_control


def test_the_compressed_page_is_the_page(folder: Path) -> None:
    """And the same bytes in every build: no time in it."""
    page = read_pages(folder)["/"]

    assert page.body == gzip.decompress(page.gzipped)
    assert page == read_pages(folder)["/"]


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_missing_pages_are_a_sentence(tmp_path: Path, path: str) -> None:
    """Which says what to type."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(NoPages, match=r"not built yet\. Type: make web"):
        read_pages(tmp_path / path)


def directives() -> dict[str, str]:
    policy = HEADERS["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_the_policy_lets_in_no_third_party() -> None:
    """Every source is ourselves, or made by the page itself."""
    assert "'none'" == directives()["default-src"]
    assert {"'none'", "'self'", "data:", "blob:", "'script'"} == {
        source for sources in directives().values() for source in sources.split()
    }


def test_the_policy_lets_in_no_inline_code() -> None:
    """Scripts and styles are files of ours, and no base or form leads elsewhere."""
    policy = directives()

    assert "'self'" == policy["script-src"] == policy["style-src"] == policy["connect-src"]
    assert "'none'" == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"]
    assert "'script'" == policy["require-trusted-types-for"]


def test_addresses_of_pages_go_nowhere() -> None:
    """No referrer, no search engine, and the server does not say what it is built with."""
    assert "no-referrer" == HEADERS["Referrer-Policy"]
    assert "noindex" in HEADERS["X-Robots-Tag"]
    assert "nosniff" == HEADERS["X-Content-Type-Options"]
    assert "teleconsult" == HEADERS["Server"]


def test_camera_and_microphone_are_for_the_pages_alone() -> None:
    """And a position is for nobody."""
    policy = HEADERS["Permissions-Policy"]

    assert "camera=(self), microphone=(self), geolocation=()" in policy
