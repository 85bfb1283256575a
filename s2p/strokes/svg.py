"""Strokes as SVG: every stroke an element that a drawing program can move, in the look of the vector engine.

Oil strokes are gradients behind masks; the pictures of bristles, ours and made by procedure, are in the file once each.
"""

from __future__ import annotations

import base64

import cv2
import numpy as np

from s2p.image import encode_image
from s2p.strokes import brushes
from s2p.strokes.curves import centre_line
from s2p.strokes.layouts import OPEN, Strokes, middles
from s2p.strokes.raster import oil_brush

_SIDE = 1000  # units of the longer side
_TEXTURE = 256  # most pixels of a bristle picture


def svg(strokes: Strokes, *, lines: np.ndarray | None = None, walls: np.ndarray | None = None) -> str:
    """The painting as an SVG document.

    Args:
        strokes: in their order.
        lines: `uint8[H, W, 4]` RGBA or None, an artist's lines that lie on top.
        walls: as for `s2p.strokes.raster.Canvas`, of any size; strokes are cut off at the borders of their regions.
    """
    height, width = strokes.size_at(_SIDE)
    draw = {"oilpaintbrush": _Oil, "watercolor": _Watercolor, "markerpen": _Marker, "rectangle": _Rectangle}
    pen = draw[strokes.renderer](height, width)
    body = [pen.element(row, number) for number, row in enumerate(strokes.values)]
    if walls is not None:
        body = _walled(body, strokes, walls, pen)
    over = "" if lines is None else f'<image width="{width}" height="{height}" href="{_png(lines)}"/>\n'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"<defs>\n{''.join(f'{line}{chr(10)}' for line in pen.defs)}</defs>\n"
        f'<rect width="{width}" height="{height}" fill="{strokes.canvas}"/>\n'
        + "".join(f"{element}\n" for element in body) + over + "</svg>\n"
    )


