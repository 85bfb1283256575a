"""What is said of a command line that cannot be understood: one line, with the word that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

_VALUES = (  # what the parser says of values, and what we say
    (r"Input should be a valid integer.*", "it must be a whole number"),
    (r"Input should be a valid number.*", "it must be a number"),
    (r"Input should be a valid boolean.*", "it must be true or false"),
    (r"Input should be greater than or equal to (\S+)", r"it must be at least \1"),
    (r"Input should be less than or equal to (\S+)", r"it must be at most \1"),
    (r"Input should be (.*)", r"it must be \1"),
)


def usage_sentence(error: Any) -> str:
    """One line for an error of the parser: what is wrong, the nearest right word, how the command is used.

    Where nothing was said at all, the help.

    Args:
        error: the parser's own exception, which knows the command that it was raised in.
    """
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", None)
    text = " ".join(str(error.format_message()).split()).rstrip(".")
    for theirs, ours in _VALUES:
        text = re.sub(theirs, ours, text)
    if context is None:
        return f"{text}."
    if type(error).__name__ == "NoArgsIsHelpError":  # nothing was said at all
        return context.get_help()
    if option and text.lower().startswith("no such option"):
        text = f"No such option: {option}. {_meant(option, context)}".rstrip(". ")
    elif text.lower().startswith("no such command"):
        word = text.split("'")[1] if "'" in text else ""
        near = get_close_matches(word, _commands(context.command), 1, 0.5)
        text = f"No such command: {word}" + (f". Did you mean {near[0]}?" if near else "")
    end = "" if text.endswith("?") else "."
    usage = " ".join(context.get_usage().split())
    return f"{text}{end} {usage}  ({context.command_path} --help)"


def _meant(option: str, context: Any) -> str:
    """The nearest option of the command, or the other commands that have this one."""
    own = {name for param in context.command.params for name in (*param.opts, *param.secondary_opts)}
    root = context.find_root()
    others = [path for path, command in _all(root.command, root.info_name or "s2p") if command is not context.command
              and any(option in param.opts for param in command.params)]
    if others:
        return f"It belongs to {', '.join(others)}."
    near = get_close_matches(option, own, 1, 0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _commands(command: Any) -> list[str]:
    return list(getattr(command, "commands", {}))


def _all(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name in _commands(command):
        yield from _all(command.commands[name], f"{path} {name}")
