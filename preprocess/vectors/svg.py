"""SVG pictures as a list of marks, each of which can be drawn in a colour of its own.

A mark is the fill or the stroke of one shape. What a file says in groups, styles and style sheets is brought to the
shapes first, so that a mark's colour is what one sees. Skia draws.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np

from s2p.errors import InputError

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
_ASIDE = ("defs", "clipPath", "mask", "symbol", "pattern", "marker", "linearGradient", "radialGradient", "metadata")
_REFUSED = ("use", "image", "text", "foreignObject", "script")
_STYLES = ("fill", "stroke", "opacity", "clip-path", "clip-rule", "display", "stop-")
_OPACITIES = ("opacity", "fill-opacity", "stroke-opacity")
_MAX_CHARACTERS = 4_000_000
_NAMED = {"black": "#000000", "white": "#ffffff", "red": "#ff0000", "none": "none", "transparent": "none"}


@dataclass(frozen=True)
class Mark:
    """The fill or the stroke of a shape.

    Attributes:
        element: int. Number of the shape in the picture.
        side: `fill` or `stroke`.
        color: `#rrggbb`; what is no plain colour stands as it is in the file.
        groups: ids and labels of the shape and of all groups around it, from the outside in.
        opacity: float in [0, 1], of the shape and its groups together.
    """

    element: int
    side: str
    color: str
    groups: tuple[str, ...]
    opacity: float


class Picture:
    """A parsed SVG.

    Args:
        text: of the file.
        name: for messages.

    Raises:
        InputError: it is no SVG, has no size, or uses what cannot be labelled by its shapes (`use`, text, images).
    """

    def __init__(self, text: str, *, name: str = "picture") -> None:
        if len(text) > _MAX_CHARACTERS:
            raise InputError(f"{name} has more than {_MAX_CHARACTERS} characters, which is no drawing.")
        try:
            self._root = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            raise InputError(f"{name} is not an SVG file: {error}.") from None
        if self._root.tag != f"{{{_SVG}}}svg":
            raise InputError(f"{name} is not an SVG file: its root is {self._root.tag!r}.")
        found = {_tag(element) for element in self._root.iter()} & set(_REFUSED)
        if found:
            raise InputError(f"{name} has {', '.join(sorted(found))}; only plain shapes can be labelled. Expand them.")
        _name_plainly(self._root)
        self.box = _box_of(self._root, name)
        _inline_styles(self._root)
        self.marks: list[Mark] = []
        self._shapes = 0
        self._walk(self._root, {"fill": "#000000", "stroke": "none"}, (), 1.0)

    def _walk(self, element: Any, inherited: dict[str, str], groups: tuple[str, ...], opacity: float) -> None:
        if _is_aside(element):
            return
        own = {side: _color(element.get(side)) or inherited[side] for side in ("fill", "stroke")}
        groups += tuple(value for value in (element.get("id"), element.get(_LABEL)) if value)
        opacity *= _number(element.get("opacity"), 1.0)
        if _tag(element) in _SHAPES:
            for side, color in own.items():
                if color != "none" and not (_tag(element) == "line" and side == "fill"):
                    share = opacity * _number(element.get(f"{side}-opacity"), 1.0)
                    self.marks.append(Mark(self._shapes, side, color, groups, share))
            self._shapes += 1
        for child in element:
            self._walk(child, own, groups, opacity)

    def drawn(self, colors: Sequence[str], *, solid: bool = False, widths: dict[int, float] | None = None) -> str:
        """The picture as SVG text with a colour for each of `marks`.

        Args:
            colors: `#rrggbb`, `none`, or `keep`, one for each mark.
            solid: without any transparency.
            widths: by number of a shape, a factor for the width of its stroke.
        """
        root = copy.deepcopy(self._root)
        by_shape: dict[int, dict[str, str]] = {}
        for mark, color in zip(self.marks, colors, strict=True):
            by_shape.setdefault(mark.element, {})[mark.side] = color
        for number, element in enumerate(_shapes_of(root)):
            wanted = by_shape.get(number, {})
            for side in ("fill", "stroke"):
                if wanted.get(side) != "keep":
                    element.set(side, wanted.get(side, "none"))
            if widths and number in widths:
                width = _number(element.get("stroke-width"), 1.0)
                element.set("stroke-width", f"{width * widths[number]:.4g}")
        if solid:
            for element in root.iter():
                for name in _OPACITIES:
                    element.attrib.pop(name, None)
        return ElementTree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class Placement:
    """Where a picture lies on a page.

    Attributes:
        scale: pixels for a unit of the picture.
        x, y: pixels. Where `centre` comes to lie.
        centre: `(x, y)` in units of the picture.
        tilt: degrees, clockwise.
        mirrored: left and right changed.
    """

    scale: float
    x: float
    y: float
    centre: tuple[float, float]
    tilt: float = 0.0
    mirrored: bool = False


def raster(text: str, box: tuple[float, float, float, float], size: tuple[int, int], place: Placement) -> np.ndarray:
    """Draws SVG text on a page that is transparent elsewhere.

    Args:
        text: SVG.
        box: `Picture.box`; what lies outside is cut off.
        size: `(height, width)` of the page in pixels.
        place: where.

    Returns:
        `uint8[H, W, 4]`, RGBA, colours multiplied by alpha.

    Raises:
        InputError: Skia is not installed, or does not understand the text.
    """
    try:
        import skia
    except ImportError:
        need = "Drawing SVG files needs Skia: pip install 's2p[vectors]'; also libegl1 and libgl1 if OpenGL is missing."
        raise InputError(need) from None
    data = text.encode()  # must outlive the stream, which keeps no copy
    dom = skia.SVGDOM.MakeFromStream(skia.MemoryStream(data))
    if dom is None:
        raise InputError("Skia does not understand this SVG.")
    left, top, wide, high = box
    dom.setContainerSize(skia.Size(wide, high))
    height, width = size
    pixels = np.zeros((height, width, 4), np.uint8)
    surface = skia.Surface.MakeRasterDirect(
        skia.ImageInfo.Make(width, height, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kPremul_AlphaType),
        pixels, width * 4,
    )  # fmt: skip
    with surface as canvas:
        canvas.translate(place.x, place.y)
        canvas.rotate(place.tilt)
        canvas.scale(-place.scale if place.mirrored else place.scale, place.scale)
        canvas.translate(left - place.centre[0], top - place.centre[1])
        canvas.clipRect(skia.Rect.MakeWH(wide, high))
        dom.render(canvas)
    return pixels


def _shapes_of(element: Any) -> Iterator[Any]:
    if _is_aside(element):
        return
    if _tag(element) in _SHAPES:
        yield element
    for child in element:
        yield from _shapes_of(child)


def _name_plainly(root: Any) -> None:
    """Names without namespaces, which Skia reads only in their usual form."""
    for element in root.iter():
        element.tag = _tag(element)
        target = element.attrib.pop(f"{{{_XLINK}}}href", None)
        if target is not None:
            element.set("xlink:href", target)
    root.set("xmlns", _SVG)
    root.set("xmlns:xlink", _XLINK)


def _is_aside(element: Any) -> bool:
    return _tag(element) in _ASIDE or element.get("display") == "none"


def _inline_styles(root: Any) -> None:
    """Style sheets (of single classes) and style attributes become plain attributes; sizes become those of the box."""
    classes: dict[str, dict[str, str]] = {}
    for sheet in [element for element in root.iter() if _tag(element) == "style"]:
        for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.text or ""):
            for name in names.split(","):
                classes.setdefault(name.strip().lstrip("."), {}).update(_declarations(body))
        sheet.text = ""
    for element in root.iter():
        for name in (element.get("class") or "").split():
            for key, value in classes.get(name, {}).items():
                element.set(key, value)
        for key, value in _declarations(element.attrib.pop("style", "")).items():
            element.set(key, value)
    for name in ("width", "height"):
        root.attrib.pop(name, None)


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in body.split(";") if ":" in part)
    return {key.strip(): value.strip() for key, value in pairs if key.strip().startswith(_STYLES)}


def _box_of(root: Any, name: str) -> tuple[float, float, float, float]:
    values = [_number(value, -1.0) for value in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    if len(values) != 4:
        values = [0.0, 0.0, _number(root.get("width"), -1.0), _number(root.get("height"), -1.0)]
        root.set("viewBox", " ".join(f"{value:g}" for value in values))
    if values[2] <= 0 or values[3] <= 0:
        raise InputError(f"{name} has neither a viewBox nor a width and height.")
    return values[0], values[1], values[2], values[3]


def _number(text: str | None, default: float) -> float:
    found = re.match(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text or "", re.IGNORECASE)
    if not found:
        return default
    return float(found.group(0)) / (100.0 if (text or "").strip().endswith("%") else 1.0)


def _color(text: str | None) -> str | None:
    if text is None or text in ("inherit", "currentColor"):
        return None
    if text.startswith("@"):  # the name of a colour, of a style that is composed
        return text
    text = text.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return "#" + "".join(letter * 2 for letter in text[1:])
    rgb = re.fullmatch(r"rgb\((\d+)\s*,\s*(\d+)\s*,\s*(\d+)\)", text)
    if rgb:
        return "#" + "".join(f"{min(int(value), 255):02x}" for value in rgb.groups())
    return _NAMED.get(text, text)


def _tag(element: Any) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""
