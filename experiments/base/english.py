"""Numbers in sentences. The standard library only: the train job imports it."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil


def counted(number: int, noun: str) -> str:
    """Say how many there are.

    >>> counted(1, "case"), counted(1200, "run"), counted(2, "study"), counted(0, "byte")
    ('1 case', '1,200 runs', '2 studies', '0 bytes')
    """
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def duration(seconds: float) -> str:
    """Say how long it takes, in the unit that a person would use.

    >>> duration(3.2), duration(200), duration(2000), duration(9000)
    ('4 s', '3 min 20 s', '33 min', '2.5 h')
    """
    if seconds < 90:
        return f"{ceil(seconds)} s"
    if seconds < 595:
        minutes, tens = divmod(round(seconds / 10), 6)
        return f"{minutes} min {tens}0 s" if tens else f"{minutes} min"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def of_all(number: int, whole: int, noun: str) -> str:
    """Say how many of all there are; the noun goes with the whole.

    >>> of_all(1, 20, "run"), of_all(1, 1, "run")
    ('1 of 20 runs', '1 of 1 run')
    """
    return f"{number:,} of {counted(whole, noun)}"


def plural(noun: str) -> str:
    """Return the plural of a regular noun.

    >>> plural("run"), plural("study"), plural("day"), plural("class")
    ('runs', 'studies', 'days', 'classes')
    """
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def verb(number: int, many: str) -> str:
    """Return a number with a verb that agrees with it.

    >>> verb(1, "hold"), verb(2, "hold"), verb(1, "are"), verb(0, "are")
    ('1 holds', '2 hold', '1 is', '0 are')
    """
    one = "is" if many == "are" else f"{many}s"
    return f"{number:,} {one if number == 1 else many}"


def between(low: str, high: str) -> str:
    """Return two ends of a range in words; ends that read the same are one number.

    >>> between("33", "39"), between("33", "33")
    ('33 to 39', '33')
    """
    return low if low == high else f"{low} to {high}"


def listing(words: Iterable[str], most: int = 8) -> str:
    """Join words as a sentence does; of a long list the first ones and how many more.

    >>> listing(["a", "b", "c"]), listing("abcd", most=2)
    ('a, b and c', 'a, b and 2 more')
    """
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most:,} more"]
    return " and ".join(", ".join(words).rsplit(", ", 1)) if len(words) > 1 else "".join(words)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines, each column as wide as its widest cell.

    >>> list(aligned([("a", "1", "x"), ("bcd", "", "y")]))
    ['  a    1  x', '  bcd     y']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
