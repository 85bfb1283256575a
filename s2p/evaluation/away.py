"""An evaluation whose pictures are judged in other processes, on one computer or several (`s2p.executors`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from s2p.evaluation.pairs import Pair, Source, load_pairs
from s2p.evaluation.run import Run, networks_of
from s2p.evaluation.sheet import Row
from s2p.executors import run_all
from s2p.pipelines.request import kept
from s2p.progress import NullReporter, Reporter

_NONE = "none"  # in place of a system: the baselines alone


@dataclass(frozen=True)
class Part:
    """One picture in one flavour, and all that its judge must know; `run` has no painter yet."""

    run: Run
    source: Source
    flavour: str
    is_shown: bool
    own_lines: Path | None


@dataclass(frozen=True)
class Judged:
    """What is found of a part: of `Run` its pictures, rows and untrained networks; else why there is nothing."""

    pictures: list[dict[str, Any]]
    rows: list[Row]
    untrained: tuple[str, ...]
    skipped: tuple[dict[str, str], ...]
    networks: list[dict[str, Any]]


def judge(part: Part) -> Judged:
    """Judges one part with what is installed here; the networks stay loaded for the next one."""
    painter = None if part.run.model == _NONE else kept(part.run.model, part.run.settings)
    run = replace(part.run, painter=painter, pictures=[], rows=[])
    extractor = None
    if part.flavour == "learned":
        from s2p.pipelines.lines import require_extractor

        extractor = require_extractor(run.settings)
    (pair,) = load_pairs([part.source], flavour=part.flavour, seed=run.seed, extractor=extractor,
                         own_lines=part.own_lines)
    if not isinstance(pair, Pair):
        reason = {"name": pair[0], "flavour": part.flavour, "reason": pair[1]}
        return Judged([], [], (), (reason,), networks_of(painter))
    run.add(pair, part.flavour, NullReporter(), is_shown=part.is_shown)
    return Judged(run.pictures, run.rows, run.untrained, (), networks_of(painter))


def judged_away(
    executor: str, run: Run, sources: Sequence[Source], flavours: Sequence[str], shown: set[str],
    own_lines: Path | None, report: Reporter,
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Judges all pictures and puts what is found into `run`, in the order in which one process would find it.

    Args:
        executor: see `s2p.executors.open_executor`.
        run: without a painter.
        sources, flavours, own_lines: as for `load_pairs`; folders that all processes reach under the same path.
        shown: names of the pictures on the sheet.
        report: told of every picture.

    Returns: what was skipped and why, and the networks that judged.

    Raises:
        S2PError: what a part ended with, or that it took its process down three times.
    """
    bare = replace(run, painter=None)
    own = None if own_lines is None else own_lines.absolute()
    parts = [
        Part(bare, source if source.path is None else replace(source, path=source.path.absolute()), flavour,
             source.name in shown, own)
        for flavour in flavours for source in sources
    ]
    done = 0

    def told(position: int, answer: Any) -> None:
        nonlocal done
        done += 1
        report.update(done / len(parts))

    skipped: list[dict[str, str]] = []
    networks: list[dict[str, Any]] = []
    for answer in run_all(executor, judge, parts, report=report, done=told):
        if isinstance(answer, Exception):
            raise answer
        run.pictures.extend(answer.pictures)
        run.rows.extend(answer.rows)
        run.untrained = answer.untrained or run.untrained
        skipped += answer.skipped
        networks = answer.networks
    return skipped, networks
