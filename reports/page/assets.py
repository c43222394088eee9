"""The style and the scripts of the page; the explorer shares some."""

from pathlib import Path

FOLDER = Path(__file__).parent
FILES = ("colours.css", "page.css", "contents.js", "sorting.js", "tables.js")


def asset(name: str) -> str:
    """Return the text of one of `FILES`. Raises KeyError for any other name."""
    if name not in FILES:
        raise KeyError(name)
    return (FOLDER / name).read_text(encoding="utf-8")
