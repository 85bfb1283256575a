"""Runs a preparation from a folder of art to shards: survey, decide, write, list.

Everything slow happens in tasks that are finished or not: a survey of some hundred files, or one shard. What is
finished lies in `OUT/state` and is not done again, so the same command continues after any interruption and ends with
the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from s2p.errors import InputError, S2PError
from s2p.executors import run_isolated, run_missing, workers_of
from s2p.image import encode_image
from s2p.progress import NullReporter, Reporter

from . import faces, storage
from .lines import draw, load_extractor
from .naming import read_names
from .picture import context_of, make_records, preview
from .plan import Picture, Plan, ShardTask, has_picture_name, plan_shards
from .quality import Survey, decide, survey
from .records import Record, Shard, finished_shards, write_index, write_shard
from .tags import number_of, read_resolutions, read_tags

_LEFT_OUT = ("broken", "dropped", "ignored")
PIECE = 256  # files in a survey task
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """How a preparation ended.

    Attributes:
        files: int. Everything below the source.
        statuses: counts of `kept`, `dropped`, `broken`, `ignored` files.
        reasons: counts of the reasons, without names and numbers.
        counts: records by split.
        shards: int. Shards in the index; `kept_shards` of them were finished by an earlier run.
        left_out: every file that is in no shard: `key` (its path below the source), `status` and `reason`; broken ones
            first.
    """

    files: int
    statuses: dict[str, int]
    reasons: dict[str, int]
    counts: dict[str, int] = field(default_factory=dict)
    shards: int = 0
    kept_shards: int = 0
    left_out: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class SurveyTask:
    """Files that one task looks at: keys below `source`; `is_isolated` as in `ShardTask`."""

    source: str
    keys: tuple[str, ...]
    is_isolated: bool = False


def prepare(
    plan: Plan, *, executor: str = "local", dry_run: bool = False, report: Reporter | None = None,
    progress: Callable[[str, int], Any] | None = None,
) -> Summary:  # fmt: skip
    """Prepares a folder of art.

    Args:
        plan: what to do.
        executor: `local`, `local:N` or `dask://host:port`; see `s2p.executors`.
        dry_run: True to look at the pictures and decide, but write nothing.
        report: asked between tasks whether to stop.
        progress: called with the name of a stage and its number of files; returns an object with `update(n)` and
            `close()`, such as a bar. None for silence.

    Returns:
        A summary. `OUT` then holds the shards, `index.json`, `report.jsonl` and `contact.png`.

    Raises:
        S2PError: the plan cannot be carried out. Single bad files are in the report instead.
    """
    report = report or NullReporter()
    workers_of(executor)
    if "extracted" in plan.flavours:
        draw(np.zeros((16, 16, 3), np.uint8), "extracted", extractor=load_extractor())  # missing weights: say so now
    if not dry_run:
        storage.remove_leftovers(plan.output)
    stamps = storage.list_files(plan.source)
    names = [key for key in stamps if has_picture_name(key)]
    if not names:
        raise InputError(f"{plan.source} holds no pictures; a folder of PNG, JPEG, WebP, TIFF, BMP or GIF is needed.")
    plan = replace(plan, source=storage.absolute(plan.source), output=storage.absolute(plan.output))
    entries = survey_all(plan, {key: stamps[key] for key in names}, executor, dry_run, report, progress)
    reasons = decide(plan, entries)
    pictures = _with_facts(plan, [entry for entry in entries if entry.key not in reasons])
    tasks = plan_shards(plan, pictures, context_of(plan))
    lines = {key: {"key": key, "status": "ignored", "reason": "not a picture by its name"} for key in stamps}
    for entry in entries:
        status = "broken" if entry.error else "dropped" if entry.key in reasons else "kept"
        lines[entry.key] = {"key": entry.key, "status": status, "reason": reasons.get(entry.key, "")}
    if dry_run:
        return _summary(lines, [], 0, tasks=tasks)
    shards, kept = write_all(plan, tasks, executor, report, progress)
    for shard in shards:
        for line in shard.report:
            lines[line["key"]] = {**line, "split": shard.split, "shard": shard.name}
    write_index(plan.output, shards=shards, flavours=plan.flavours, settings=plan.settings())
    sheet = contact_sheet(plan, tasks)
    if sheet is not None:
        storage.write_bytes(storage.join(plan.output, "contact.png"), encode_image(sheet, "png"))
    text = "".join(json.dumps(lines[key], sort_keys=True) + "\n" for key in sorted(lines))
    storage.write_bytes(storage.join(plan.output, "report.jsonl"), text.encode())
    _remove_stale(plan, shards)  # last: until here the old index and its shards were whole
    return _summary(lines, shards, kept)


def survey_all(
    plan: Plan, stamps: dict[str, str], executor: str, dry_run: bool, report: Reporter, progress: Any
) -> list[Survey]:
    """Looks at every file, or remembers what an earlier run saw; sorted by key."""
    keys = sorted(stamps)
    # By the hash of the name, so that one more file changes one piece and not all that follow.
    count = 1 << max(0, -(-len(keys) // PIECE) - 1).bit_length()
    buckets: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        buckets[zlib.crc32(key.encode("utf-8", "surrogateescape")) % count].append(key)
    pieces = [tuple(buckets[number]) for number in sorted(buckets)]
    names = [_hash([[key, stamps[key]] for key in piece])[:24] for piece in pieces]
    known = enumerate(_read_survey(plan, name) for name in names)
    found = {number: entries for number, entries in known if entries is not None}
    bar = _Bar(progress, "looking", len(keys), sum(len(pieces[number]) for number in found))

    def filled(number: int) -> None:
        bar.update(len(pieces[number]))
        if not dry_run:
            data = "".join(json.dumps(entry.to_data()) + "\n" for entry in found[number])
            storage.write_bytes(_survey_place(plan, names[number]), data.encode())

    with bar:
        tasks = [SurveyTask(plan.source, piece) for piece in pieces]
        run_missing(executor, survey_files, tasks, found, report=report, filled=filled, isolated=_isolated)
    return sorted((entry for entries in found.values() for entry in entries), key=lambda entry: entry.key)


def survey_files(task: SurveyTask) -> list[Survey]:
    """A worker's part of the survey; the only thing it cannot survive is a file that kills its process."""
    places = [(task.source, key) for key in task.keys]
    answers = run_isolated(_survey_file, places) if task.is_isolated else map(_survey_file, places)
    return [a if isinstance(a, Survey) else Survey(key, error=_sentence(a)) for key, a in zip(task.keys, answers)]


