"""The recipes by name: `s2p/train/recipes/NAME.py` holds the dataclass `Name`."""

from __future__ import annotations

import dataclasses
import inspect
import math
import pkgutil
import re
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2p.errors import ConfigError, InputError, NotFoundError
from s2p.runtimes.quiet import import_quietly

if TYPE_CHECKING:
    from s2p.train.recipe import Recipe

_SHARED = ("painter",)  # what several recipes have in common, not a recipe itself
# What fields were called before, and are still called in commands that people have.
FORMER = {
    "size": "variant", "judge_rate": "discriminator_rate", "judge_steps": "discriminator_steps",
    "judged": "discriminator_share", "judge": "adversarial",
}
# The least that fields of all recipes may be; rates and shares at most 1.
_LEAST = {
    "batch_size": 1, "epoch_steps": 1, "epochs": 1, "keep_every": 1, "warmup": 0, "loaders": 0, "rate": 0, "clip": 0,
    "ema": 0, "more_share": 0,
}
_AT_MOST_1 = ("rate", "ema", "more_share")


def names() -> list[str]:
    """Names of all recipes, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _SHARED)


def get(name: str) -> type[Recipe]:
    """The class of a recipe; raises `NotFoundError`."""
    if name not in names():
        raise NotFoundError(f"The recipe must be one of {', '.join(names())}. Received: {name!r}.")
    import_quietly("keras")
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
            near = get_close_matches(key.strip(), fields, 1) if equals else []
            raise ConfigError(
                f"--set takes NAME=VALUE with NAME out of {', '.join(fields)} for {name!r}. Received: {change!r}."
                + (f" Did you mean {near[0]}?" if near else "")
            )
        values[key.strip()] = _in_range(key.strip(), _converted(fields[key.strip()], text.strip(), change))
    return recipe(data=str(data), **values)


def _in_range(key: str, value: Any) -> Any:
    """The value, if a training can have it: what is no number or out of range would end in weights that are none."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{key} must be a finite number. Received: {value}.")
    least, most = _LEAST.get(key), 1 if key in _AT_MOST_1 else None
    if least is not None and (value < least or (most is not None and value > most)):
        rule = f"at least {least}" if most is None else f"a number from {least} to {most}"
        raise ConfigError(f"{key} must be {rule}. Received: {value}.")
    return value


def continued(
    name: str, out: str | Path, *, data: str | Path | None = None, changes: Iterable[str] = ()
) -> tuple[Recipe, list[str]]:
    """A recipe for a run's folder: with the settings of the run in it, where there is one, as far as nothing is said.

    Args:
        name: of the recipe.
        out: folder of the run.
        data: folder of training pictures; that of the run by default.
        changes: as for `configure`.

    Returns: the recipe, and a sentence for every setting that is another now.

    Raises:
        ConfigError: as `configure`; or the folder holds a run of another recipe.
        InputError: there are no pictures.
    """
    from s2p.train.runs import configuration

    changes, recipe_type = list(changes), get(name)
    try:
        before = configuration(Path(out))
    except (OSError, ValueError):
        before = {}
    if before.get("recipe", name) != name:
        raise ConfigError(f"{out} holds a run of {before['recipe']!r}, not of {name!r}. Choose a new output folder.")
    data = data or before.get("data")
    if not data and recipe_type.needs_pictures:
        raise InputError("Training needs --data FOLDER, made by `s2p prepare`.")
    recipe, told = configure(name, data=data or Path(), changes=changes), []
    said = {FORMER.get(key, key) for key in (change.partition("=")[0].strip() for change in changes)}
    for field in _settable(type(recipe)):
        if field.name not in before:
            continue
        old, new = before[field.name], getattr(recipe, field.name)
        if field.name not in said:
            setattr(recipe, field.name, old)
        elif old != new:
            told.append(f"{field.name} was {old} in this run, and is {new} from now on.")
    if before and str(before.get("data")) != str(data):
        told.append(f"data was {before.get('data')} in this run, and is {data} from now on.")
    return recipe, told


def described(name: str) -> list[tuple[str, Any, str]]:
    """What can be set of a recipe: name, default and meaning of every field, its own first; raises `NotFoundError`."""
    recipe = get(name)
    about: dict[str, str] = {}
    for base in reversed([one for one in recipe.__mro__ if "__dataclass_fields__" in vars(one)]):
        about |= _meanings(inspect.cleandoc(base.__doc__ or ""))
    own = vars(recipe).get("__annotations__", {})
    found = [(field.name, field.default, about.get(field.name, "")) for field in _settable(recipe)]
    return sorted(found, key=lambda one: one[0] not in own)


def _settable(recipe: type[Recipe]) -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(recipe) if field.init and field.name != "data"]


def _meanings(text: str) -> dict[str, str]:
    """What a docstring says of attributes by their names; several may share one text."""
    found: dict[str, str] = {}
    for part in text.split("Attributes:\n")[1:]:
        lines = part.partition("\n\n")[0]
        for entry in re.split(r"\n(?=    \S)", f"\n{lines}"):
            names, colon, meaning = entry.partition(":")
            if colon and re.fullmatch(r"[a-z_, \n]+", names):
                found |= dict.fromkeys((one.strip() for one in names.split(",")), " ".join(meaning.split()))
    return found


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
