"""What a request carries: JSON, forms and files. Everything is counted before anything is built from it.

Bodies are read in small pieces, and others get their turn between them: nothing here keeps the one thread of the HTTP
process for longer than a few milliseconds, whatever is sent. What is large goes to disk while it arrives, because
hundreds may arrive slowly at the same time, and only a few are in memory at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import unquote_to_bytes

import gevent
from bottle import request
from gevent.lock import BoundedSemaphore
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from pydantic_core import from_json

from s2p.brush import MAX_PLACES
from s2p.errors import InputError, OutputError, TooLargeError
from s2p.schema import MAX_HINTS

from .security import JSON_BODY, LEGACY_BODY

MAX_FIELDS = 16  # of a form; V3's have four
MAX_KEYS = 64  # of a JSON object
# Of a JSON body, as its brackets, commas and colons tell; a hint has eleven of them, a place of a brush three.
_MAX_VALUES = 12 * MAX_HINTS + 4 * MAX_PLACES
_PIECE = 1 << 16
_ESCAPED_PIECE = 1 << 13
_OTHERS = 0.001  # seconds; with 0, whoever has just asked would be looked at last
_SPOOLED = 1 << 18  # smaller files never touch the disk
_AT_ONCE = BoundedSemaphore(4)  # forms of V3 in memory, each of which may take five times its ten megabytes
_NAME_BYTES = 4000  # of a field that is not a picture, in our own forms

Result = TypeVar("Result")


@dataclass
class Form:
    """A multipart form: its texts, and its file as it came.

    Attributes:
        fields: text by name; of a name that comes twice, the later one.
        file: what was sent in the field `file`, at its beginning; None where there is none.
        file_name: the name that was given to the file.
    """

    fields: dict[str, str] = field(default_factory=dict)
    file: BinaryIO | None = None
    file_name: str = ""


def off_the_loop(function: Callable[..., Result], *arguments: Any) -> Result:
    """Calls it in a thread and waits, while others are answered. For files, and what computes for milliseconds."""
    result, error = gevent.get_hub().threadpool.apply(_outcome, (function, arguments))
    if error is not None:
        raise error
    return result


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    """Result and error; gevent prints errors that leave a thread, and what clients do wrong must not fill a log."""
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


def is_multipart() -> bool:
    return _kind().startswith("multipart/form-data")


def is_json() -> bool:
    return _kind().startswith("application/json")


def _kind() -> str:
    return request.environ.get("CONTENT_TYPE", "").lower()


def pieces(length: int) -> Iterator[bytes]:
    """Exactly `length` bytes of the request; raises `InputError` if the client stops before."""
    missing = length
    while missing:
        try:
            piece = request.environ["wsgi.input"].read(min(missing, _PIECE))
        except TimeoutError:
            raise
        except OSError:  # the connection ended
            piece = b""
        if not piece:
            raise InputError("The request ended too early.")
        yield piece
        missing -= len(piece)
        gevent.sleep(_OTHERS)


def read_body(limit: int) -> bytes:
    """The whole body; raises `TooLargeError` beyond `limit` bytes."""
    with _arrived(limit) as file:
        return file.read()


@contextmanager
def _arrived(limit: int) -> Iterator[BinaryIO]:
    """The whole body as a file that stands at its beginning; raises `TooLargeError` beyond `limit` bytes."""
    length = max(request.content_length, 0)
    if length > limit:
        raise TooLargeError(f"The request is too large; at most {limit / 1e6:g} MB are accepted.")
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as file:
        for piece in pieces(length):
            file.write(piece)
        file.seek(0)
        yield cast("BinaryIO", file)


def _in_turns(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
        gevent.sleep(_OTHERS)


def read_object() -> dict[str, Any]:
    """The JSON object of the body; an empty body stands for an empty one. Raises `InputError`.

    Values are counted before any is built: what a megabyte can hold takes fifty milliseconds. Keys are counted here,
    because whoever checks them next names every one that is not known: of a hundred thousand that takes seconds.
    """
    return object_of(read_body(JSON_BODY))


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object in bytes of which there are at most `JSON_BODY`, as `read_object`."""
    if sum(map(body.count, (b"{", b"[", b":", b","))) > _MAX_VALUES:
        raise InputError(
            f"The request holds too many values; at most {MAX_HINTS} hints, {MAX_PLACES} places of their brushes and "
            f"{MAX_KEYS} keys are read."
        )
    try:
        data = from_json(body) if body else {}
    except ValueError:
        raise InputError("The request is not valid JSON.") from None
    if not isinstance(data, dict):
        raise InputError("The request must be a JSON object.")
    if len(data) > MAX_KEYS:
        raise InputError(f"The request has {len(data)} keys; at most {MAX_KEYS} are read.")
    return data