def _survey_file(place: tuple[str, str]) -> Survey:
    source, key = place
    try:
        return survey(key, storage.read_bytes(storage.join(source, key)))
    except Exception as error:  # one bad file never stops a run
        return Survey(key, error=_sentence(error))


def write_all(
    plan: Plan, tasks: Sequence[ShardTask], executor: str, report: Reporter, progress: Any
) -> tuple[list[Shard], int]:
    """Writes the shards that are not finished; returns all of them and how many were."""
    shards = finished_shards(plan.output, tasks)
    kept = len(shards)
    sizes = [len(task.pictures) for task in tasks]
    with _Bar(progress, "writing", sum(sizes), sum(sizes[number] for number in shards)) as bar:
        run_missing(
            executor, write_one, tasks, shards, report=report, filled=lambda number: bar.update(sizes[number]),
            isolated=_isolated,
        )
    if len(shards) < len(tasks):
        raise S2PError(f"{len(tasks) - len(shards)} shards could not be written. The same command tries them again.")
    return [shards[number] for number in range(len(tasks))], kept


def _isolated(task: Any) -> Any:
    """The same task with a process of its own for every picture."""
    return replace(task, is_isolated=True)


def write_one(task: ShardTask) -> Shard:
    """A worker's part: one shard with its pictures."""
    parts = [(task.plan, picture) for picture in task.pictures]
    answers = run_isolated(_records_of, parts) if task.is_isolated else map(_records_of, parts)
    records: list[Record] = []
    report: list[dict[str, Any]] = []
    for picture, answer in zip(task.pictures, answers):
        if isinstance(answer, list):
            records.extend(answer)
            report.append({"key": picture.key, "status": "kept", "reason": ""})
        else:
            reason = answer if isinstance(answer, str) else _sentence(answer)
            report.append({"key": picture.key, "status": "dropped", "reason": reason})
    plan = task.plan
    return write_shard(
        plan.output, task.name, split=task.split, fingerprint=task.fingerprint, records=records,
        formats=plan.formats, flavours=plan.flavours, report=report,
    )  # fmt: skip


def _records_of(part: tuple[Plan, Picture]) -> list[Record] | str:
    plan, picture = part
    try:
        data = storage.read_bytes(storage.join(plan.source, picture.key))
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            raise InputError("changed while the folder was being prepared; run the same command again")
        needs_extractor = not {"extracted", "mixed"}.isdisjoint(plan.flavours)
        return make_records(plan, picture, data, extractor=load_extractor() if needs_extractor else None)
    except Exception as error:  # one bad file never stops a run
        _log.debug("%s failed", picture.key, exc_info=True)
        return _sentence(error)


