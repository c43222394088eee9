"""What the explorer has in common with the page: the colours, and how tables are sorted."""

from pathlib import Path

FOLDER = Path(__file__).parent
SHARED = ("colours.css", "sorting.js")


def shared(name: str) -> str:
    """Return the text of one of the files in `SHARED`. Raises KeyError for any other name."""
    if name not in SHARED:
        raise KeyError(name)
    return (FOLDER / name).read_text(encoding="utf-8")
