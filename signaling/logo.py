"""An organisation's logo: bytes in, a picture that may be served, or why not.

Pure. It is shown by `<img>`, where browsers run no script; it is refused all the same where it
holds one or names anything outside itself, since whoever opens its address alone gets it bare.
Parsed by the standard library after everything that makes XML dangerous is refused: without a
DOCTYPE there are no entities to grow.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

MAX_BYTES = 64 * 1024
"""It is on every page's way, on an old phone too."""
RATIO_MAX = 6.0
"""Wider than this it leaves no room for a name on a phone."""

PNG, SVG = "image/png", "image/svg+xml"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
# What draws, and nothing that runs, loads, links, or moves.
_ELEMENTS = frozenset(
    "svg g defs title desc path rect circle ellipse line polyline polygon text tspan "
    "linearGradient radialGradient stop clipPath mask symbol use style".split()
)
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*")
_OWN = re.compile(r"#[\w.-]+")
_URL = re.compile(r"url\(\s*[\"']?(.*?)[\"']?\s*\)", re.IGNORECASE | re.DOTALL)


class WrongLogo(Exception):
    """It cannot be shown. The sentence says why."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture, its type, and how wide it is to its height."""

    body: bytes
    content_type: str
    ratio: float


def read(body: bytes) -> Logo:
    """Read a logo.

    Raises:
        WrongLogo: with a sentence.
    """
    if len(body) > MAX_BYTES:
        raise WrongLogo(f"the picture is larger than {MAX_BYTES // 1024} KiB")
    if body.startswith(_SIGNATURE):
        logo = Logo(body, PNG, _ratio_of_png(body))
    else:
        logo = Logo(body, SVG, _ratio_of_svg(body))
    if not 1 / RATIO_MAX <= logo.ratio <= RATIO_MAX:
        raise WrongLogo(f"the picture is more than {RATIO_MAX:g} times as long as it is broad")
    return logo


def _ratio_of_png(body: bytes) -> float:
    """Walk the chunks, so that nothing stands in it or after it that is none (PNG, section 5)."""
    at, ratio = len(_SIGNATURE), 0.0
    while len(body) >= at + 12:
        (length,) = struct.unpack_from(">I", body, at)
        kind, end = body[at + 4 : at + 8], at + 12 + length
        if end > len(body):
            break
        if zlib.crc32(body[at + 4 : end - 4]) != struct.unpack_from(">I", body, end - 4)[0]:
            break
        if not ratio:
            if kind != b"IHDR" or length != 13:
                break
            width, height = struct.unpack_from(">II", body, at + 8)
            if not width or not height:
                break
            ratio = width / height
        if kind == b"IEND" and end == len(body):
            return ratio
        at = end
    raise WrongLogo("the picture is a damaged PNG")


def _ratio_of_svg(body: bytes) -> float:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise WrongLogo("the picture is neither a PNG nor an SVG") from None
    if re.search(r"<!(?!--)|<\?(?!xml\s)", text):
        raise WrongLogo("the SVG has a DOCTYPE or an instruction; save it as a plain SVG")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise WrongLogo("the picture is neither a PNG nor an SVG") from None
    if root.tag != f"{_SVG}svg":
        raise WrongLogo("the picture is neither a PNG nor an SVG")
    for element in root.iter():
        _refuse(element)
    return _ratio_of(root)


def _refuse(element: ElementTree.Element) -> None:
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS:
        raise WrongLogo(
            f"the SVG holds <{name.rpartition('}')[2][:30]}>, and a logo only draws: no script, no "
            "link, no picture in the picture, nothing that moves. Save it as a plain SVG"
        )
    for key, value in element.attrib.items():
        own = key.rpartition("}")[2].lower()
        if own.startswith("on"):
            raise WrongLogo(f"the SVG holds a script ({own[:30]})")
        if own in ("href", "src") and not _OWN.fullmatch(value):
            raise WrongLogo("the SVG refers to something outside itself")
        _refuse_foreign(value)
    _refuse_foreign(element.text or "")
    if name == "style" and re.search(r"@|\\", element.text or ""):
        raise WrongLogo("the style of the SVG loads something. Save it as a plain SVG")


def _refuse_foreign(value: str) -> None:
    """Colours may name a gradient of the picture's own, and nothing else."""
    if any(not _OWN.fullmatch(target) for target in _URL.findall(value)):
        raise WrongLogo("the SVG refers to something outside itself")
    if re.search(r"url\((?![^)]*\))|javascript:", value, re.IGNORECASE):
        raise WrongLogo("the SVG holds a script, or refers to something outside itself")


def _ratio_of(root: ElementTree.Element) -> float:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        width, height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        sides = [_LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
        width, height = (float(side[1]) if side else 0.0 for side in sides)
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise WrongLogo("the SVG does not say how large it is: it needs a viewBox")
    return width / height