def contact_sheet(plan: Plan, tasks: Sequence[ShardTask], *, rows: int = 24) -> np.ndarray | None:
    """The first pictures of the shards with their lines, two columns, `uint8[H, W, 3]`; None where nothing was kept."""
    pictures = [picture for task in tasks for picture in task.pictures[: max(2, rows // len(tasks))]][: 2 * rows]
    records: list[Record] = []
    for picture in pictures:
        made = _records_of((plan, picture))
        if isinstance(made, list) and len(records) < rows:
            records.append(made[0])
    if not records:
        return None
    half = -(-len(records) // 2)
    columns = [preview(part) for part in (records[:half], records[half:]) if part]
    height = max(column.shape[0] for column in columns)
    return np.hstack([np.pad(c, ((0, height - len(c)), (0, 0), (0, 0)), constant_values=160) for c in columns])


class _Bar:
    """A progress bar that may be nobody's."""

    def __init__(self, progress: Any, title: str, total: int, done: int) -> None:
        self._bar = None if progress is None else progress(title, total)
        self.update(done)

    def update(self, count: int) -> None:
        if self._bar is not None and count:
            self._bar.update(count)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _with_facts(plan: Plan, entries: Sequence[Survey]) -> list[Picture]:
    numbers = {entry.key: number_of(entry.key) for entry in entries}
    wanted = {number for number in numbers.values() if number is not None}
    tags = read_tags(plan.tags, wanted) if plan.tags else {}
    sizes = read_resolutions(plan.resolutions, wanted) if plan.resolutions else {}
    reviewed = faces.survivors(plan.faces) if plan.faces else {}
    named = read_names(plan.named) if plan.named else {}
    pictures = []
    for entry in entries:
        number, face = numbers[entry.key], reviewed.get(entry.sha256)
        pictures.append(
            Picture(
                entry.key, entry.sha256, tags=tags.get(number, ()) if number is not None else (),
                original=sizes.get(number) if number is not None else None, face=None if face is None else face.box,
                named=named.get(entry.key.rsplit(".", 1)[0], ()),
            )
        )
    return pictures


def _read_survey(plan: Plan, name: str) -> list[Survey] | None:
    try:
        text = storage.read_bytes(_survey_place(plan, name)).decode()
        return [Survey(**json.loads(line)) for line in text.splitlines()]
    except (InputError, ValueError, TypeError):
        return None


def _survey_place(plan: Plan, name: str) -> str:
    return storage.join(plan.output, "state", f"survey-{name}.jsonl")


def _remove_stale(plan: Plan, shards: Sequence[Shard]) -> None:
    """Removes the shards of earlier plans, so that what was taken out of the art is out of the data as well."""
    current = {shard.name for shard in shards}
    for key in storage.list_files(plan.output):
        name, _, suffix = key.rsplit("/", 1)[-1].partition(".")
        is_shard = suffix in ("h5", "tfrecord", "json") and "-of-" in name and key.count("/") <= 1
        formats = {"h5": "hdf5", "tfrecord": "tfrecord"}
        unwanted = formats.get(suffix, plan.formats[0]) not in plan.formats
        if is_shard and (name not in current or unwanted):
            storage.remove(storage.join(plan.output, key))


def _summary(lines: dict[str, Any], shards: Sequence[Shard], kept: int, tasks: Sequence[ShardTask] = ()) -> Summary:
    statuses = Counter(line["status"] for line in lines.values())
    reasons = Counter(_kind(line["reason"]) for line in lines.values() if line["reason"])
    counts: Counter[str] = Counter()
    for shard in shards:
        counts[shard.split] += shard.count
    for task in tasks:
        counts[task.split] += len(task.pictures)
    left = [{name: line[name] for name in ("key", "status", "reason")} for line in lines.values() if line["reason"]]
    left.sort(key=lambda line: (_LEFT_OUT.index(line["status"]), line["key"]))
    return Summary(
        len(lines), dict(statuses), dict(reasons), dict(counts), len(shards) or len(tasks), kept, tuple(left)
    )


def _kind(reason: str) -> str:
    """A reason without the names and numbers of one file, for counting."""
    for kind in ("nearly the same", "same bytes", "too small", "too long and thin"):
        if reason.startswith(kind):
            return kind
    for kind in ("is damaged", "is not a picture", "is empty", "is larger", "too many pixels", "a side are read"):
        if kind in reason:
            return {"a side are read": "too many pixels"}.get(kind, kind)
    return reason if len(reason) < 40 else "other"


def _sentence(error: BaseException) -> str:
    if isinstance(error, S2PError):
        return str(error).rstrip(".")
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


def _hash(data: Any) -> str:
    text = json.dumps(data, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
