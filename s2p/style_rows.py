"""The styles in a weight file of the network `stylizer`: a name each, and a row in every table of scales and offsets.

The names are what the network's builder is told (`s2p.weight_files`), so that they travel with the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from s2p.errors import InputError, WeightsError
from s2p.names import LONGEST, as_name, is_name
from s2p.weight_files import build_in

if TYPE_CHECKING:
    import keras

BLOCKS = 5  # of residual layers in the middle of the network
CONTRACT, EXPAND = ("contract1", "contract2", "contract3"), ("expand1", "expand2", "expand3")
# All normalised layers in their order; `NAME_scale/kernel` and `NAME_offset/kernel` hold a row for every style.
NAMES = (*CONTRACT, *(f"residual{i}_{part}" for i in range(1, BLOCKS + 1) for part in "ab"), *EXPAND)
MAX_STYLES = 256


def checked_name(name: str) -> str:
    """A style's name if it is one (`s2p.names`), and not `all`; raises `InputError`.

    Example:
        >>> checked_name("great-wave")
        'great-wave'
    """
    if not is_name(name) or name == "all":
        raise InputError(
            f"A style's name has small letters and digits, - between words, at most {LONGEST} of them, and is not "
            f"'all'. Received: {name[:60]!r}."
        )
    return name


def style_name(path: Path) -> str:
    """What a style of a painting is called where nobody says it: as the file.

    Example:
        >>> style_name(Path("Starry_Night.webp"))
        'starry-night'
    """
    return checked_name(as_name(path.stem))


def names_in(path: Path) -> list[str]:
    """Names of the styles in a file, in the order of their rows; raises `WeightsError`."""
    names = build_in(path).get("styles")
    if not isinstance(names, list) or not 0 < len(names) <= MAX_STYLES:
        raise WeightsError(f"{path.name} does not say which styles are in it.")
    return [checked_name(str(name)) for name in names]


def is_row(variable: Any) -> bool:
    """Whether a variable of the network, or its path, is a table with a row for every style."""
    path = variable if isinstance(variable, str) else variable.path
    return path.endswith(("_scale/kernel", "_offset/kernel"))


def load_rows(model: keras.Model, path: Path, names: Sequence[str]) -> None:
    """Fills a network with a file's convolutions, and with the rows of the styles that both know.

    Rows of other styles become the mean of those in the file, which is nearer to any painting than none.

    Args:
        model: of `s2p.models.stylizer`, with `len(names)` styles.
        path: of a weight file.
        names: of the model's styles.

    Raises:
        WeightsError: the file is of another width.
    """
    known = names_in(path)
    with h5py.File(path, "r") as file:
        for variable in model.variables:
            value = np.asarray(file[variable.path], np.float32) if variable.path in file else np.zeros(0)
            if is_row(variable) and value.ndim == 2 and len(value) == len(known):
                mean = value.mean(0)
                value = np.stack([value[known.index(name)] if name in known else mean for name in names])
            if value.shape != tuple(variable.shape):
                raise WeightsError(
                    f"{path.name}: {variable.path} must be {tuple(variable.shape)}. Received: {value.shape}. Is it of "
                    "another variant?"
                )
            variable.assign(value)
