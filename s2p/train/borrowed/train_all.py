"""Trains all networks one after another within a number of minutes, and goes on next time.

Every network gets its share of the time that is left, so nothing is lost where one ends early. States are kept in the
runs' folders and, for computers that give back little, in an archive (`checkpoint_archive`) that is renewed at every
checkpoint: whenever the computer is taken away, at most a minute is lost.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import keras

from s2p.errors import CancelledError, ConfigError
from s2p.networks import spec_of
from s2p.train import recipes
from s2p.train.borrowed import checkpoint_archive
from s2p.train.recipe import Recipe
from s2p.train.runs import done_epochs

_log = logging.getLogger(__name__)

FINER = 5  # epochs are cut into so many: checkpoints, of which the archive is renewed, come at the end of one
SAVE_EVERY = 1.0  # minutes


@dataclasses.dataclass(frozen=True)
class Turn:
    """What one network did: name, epochs before and after, minutes, or the reason why it did nothing."""

    name: str
    before: int
    after: int
    minutes: float
    note: str = ""


def train_all(
    data: Path,
    out: Path,
    *,
    minutes: float,
    names: Sequence[str] = (),
    shares: Mapping[str, float] | None = None,
    changes: Iterable[str] = (),
    archive: Path | None = None,
    archive_from: Path | None = None,
    files: int = 8,
    megabytes: float = 16.0,
) -> list[Turn]:
    """Trains networks in turn.

    Args:
        data: folder of training pictures.
        out: one run's folder per network in it.
        minutes: in all.
        names: which networks; all that have a recipe by default.
        shares: name to part of the time, over `Recipe.part`; 0 leaves a network out.
        changes: of fields, as `rate=0.001` for all networks that have the field or `head.rate=0.001` for one.
        archive: folder of the checkpoint archive, read at the beginning and renewed at every checkpoint; None for none.
        archive_from: folder of another archive that is read at the beginning.
        files, megabytes: limits of the archive.

    Returns: what every network did.

    Raises:
        ConfigError: unknown names, shares or fields.
    """
    started, changes = time.monotonic(), list(changes)
    wanted = _shares(names, shares or {})
    plans = {name: _configured(name, data, changes) for name in wanted}
    _check_used(changes, wanted)
    for folder in (archive_from, archive):
        for name in checkpoint_archive.unpack(folder, out) if folder is not None else ():
            print(f"{name} goes on at epoch {done_epochs(out / name) + 1}.", flush=True)
    turns = []
    waiting = [name for name in wanted if done_epochs(out / name) < plans[name].epochs]
    turns += [_idle(name, out, "was done") for name in wanted if name not in waiting]
    while waiting:
        name = waiting.pop(0)
        left = minutes - (time.monotonic() - started) / 60
        if left <= 0:
            turns.append(_idle(name, out, "no time was left"))
            continue
        turns.append(_turn(
            plans[name], out, minutes=left * wanted[name] / sum(wanted[n] for n in (name, *waiting)),
            saved=lambda: _write_archive(wanted, out, archive, files, megabytes),
        ))
    return turns


def table(turns: Sequence[Turn]) -> str:
    """What every network did, for people."""
    return "\n".join(
        f"{turn.name:16} epochs {turn.before:4} to {turn.after:4}  {turn.minutes:5.1f} min  {turn.note}".rstrip()
        for turn in turns
    )


def _turn(recipe: Recipe, out: Path, *, minutes: float, saved: Callable[[], None]) -> Turn:
    from s2p.train.loop import train

    run = out / recipe.name
    before, begin = done_epochs(run), time.monotonic()
    note = recipe.take_from(out)
    if note:
        return Turn(recipe.name, before, before, 0.0, note)
    try:
        train(recipe, run, stop_after=minutes, save_every=SAVE_EVERY, saved=saved)
    except CancelledError:
        raise
    except Exception as error:  # the minutes of the other networks must not be lost
        _log.warning("%s failed", recipe.name, exc_info=True)
        note = f"FAILED ({type(error).__name__}: {' '.join(str(error).split())[:200]})"
    keras.utils.clear_session(free_memory=True)
    return Turn(recipe.name, before, done_epochs(run), (time.monotonic() - begin) / 60, note)


def _idle(name: str, out: Path, why: str) -> Turn:
    done = done_epochs(out / name)
    return Turn(name, done, done, 0.0, why)


def _write_archive(wanted: Mapping[str, float], out: Path, archive: Path | None, files: int, megabytes: float) -> None:
    if archive is None:
        return
    done = checkpoint_archive.write({name: out / name for name in wanted}, archive, files=files, megabytes=megabytes)
    if done is not None and done.left_out:
        print(f"No room in {files} files of {megabytes:g} MiB for: {', '.join(done.left_out)}.", flush=True)


def _shares(names: Sequence[str], shares: Mapping[str, float]) -> dict[str, float]:
    """Networks in their order with their shares; those of 0 are gone."""
    known = recipes.names()
    for name in (*names, *shares):
        if name not in known:
            raise ConfigError(f"A network must be one of {', '.join(known)}. Received: {name!r}.")
    wanted = {
        name: float(shares.get(name, recipes.get(name).part)) for name in _order(known) if not names or name in names
    }
    if any(share < 0 for share in wanted.values()) or not any(wanted.values()):
        raise ConfigError(f"Shares must be 0 or more, and one above 0. Received: {dict(shares)}.")
    return {name: share for name, share in wanted.items() if share > 0}


def _order(names: Iterable[str]) -> list[str]:
    """Networks before those that need them, otherwise those of the largest part first."""
    waiting, order = sorted(names, key=lambda name: -recipes.get(name).part), []
    while waiting:
        ready = [name for name in waiting if not set(recipes.get(name).needs) & set(waiting)]
        order.append((ready or waiting)[0])
        waiting.remove(order[-1])
    return order


def parse_shares(text: str) -> dict[str, float]:
    """`"head=3,neck=1.5"` as a dict.

    Raises:
        ConfigError: anything else.
    """
    try:
        pairs = [word.split("=") for word in text.split(",") if word.strip()]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        raise ConfigError(f"Shares look like head=3,neck=1.5. Received: {text!r}.") from None


def _fields(name: str) -> set[str]:
    own = {field.name for field in dataclasses.fields(recipes.get(name)) if field.init}
    return own | {former for former, field in recipes.FORMER.items() if field in own}


def _check_used(changes: Sequence[str], wanted: Iterable[str]) -> None:
    known = set().union(*map(_fields, wanted))
    for change in changes:
        field = change.partition("=")[0].rpartition(".")[2].strip()
        if field not in known:
            raise ConfigError(f"No network that is trained has the field {field!r}. Received: --set {change}.")


def _configured(name: str, data: Path, changes: Sequence[str]) -> Recipe:
    fields, own = _fields(name), []
    for change in changes:
        key, equals, value = change.partition("=")
        network, dot, field = key.strip().rpartition(".")
        if not equals or (dot and network not in recipes.names()):
            raise ConfigError(f"--set takes NAME=VALUE or NETWORK.NAME=VALUE. Received: {change!r}.")
        if (network == name) if dot else (field in fields):
            own.append(f"{field}={value}")
    named = {change.partition("=")[0] for change in own}
    recipe = recipes.configure(name, data=data, changes=own)
    if "epoch_steps" not in named and recipe.epoch_steps % FINER == 0:
        recipe.epoch_steps //= FINER
        recipe.epochs *= FINER
        recipe.keep_every *= FINER
    _begin_from_published(recipe, named)
    return recipe


def _begin_from_published(recipe: Recipe, named: set[str]) -> None:
    """A new run begins from our own weights (`--set start=` for random ones), and reads style with our reader."""
    from s2p import weights

    def published(name: str) -> str:
        found = weights.find(name)
        fits = found.origin == "own" and found.encoding == spec_of(name).encoding()
        return str(found.path) if fits else ""

    if "reader" in _fields(recipe.name) and "reader" not in named:
        recipe.reader = published("reader")  # pyright: ignore[reportAttributeAccessIssue]
    if "start" not in named:
        recipe.start = published(recipe.name)
