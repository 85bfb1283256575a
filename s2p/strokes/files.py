"""Files of strokes: NPZ as "Stylized Neural Painting" writes it, in both of its forms, and JSON.

What is read is data from outside: sizes are looked at before anything is unpacked, and no pickle is opened.
"""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError, OutputError, shown
from s2p.files import printable, write_whole
from s2p.schema import parse_color
from s2p.strokes.layouts import LAYOUTS, Layout, Strokes, layout_of, to_blocks, to_canvas

ENDINGS = (".npz", ".json", ".svg")
READABLE = (".npz", ".json")
MAX_BYTES = 64 * 1024 * 1024
_FORMAT = "s2p strokes 1"
_ARRAYS = ("x_ctt", "x_color", "x_alpha")


def write_strokes(path: str | Path, strokes: Strokes, *, blocks: tuple[int, int] | None = None) -> None:
    """Writes strokes; the extension decides.

    Args:
        path: `.npz` or `.json` to be read again, or `.svg` for drawing programs.
        blocks: rows and columns; an NPZ file is then in the form of blocks, which the original's style transfer reads.

    Raises:
        OutputError: another extension, or the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".npz":
        write_whole(path, npz(strokes, blocks=blocks))
    elif suffix == ".json":
        write_whole(path, dumps(strokes).encode())
    elif suffix == ".svg":
        from s2p.strokes.svg import svg

        write_whole(path, svg(strokes).encode())
    else:
        raise OutputError(f"Strokes can be written as {', '.join(ENDINGS)}. Received: {Path(path).name!r}.")


def read_strokes(path: str | Path) -> Strokes:
    """Reads a file of strokes, ours or the original's (whose canvas is square and white).

    Raises:
        InputError: missing, too large, damaged, or no strokes.
    """
    path = Path(path)
    name = printable(path.name)
    try:
        if path.suffix.lower() not in READABLE:
            raise InputError(f"Files of strokes end in {' or '.join(READABLE)}. Received: {name}.")
        if not path.is_file():
            raise InputError(f"{name} does not exist or is no file; a file of strokes is needed.")
        if os.path.getsize(path) > MAX_BYTES:
            raise InputError(f"{name} is larger than {MAX_BYTES >> 20} MiB, the limit for a file of strokes.")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    try:
        return loads(data.decode()) if path.suffix.lower() == ".json" else from_npz(data)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not a text file.") from error
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


# NPZ ------------------------------------------------------------------------------------------------------------------


def npz(strokes: Strokes, *, blocks: tuple[int, int] | None = None) -> bytes:
    """`x_ctt`, `x_color`, `x_alpha`: `float32[1, N, .]` of the canvas, or `float32[rows * columns, k, .]` of blocks.

    Beside them `renderer`, `aspect`, `canvas` and, for blocks, `grid`.
    """
    layout = strokes.layout
    values = strokes.values[None] if blocks is None else to_blocks(strokes, rows=blocks[0], columns=blocks[1])
    shape = len(layout.shape)
    extra: dict[str, Any] = {} if blocks is None else {"grid": np.array(blocks, np.int32)}
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, allow_pickle=False, x_ctt=values[..., :shape], x_color=values[..., layout.color],
        x_alpha=values[..., -1:], renderer=np.array(strokes.renderer), aspect=np.array(strokes.aspect),
        canvas=np.array(strokes.canvas), **extra,
    )
    return buffer.getvalue()


def from_npz(data: bytes) -> Strokes:
    """Strokes of an NPZ file in either form; raises `InputError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise InputError(f"It unpacks to more than {MAX_BYTES >> 20} MiB.")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            held = {name: arrays[name] for name in (*_ARRAYS, "renderer", "aspect", "canvas", "grid") if name in arrays}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError, NotImplementedError) as error:
        raise InputError("This is not an NPZ file that can be read. Copy it again.") from error
    if not set(_ARRAYS) <= set(held):
        raise InputError(f"A file of strokes holds {', '.join(_ARRAYS)}. Received: {', '.join(held) or 'none'}.")
    parts = [held[name] for name in _ARRAYS]
    if any(part.ndim != 3 or part.dtype.kind not in "fiu" or part.shape[:2] != parts[0].shape[:2] for part in parts):
        raise InputError("The arrays of a file of strokes must be numbers of the shape [blocks, strokes, columns].")
    layout = _layout(held.get("renderer"), parts)
    values = np.concatenate(parts, 2).astype(np.float32)
    blocks = len(values)
    grid = [int(v) for v in held["grid"].ravel()] if "grid" in held else [math.isqrt(blocks)] * 2
    if len(grid) != 2 or grid[0] * grid[1] != blocks:
        raise InputError(f"Blocks form a square grid, or say which. Received: {blocks} of them.")
    if blocks > 1:  # the first stroke of every block, then the second, as the original lays them
        values = to_canvas(values, layout, rows=grid[0], columns=grid[1]).transpose(1, 0, 2)
    aspect = float(held["aspect"]) if "aspect" in held and held["aspect"].size == 1 else 1.0
    canvas = str(held["canvas"]) if "canvas" in held else "#ffffff"
    kept = values.reshape(-1, layout.size)
    return _checked(layout, kept[kept[:, -1] > 0] if blocks > 1 else kept, aspect, canvas)


def _layout(named: np.ndarray | None, parts: list[np.ndarray]) -> Layout:
    if named is not None:
        layout = layout_of(str(named))
        candidates = [layout]
    else:
        candidates = list(LAYOUTS.values())
    columns = [part.shape[2] for part in parts]
    for layout in candidates:
        if columns == [len(layout.shape), 3 * layout.colors, 1]:
            return layout
    raise InputError(f"No renderer has so many numbers for shape, colour and alpha. Received: {columns}.")


def _checked(layout: Layout, values: np.ndarray, aspect: float, canvas: str) -> Strokes:
    strokes = Strokes(layout.name, np.ascontiguousarray(values, np.float32), aspect, parse_color(canvas))
    return strokes.with_values(np.clip(strokes.values, 0.0, 1.0))


# JSON -----------------------------------------------------------------------------------------------------------------


def dumps(strokes: Strokes) -> str:
    """JSON with the names of the columns; numbers are exact."""
    layout = strokes.layout
    colors = [f"{c}{end}" for end in ("0", "2")[: layout.colors] for c in "rgb"]
    head = {
        "format": _FORMAT, "renderer": strokes.renderer, "aspect": strokes.aspect, "canvas": strokes.canvas,
        "columns": [*layout.shape, *colors, "alpha"],
    }
    rows = ",\n".join("[" + ",".join(f"{v:.9g}" for v in row) + "]" for row in strokes.values.tolist())
    return json.dumps(head)[:-1] + f', "strokes": [\n{rows}\n]}}\n'


def loads(text: str) -> Strokes:
    """Strokes of `dumps`; raises `InputError`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("This is not JSON that can be read.") from error
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise InputError(f"A file of strokes says \"format\": \"{_FORMAT}\".")
    layout = layout_of(str(data.get("renderer")))
    rows = data.get("strokes")
    try:
        values = np.array(rows, np.float32).reshape(-1, layout.size) if rows else np.zeros((0, layout.size), np.float32)
        aspect = float(data.get("aspect", 1.0))
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"Every stroke of {layout.name} is a list of {layout.size} numbers.") from error
    if rows and len(rows) != len(values):
        raise InputError(f"A stroke of {layout.name} is a list of {layout.size} numbers. Received: {shown(rows[0])}.")
    return _checked(layout, values, aspect, str(data.get("canvas", "#ffffff")))