class _Pen:
    """Turns rows into elements and collects what they refer to."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width, self.longer = height, width, max(height, width)
        self.defs: list[str] = []

    def element(self, row: np.ndarray, number: int) -> str:
        raise NotImplementedError

    def gradient(self, number: int, place: str, first: np.ndarray, last: np.ndarray) -> str:
        self.defs.append(
            f'<linearGradient id="g{number}" gradientUnits="userSpaceOnUse" {place}><stop stop-color="{_hex(first)}"/>'
            f'<stop offset="1" stop-color="{_hex(last)}"/></linearGradient>'
        )
        return f"url(#g{number})"


class _Rectangle(_Pen):
    def element(self, row: np.ndarray, number: int) -> str:
        w, h = row[2] * self.longer / 2, row[3] * self.longer / 2
        x, y = row[0] * self.width, row[1] * self.height
        turn = f' transform="rotate({_n(row[4] * 180)} {_n(x)} {_n(y)})"' if row[4] else ""
        alpha = "" if row[-1] >= 1 else f' fill-opacity="{_n(row[-1])}"'
        place = f'x="{_n(x - w / 2)}" y="{_n(y - h / 2)}" width="{_n(w)}" height="{_n(h)}"'
        return f'<rect {place} fill="{_hex(row[5:8])}"{alpha}{turn}/>'


class _Oil(_Pen):
    def __init__(self, height: int, width: int) -> None:
        super().__init__(height, width)
        self._known: set[str] = set()

    def element(self, row: np.ndarray, number: int) -> str:
        kind, variant, light, is_upright = oil_brush(row)
        mask, shade = self._brush(kind, variant, light)
        w, h = row[2] * self.longer, row[3] * self.longer
        length, breadth = (h, w) if is_upright else (w, h)
        # Upright strokes are turned by a quarter, so the gradient runs from their far end to the near one.
        place = f'x1="{_n(-length / 2)}" x2="{_n(length / 2)}" y1="0" y2="0"'
        if not is_upright:
            place = f'x1="0" x2="0" y1="{_n(-breadth / 2)}" y2="{_n(breadth / 2)}"'
        fill = self.gradient(number, place, row[5:8], row[8:11])
        turn = row[4] * 180 + (90 if is_upright else 0)
        box = f'x="{_n(-length / 2)}" y="{_n(-breadth / 2)}" width="{_n(length)}" height="{_n(breadth)}"'
        return (
            f'<g transform="translate({_n(row[0] * self.width)} {_n(row[1] * self.height)}) rotate({_n(turn)})">'
            f'<rect {box} fill="{fill}" mask="url(#{mask})"/>'
            f'<use href="#{shade}" transform="scale({_n(length)} {_n(breadth)})"/></g>'
        )

    def _brush(self, kind: str, variant: int, light: int) -> tuple[str, str]:
        mask, shade = f"{kind}{variant}", f"{kind}{variant}-{light}"
        texture = next(level for level in brushes.oil(kind, variant, light) if level.shape[1] <= _TEXTURE)
        alpha, tone = np.clip(texture[..., 0], 0, 1), np.clip(texture[..., 1], 0, 1)
        if mask not in self._known:
            self._known.add(mask)
            self.defs.append(
                f'<mask id="{mask}" maskContentUnits="objectBoundingBox" x="0" y="0" width="1" height="1">'
                f'<image width="1" height="1" preserveAspectRatio="none" href="{_png(_bytes(alpha))}"/></mask>'
            )
        if shade not in self._known:
            self._known.add(shade)
            dark = np.zeros((*alpha.shape, 4), np.uint8)
            dark[..., 3] = _bytes(alpha * (1.0 - tone))
            self.defs.append(
                f'<image id="{shade}" x="-0.5" y="-0.5" width="1" height="1" preserveAspectRatio="none" '
                f'href="{_png(dark)}"/>'
            )
        return mask, shade


class _Marker(_Pen):
    def element(self, row: np.ndarray, number: int) -> str:
        scale = np.array([self.width, self.height], np.float32)
        first, last = row[0:2] * scale, row[4:6] * scale
        bend = first + (last - first) * row[2:4]
        if np.abs(last - first).max() < 0.2:  # a line without length has no direction for its square ends
            last = first + np.array([0.2, 0.0], np.float32)
        path = f"M{_p(first)}Q{_p(bend)} {_p(last)}"
        stroke = f'stroke="{_hex(row[8:11] * 0.98)}" stroke-opacity="{_n(row[-1] * 0.96)}"'
        return (
            f'<path d="{path}" fill="none" {stroke} stroke-width="{_n(row[6] * self.longer / 2)}" '
            f'stroke-linecap="square"/>'
        )


class _Watercolor(_Pen):
    def element(self, row: np.ndarray, number: int) -> str:
        points = centre_line(row[:8], self.height, self.width, 16)
        first, last = points[0], points[-1]
        if np.abs(last - first).max() < 0.2:
            last = first + np.array([0.2, 0.0], np.float32)
        place = f'x1="{_n(first[0])}" y1="{_n(first[1])}" x2="{_n(last[0])}" y2="{_n(last[1])}"'
        fill = self.gradient(number, place, row[8:11] * 0.985, row[11:14] * 0.985)
        outline = "M" + "L".join(_p(point) for point in self._outline(points, row[6:8] * self.longer / 4)) + "Z"
        rim = 0.05 * float(row[6] + row[7]) * self.longer / 4
        alpha = min(row[-1] * 0.88, 1.0)
        return (
            f'<path d="{outline}" fill="{fill}" fill-opacity="{_n(alpha)}" stroke="#000" stroke-opacity="0.05" '
            f'stroke-width="{_n(rim)}"/>'
        )

    def _outline(self, points: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Round the tapered line, its border moved by the same slow noise as in the vector engine."""
        step = np.gradient(points, axis=0)
        angle = np.arctan2(step[:, 1], step[:, 0]) if np.abs(step).max() > 1e-3 else np.zeros(len(points), np.float32)
        radius = np.linspace(ends[0], ends[1], len(points))
        turn = np.linspace(0, np.pi, 9)[1:-1]
        centres = np.concatenate([points, np.repeat(points[-1:], 7, 0), points[::-1], np.repeat(points[:1], 7, 0)])
        angles = np.concatenate(
            [angle - np.pi / 2, angle[-1] - np.pi / 2 + turn, angle[::-1] + np.pi / 2, angle[0] + np.pi / 2 + turn]
        )
        radii = np.concatenate([radius, np.full(7, ends[1]), radius[::-1], np.full(7, ends[0])])
        way = np.stack([np.cos(angles), np.sin(angles)], 1)
        noise = brushes.drift()
        at = (centres + way * radii[:, None]) * (len(noise) / self.longer)
        column, row = at.astype(int).T % len(noise)
        return centres + way * (radii + noise[row, column] * float(ends.mean()) / 5.0)[:, None]


def _walled(elements: list[str], strokes: Strokes, walls: np.ndarray, pen: _Pen) -> list[str]:
    """The elements, each within the region of its stroke's middle; what lies in open places stays whole."""
    rows, columns = walls.shape
    places = np.clip(middles(strokes.values, strokes.layout), 0.0, 0.99999) * (columns, rows)
    homes = [int(walls[int(y), int(x)]) for x, y in places]
    scale = np.array([pen.width / columns, pen.height / rows]) / 2
    for home in sorted(set(homes) - {OPEN}):
        mask = ((walls == home) | (walls == OPEN)).astype(np.uint8)
        mask = cv2.resize(mask, (2 * columns, 2 * rows), interpolation=cv2.INTER_NEAREST)
        contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        outlines = [cv2.approxPolyDP(contour, 0.8, True)[:, 0] for contour in contours]
        path = "".join("M" + "L".join(_p((point + 0.5) * scale) for point in one) + "Z" for one in outlines)
        pen.defs.append(f'<clipPath id="w{home}"><path d="{path}" clip-rule="evenodd"/></clipPath>')
    return [
        element if home == OPEN else f'<g clip-path="url(#w{home})">{element}</g>'
        for element, home in zip(elements, homes)
    ]


def _bytes(values: np.ndarray) -> np.ndarray:
    return (values * 255.0 + 0.5).astype(np.uint8)


def _png(image: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(encode_image(image, "png")).decode()


def _hex(color: np.ndarray) -> str:
    return "#" + _bytes(np.clip(color, 0.0, 1.0)).tobytes().hex()


def _n(value: float) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _p(point: np.ndarray) -> str:
    return f"{_n(point[0])} {_n(point[1])}"
