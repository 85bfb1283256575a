"""`s2p tags`: the words for colours that painting by words knows."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from s2p.errors import InputError, NotFoundError


def tags_command(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORD]...", help="Beginnings of words.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> int:
    """Lists and searches the words for colours of colorize --tags."""
    from s2p.tags import choices, read_tags, search

    text = " ".join(words or [])
    found = search(text)
    if not found:  # other words for the same
        with suppress(InputError):
            found = [choices()[name] for name in read_tags(text)]
    if as_json:
        print(json.dumps([asdict(tag) for tag in found]))
        return 0
    if not found:
        raise NotFoundError(f"No tag begins like {' '.join(words or [])!r}. Leave the words out to see all.")
    for group, tags in groupby(found, lambda tag: tag.group):
        print(f"{group}: {', '.join(tag.title for tag in tags)}")
    return 0
