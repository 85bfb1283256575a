"""Everything that can go wrong in a way a person can mend, as one family of exceptions.

Every class carries the exit code of the command line and the HTTP status of the server, so a door only has to catch
`S2PError`. A message states the rule, what was received, and what to do next.
"""

from __future__ import annotations

_SHOWN = 60  # characters of what was received that a sentence repeats
_DIGITS = 20  # of a number: nobody reads more
_SENTENCE = 1500  # characters of a whole message


def shown(value: object) -> str:
    """What was received, for a sentence: as Python writes it, on one line, and cut where it is long.

    Example:
        >>> shown("#12")
        "'#12'"
    """
    try:
        text = repr(value[: _SHOWN + 1] if isinstance(value, (str, bytes)) else value)
        if isinstance(value, int) and len(text) > _DIGITS:
            return f"{text[:_DIGITS]}..."
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}..."


def one_line(message: str) -> str:
    """A sentence for people on one line, printable and not longer than a paragraph, whatever names it repeats."""
    cut = message if len(message) <= _SENTENCE else f"{message[:_SENTENCE]}..."
    return "".join(c if c.isprintable() else "?" for c in cut.replace("\n  ", " "))


class S2PError(Exception):
    """Base of all errors that are told to people as one sentence."""

    exit_code = 1
    http_status = 500


class InputError(S2PError):
    """A picture, file or argument from outside cannot be used."""

    exit_code = 2
    http_status = 400


class NoPageError(InputError):
    """A file has no page of the number that was asked for."""


class HintError(InputError):
    """A hint file or hint argument is malformed; the message names the element."""


class TooLargeError(InputError):
    """A picture or request is over a stated limit."""

    http_status = 413


class NotFoundError(InputError):
    """A named room, job, file or network does not exist."""

    http_status = 404


class ForbiddenError(InputError):
    """Something that is switched off, or belongs to somebody else."""

    http_status = 403


class ConfigError(S2PError):
    """A setting has a value that is not allowed; the message names the setting and where it came from."""

    exit_code = 2
    http_status = 400


class WeightsMissingError(S2PError):
    """No weights were found for a network that needs them."""

    exit_code = 3
    http_status = 503


class WeightsError(S2PError):
    """A weight file exists but is damaged or does not fit its network."""

    exit_code = 3
    http_status = 503


class LegacyModelError(WeightsError):
    """A Keras 2 model file was refused; the message names the file and the reason."""


class DependencyMissingError(S2PError):
    """An optional library is not installed; the message holds the install line."""

    exit_code = 4
    http_status = 501


class CancelledError(S2PError):
    """The person stopped the job."""

    exit_code = 130
    http_status = 409


class OutputError(S2PError):
    """A result cannot be written (full disk, read-only folder, unknown format)."""

    exit_code = 5
    http_status = 507


def disk_sentence(error: OSError) -> str:
    """What to say of a disk that cannot be read or written; where the file lies is left to the log."""
    reason = (error.strerror or type(error).__name__).lower()
    return f"The disk cannot be used: {reason}. Check its rights and free space."
