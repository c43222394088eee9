"""What the explorer has in common with the page: colours, how tables are sorted, its address."""

from pathlib import Path
from urllib.parse import urlencode

from experiments.base import files

FOLDER = Path(__file__).parent
SHARED = ("colours.css", "sorting.js")


def shared(name: str) -> str:
    """Return the text of one of the files in `SHARED`. Raises KeyError for any other name."""
    if name not in SHARED:
        raise KeyError(name)
    return (FOLDER / name).read_text(encoding="utf-8")


def explorer_address(**chosen: str) -> str:
    """Return the address of the explorer, next to the page, with what is chosen in it.

    >>> explorer_address(study="pairs", colour="hidden", **{"axis.pair": "CE + softmax"})
    'explorer.html#study=pairs&colour=hidden&axis.pair=CE+%2B+softmax'
    """
    return f"{files.EXPLORER}#{urlencode(chosen)}" if chosen else files.EXPLORER
