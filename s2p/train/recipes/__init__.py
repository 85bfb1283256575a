"""The recipes by name: `s2p/train/recipes/NAME.py` holds the dataclass `Name`."""

from __future__ import annotations

import dataclasses
import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2p.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from s2p.train.recipe import Recipe

_SHARED = ("painter",)  # what several recipes have in common, not a recipe itself
# What fields were called before, and are still called in commands that people have.
FORMER = {
    "size": "variant", "judge_rate": "discriminator_rate", "judge_steps": "discriminator_steps",
    "judged": "discriminator_share", "judge": "adversarial",
}


def names() -> list[str]:
    """Names of all recipes, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _SHARED)


def get(name: str) -> type[Recipe]:
    """The class of a recipe; raises `NotFoundError`."""
    if name not in names():
        raise NotFoundError(f"The recipe must be one of {', '.join(names())}. Received: {name!r}.")
    module = import_module(f"{__name__}.{name}")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


def configure(name: str, *, data: str | Path, changes: Iterable[str] = ()) -> Recipe:
    """A recipe with fields changed as on the command line.

    Args:
        name: of the recipe.
        data: folder of training pictures.
        changes: texts like `rate=0.0003`.

    Raises:
        ConfigError: a field that the recipe does not have, or a value of the wrong kind.

    Example:
        >>> configure("baby", data="art", changes=["epochs=3"]).epochs
        3
    """
    recipe = get(name)
    fields = {field.name: field for field in dataclasses.fields(recipe) if field.init and field.name != "data"}
    values: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        key = key.strip() if key.strip() in fields else FORMER.get(key.strip(), key)
        if not equals or key.strip() not in fields:
            raise ConfigError(
                f"--set takes NAME=VALUE with NAME out of {', '.join(fields)} for {name!r}. Received: {change!r}."
            )
        values[key.strip()] = _converted(fields[key.strip()], text.strip(), change)
    return recipe(data=str(data), **values)


def _converted(field: dataclasses.Field[Any], text: str, change: str) -> Any:
    kind = type(field.default)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"{field.name} must be true or false. Received: {change!r}.")
        return text.lower() == "true"
    try:
        return kind(text)
    except (TypeError, ValueError):
        word = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise ConfigError(f"{field.name} must be {word}. Received: {change!r}.") from None
