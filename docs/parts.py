"""Makes the pages of the documentation from the README's parts, so that everything is written once.

    pip install -e .[docs] && mkdocs build -f docs/mkdocs.yml      # the site in docs/site, which opens without a server

`mkdocs.yml` names this as a hook. Pages that the README has no part for lie in `docs/pages`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The page of every part of the README, by its heading; the text before the first one is the page of the start.
PAGES = {
    "": "index.md", "Start": "start.md", "Paint from the command line": "command-line.md",
    "Paint by words": "words.md", "Paint with strokes": "strokes.md", "Paint in styles": "styles.md",
    "Hints": "hints.md", "Python": "python.md", "You come from Style2Paints V3": "v3.md",
    "What computes": "runtimes.md", "Train": "train.md", "Prepare training data": "prepare.md",
    "How good, how fast": "figures.md", "The server": "server.md", "Programs and pages of others": "integrations.md",
    "Developing": "developing.md", "Licence": "licence.md",
}
_PICTURE = re.compile(r'(!\[[^\]]*\]\(|<img [^>]*?src=")(?!https?://)([^)"]+)')


def parts(readme: str) -> dict[str, str]:
    """The parts of the README by their headings, each with its heading; the beginning under an empty one.

    Example:
        >>> parts("# s2p\\n\\nIt paints.\\n\\n## Start\\n\\nSo.\\n")["Start"]
        '# Start\\n\\nSo.\\n'
    """
    found, heading, in_code = {"": ""}, "", False
    for line in readme.splitlines(keepends=True):
        in_code ^= line.startswith("```")
        if line.startswith("## ") and not in_code:
            heading = line[3:].strip()
            line = f"# {heading}\n"
        found[heading] = found.get(heading, "") + line
    return found


def linked(text: str) -> str:
    """With links to parts of the README as links to their pages.

    Example:
        >>> linked("[How good](#how-good-how-fast)")
        '[How good](figures.md)'
    """
    places = {anchor(heading): page for heading, page in PAGES.items()}
    return re.sub(r"\]\(#([a-z0-9-]+)\)", lambda found: f"]({places[found[1]]})", text)


def anchor(heading: str) -> str:
    """What a heading is called in links."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def pictures(text: str) -> list[str]:
    """Files of the project that a text shows."""
    return [match[2] for match in _PICTURE.finditer(text)]


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs: adds a page for every part, and the pictures that they show."""
    from mkdocs.structure.files import File

    for heading, text in parts((ROOT / "README.md").read_text(encoding="utf-8")).items():
        content = linked(_PICTURE.sub(r"\1pictures/\2", text))
        files.append(File.generated(config, PAGES[heading], content=content))
        for picture in pictures(text):
            files.append(File.generated(config, f"pictures/{picture}", abs_src_path=str(ROOT / picture)))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changes.md", content=changes))
    return files
