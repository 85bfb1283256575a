"""What a stroke is: a row of numbers, and which of them are places, sizes, colours.

Every number lies in [0, 1]. A row is a block of shape, then one or two colours (RGB), then alpha; the order is that of
"Stylized Neural Painting" (Zou and others, CVPR 2021, https://arxiv.org/abs/2011.08114), so its files can be read.
Places are shares of the canvas's width and height, sizes shares of its longer side, so strokes know no resolution.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from s2p.errors import InputError, shown

_BOX, _CURVE = ("x", "y", "w", "h", "theta"), ("x0", "y0", "x1", "y1", "x2", "y2", "radius0", "radius2")
SIZES = ("w", "h", "radius0", "radius2")
MAX_STROKES = 100_000
OPEN = -1  # number of regions into which any stroke may run


@dataclass(frozen=True)
class Layout:
    """How one kind of stroke is written down.

    Attributes:
        name: in files and on command lines.
        title: for people.
        shape: names of the shape's numbers. `x1, y1` of a curve are no place: its control point lies that far from the
            first end to the last, per axis.
        colors: 1, or 2 for a gradient.
        alpha: least and largest alpha that a search gives.
    """

    name: str
    title: str
    shape: tuple[str, ...]
    colors: int
    alpha: tuple[float, float]

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return len(self.shape) + 3 * self.colors + 1

    @property
    def is_curve(self) -> bool:
        return "x2" in self.shape

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Columns of x and of y of every place."""
        names = ("0", "2") if self.is_curve else ("",)
        return tuple((self.shape.index(f"x{n}"), self.shape.index(f"y{n}")) for n in names)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Columns of sizes."""
        return tuple(i for i, name in enumerate(self.shape) if name in SIZES)

    @property
    def color(self) -> slice:
        """Columns of the colours."""
        return slice(len(self.shape), self.size - 1)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("oilpaintbrush", "Oil paint", _BOX, 2, alpha=(1.0, 1.0)),
        Layout("watercolor", "Watercolour", _CURVE, 2, alpha=(0.55, 0.9)),
        Layout("markerpen", "Marker pen", _CURVE, 1, alpha=(0.75, 0.95)),
        Layout("rectangle", "Colour tapes", _BOX, 1, alpha=(0.8, 1.0)),
    )
}


def layout_of(name: str) -> Layout:
    """The layout of a renderer; raises `InputError`.

    Example:
        >>> layout_of("oilpaintbrush").size
        12
    """
    if name not in LAYOUTS:
        raise InputError(f"The renderer must be one of {', '.join(LAYOUTS)}. Received: {shown(name)}.")
    return LAYOUTS[name]


@dataclass(frozen=True)
class Strokes:
    """Strokes in the order in which they are laid.

    Attributes:
        renderer: name of their layout.
        values: `float32[N, d]` in [0, 1].
        aspect: height of the canvas by its width.
        canvas: `#rrggbb`, the colour under them.
    """

    renderer: str
    values: np.ndarray = field(repr=False)
    aspect: float = 1.0
    canvas: str = "#ffffff"

    def __post_init__(self) -> None:
        size, values = self.layout.size, self.values
        if values.ndim != 2 or values.shape[1] != size or values.dtype != np.float32:
            raise InputError(
                f"Strokes of {self.renderer} must be float32[N, {size}]. Received: {values.dtype}{list(values.shape)}."
            )
        if len(values) > MAX_STROKES:
            raise InputError(f"At most {MAX_STROKES} strokes are drawn. Received: {len(values)}.")
        if not np.isfinite(values).all():
            raise InputError("Strokes must be finite numbers.")
        if not 0.01 <= self.aspect <= 100.0:
            raise InputError(f"The aspect must be between 0.01 and 100. Received: {shown(self.aspect)}.")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def layout(self) -> Layout:
        return layout_of(self.renderer)

    @property
    def canvas_rgb(self) -> np.ndarray:
        """`float32[3]` in [0, 1]."""
        return np.frombuffer(bytes.fromhex(self.canvas[1:]), np.uint8).astype(np.float32) / 255.0

    def size_at(self, longer: int) -> tuple[int, int]:
        """Height and width in pixels of a canvas whose longer side has `longer`."""
        height, width = (longer, longer / self.aspect) if self.aspect > 1 else (longer * self.aspect, longer)
        return max(1, round(height)), max(1, round(width))

    def with_values(self, values: np.ndarray) -> Strokes:
        """The same canvas with other strokes."""
        return replace(self, values=np.ascontiguousarray(values, np.float32))


def middles(shape: np.ndarray, layout: Layout) -> np.ndarray:
    """The middles of strokes, `float32[..., 2]` (x, y), of shapes or whole rows `float32[..., s]`."""
    if not layout.is_curve:
        return shape[..., 0:2]
    first, last = shape[..., 0:2], shape[..., 4:6]
    return 0.25 * (first + last) + 0.5 * (first + (last - first) * shape[..., 2:4])


def to_canvas(values: np.ndarray, layout: Layout, *, rows: int, columns: int) -> np.ndarray:
    """Strokes of a grid of blocks, each in its own block, as strokes of the canvas.

    Args:
        values: `float32[rows * columns, k, d]`, blocks row by row; places and sizes are shares of the block.

    Returns: `float32[rows * columns, k, d]`; places are shares of the canvas, sizes of its longer side.

    Example:
        >>> to_canvas(np.full((4, 1, 9), 0.5, np.float32), layout_of("rectangle"), rows=2, columns=2)[3, 0, :4]
        array([0.75, 0.75, 0.25, 0.25], dtype=float32)
    """
    result = np.array(values, np.float32)
    row, column = np.divmod(np.arange(rows * columns, dtype=np.int64), columns)
    for x, y in layout.places:
        result[..., x] = (result[..., x] + column[:, None]) / columns
        result[..., y] = (result[..., y] + row[:, None]) / rows
    result[..., list(layout.sizes)] /= max(rows, columns)
    return result


def to_blocks(strokes: Strokes, *, rows: int, columns: int) -> np.ndarray:
    """Strokes of a canvas as those of a grid, each in the block where its middle lies.

    Returns: `float32[rows * columns, k, d]` in the order in which they were laid; blocks with fewer end in strokes
        without alpha.
    """
    layout, values = strokes.layout, strokes.values
    middles = np.stack([values[:, list(axis)].mean(1) for axis in zip(*layout.places)], 1)
    column, row = (np.clip((middles * (columns, rows)).astype(int), 0, (columns - 1, rows - 1))).T
    block = row * columns + column
    result = np.zeros((rows * columns, int(np.bincount(block, minlength=1).max(initial=0)), layout.size), np.float32)
    for number in range(rows * columns):
        own = values[block == number].copy()
        for x, y in layout.places:
            own[:, x] = own[:, x] * columns - number % columns
            own[:, y] = own[:, y] * rows - number // columns
        own[:, list(layout.sizes)] *= max(rows, columns)
        result[number, : len(own)] = own
    return result