def read_fields() -> dict[str, str]:
    """The texts of V3's form, URL-encoded or multipart; raises `InputError`, `TooLargeError` over 10 MB."""
    with _arrived(LEGACY_BODY) as file, _AT_ONCE:
        if is_multipart():
            return _parsed(_in_turns(file), LEGACY_BODY).fields
        return _pairs(file.read())


def _pairs(body: bytes) -> dict[str, str]:
    if body.count(b"&") >= MAX_FIELDS:
        raise InputError(f"The form has too many fields; at most {MAX_FIELDS} are read.")
    pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
    return {_unescaped(name): _unescaped(value) for name, _, value in pairs}


def _unescaped(text: bytes) -> str:
    """Text without its percent escapes, of which ten megabytes take more than a second: piece by piece."""
    parts, start, text = [], 0, text.replace(b"+", b" ")
    while start < len(text):
        end = start + _ESCAPED_PIECE
        cut = text.rfind(b"%", end - 2, end)  # no escape is cut in two
        end = cut if cut > start and end < len(text) else end
        parts.append(unquote_to_bytes(text[start:end]))
        start = end
        gevent.sleep(_OTHERS)
    return b"".join(parts).decode("utf-8", "replace")


def read_form(*, text_bytes: int = _NAME_BYTES) -> Form:
    """The multipart form of the request, whose texts have at most `text_bytes` together.

    Raises:
        InputError: what was sent is no such form, has too many parts, or ends too early.
        OutputError: the file cannot be kept.
    """
    return _parsed(pieces(max(request.content_length, 0)), text_bytes)


def _parsed(body: Iterable[bytes], text_bytes: int) -> Form:
    """The form in a body, whose texts have at most `text_bytes` together."""
    form = Form()
    try:
        boundary = parse_options_header(request.environ.get("CONTENT_TYPE", ""))[1].get("boundary", "")
        parser = PushMultipartParser(boundary.encode("latin-1"), max_segment_count=MAX_FIELDS)
        with parser:
            _fill(form, parser, body, text_bytes)
    except (MultipartError, UnicodeError):
        _close(form)
        raise InputError("The form cannot be read.") from None
    except OSError as error:
        _close(form)
        if isinstance(error, TimeoutError):
            raise
        raise OutputError(f"The upload cannot be kept: {(error.strerror or 'no reason given').lower()}.") from None
    except BaseException:
        _close(form)
        raise
    return form


def _fill(form: Form, parser: PushMultipartParser, body: Iterable[bytes], text_bytes: int) -> None:
    segment: MultipartSegment | None = None
    target: Any = None
    texts: dict[str, bytearray] = {}
    for piece in body:
        for event in parser.parse(piece):
            if isinstance(event, MultipartSegment):
                segment, target = event, _target(form, event, texts)
            elif event is not None and target is not None:
                target(event)
                if segment is not None and segment.filename is None and sum(map(len, texts.values())) > text_bytes:
                    raise TooLargeError("A text of the form is too long.")
    if form.file is not None:
        form.file.seek(0)
    form.fields = {name: bytes(text).decode("utf-8", "replace") for name, text in texts.items()}


def _target(form: Form, segment: MultipartSegment, texts: dict[str, bytearray]) -> Any:
    """What takes the bytes of a part; None for a file that nobody asked for."""
    if segment.filename is None:
        texts[segment.name or ""] = text = bytearray()
        return text.extend
    if segment.name != "file":
        return None
    _close(form)
    file: Any = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115  closed by whoever asked for it
    form.file, form.file_name = file, segment.filename
    return file.write


def _close(form: Form) -> None:
    if form.file is not None:
        form.file.close()
        form.file = None
