"""The command line: `s2p colorize`, `lines`, `strokes`, `stylize`, `weights`, `doctor`, `bench`, `train`, `serve` ...

Commands parse, call and show; everything heavy is imported inside their bodies, so that `s2p --help` answers at once.
Data goes to stdout, talk to stderr, and every `S2PError` becomes one sentence and its exit code.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import s2p
from s2p import systems
from s2p.cli import judging, networks, painting, research, strokes, styles, tags, timing
from s2p.cli.usage import usage_sentence
from s2p.cli.words import Command
from s2p.errors import CancelledError, OutputError, S2PError, shown

# Plain help texts: the decorated ones cost a quarter of a second.
app = typer.Typer(
    name="s2p", help="Turns line art into colour on an ordinary computer.", no_args_is_help=True,
    epilog=f"Systems (--model of colorize and evaluate): {', '.join(systems.names())}.",
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)
app.command("colorize", cls=Command)(painting.colorize_command)
app.command("lines", cls=Command)(painting.lines_command)
app.add_typer(strokes.strokes_app, name="strokes")
app.command("stylize", cls=Command)(styles.stylize_command)
app.add_typer(styles.styles_app, name="styles")
app.command("tags", cls=Command)(tags.tags_command)
app.add_typer(networks.weights_app, name="weights")
app.command("doctor", cls=Command)(networks.doctor_command)
app.command("bench", cls=Command)(timing.bench_command)
app.command("evaluate", cls=Command)(judging.evaluate_command)
# Its --help shows the fields of a recipe, too.
app.command("train", context_settings={"help_option_names": []})(research.train_command)
# What follows these two belongs to other programs, which have a --help of their own.
foreign = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
app.command("prepare", context_settings=foreign)(research.prepare_command)
app.command("serve", context_settings=foreign)(research.serve_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line.

    Args:
        arguments: without the program's name; those of the process by default.

    Returns: the exit code, see `s2p.errors`; 130 when the person stopped it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its advice is for those who write networks
    try:
        code = app(None if arguments is None else list(arguments), prog_name="s2p", standalone_mode=False)
        sys.stdout.flush()
        return _stopped() if code == CancelledError.exit_code else int(code or 0)
    except S2PError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except BrokenPipeError:  # whoever read our output has gone; Python must not complain about it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    if hasattr(error, "show") and hasattr(error, "exit_code"):  # the parser's own: a wrong option and the like
        return _say(usage_sentence(error), int(error.exit_code))  # pyright: ignore[reportAttributeAccessIssue]
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        raise error
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return _say("There was not enough memory. Choose a smaller --zoom, or close other programs.", 1)
    if isinstance(error, OSError) and error.filename is not None:
        reason = (error.strerror or type(error).__name__).lower()
        return _say(f"{shown(os.fspath(error.filename))} cannot be used: {reason}. Check the path and its rights.",
                    OutputError.exit_code)
    text = " ".join(str(error).split())[:300]
    return _say(f"This failed unexpectedly ({type(error).__name__}: {text}). Run `s2p --debug ...` for the details.", 1)


def _stopped() -> int:
    return _say("Stopped.", CancelledError.exit_code)


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"s2p {s2p.__version__}")
        raise typer.Exit()


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show what happens inside, and tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    if debug:
        logging.getLogger().setLevel(logging.DEBUG)
