"""What a pair of arms shows over the datasets: one sentence with winner, loser, size and data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from experiments import statistics
from experiments.base import counted, listing, of_all, verb
from experiments.statistics import Kind
from reports.figures import readable, short
from reports.page import literal
from reports.sentences.words import with_minus

Row = Mapping[str, Any]
MOST_NAMED = 6
"""The most datasets that a sentence names; of more it gives the number."""


def human(dataset: str) -> str:
    """Return a dataset's name as people write it.

    >>> human("breast_cancer")
    'breast cancer'
    """
    return literal(readable(dataset))


@dataclass(frozen=True)
class Finding:
    """A pair in one setting of the other axes: what was found on each dataset.

    `rows` are those of a table of pairs, `difference` being that of `a` over `b`; a row that was
    not tested has its `reason`. `on_this_split` says that other splits were not drawn.
    """

    a: str
    b: str
    facet: str
    rows: Sequence[Row]
    on_this_split: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """Both arms, as text."""
        return literal(self.a), literal(self.b)

    @property
    def setting(self) -> str:
        """The setting of the other axes, and the limit to one split, in brackets; '' if neither."""
        said = [literal(short(self.facet))] if self.facet else []
        said += ["on this split"] if self.on_this_split else []
        return f" ({', '.join(said)})" if said else ""

    @property
    def tested(self) -> list[Row]:
        """The rows that were tested."""
        return [row for row in self.rows if group_of(row) != "absent"]

    @property
    def why_absent(self) -> str:
        """Why the pair was not compared: the reasons of the rows, each once."""
        reasons = dict.fromkeys(row["reason"] for row in self.of("absent"))
        return literal("; ".join(reasons))

    def of(self, group: str) -> list[Row]:
        """Return the rows of a group: ahead, behind, equal, undecided or absent."""
        found = [row for row in self.rows if group_of(row) == group]
        return sorted(found, key=lambda row: -abs(row["difference"]))

    @property
    def shown(self) -> list[Row]:
        """The rows with a difference that is shown and may exceed the margin, largest first."""
        found = self.of("ahead") + self.of("behind")
        return sorted(found, key=lambda row: -abs(row["difference"]))


def group_of(row: Row) -> str:
    """Return what a row shows of the first arm: ahead, behind, equal, undecided or absent."""
    kind = Kind(row["verdict_kind"])
    if kind.leads:
        return "ahead" if row["difference"] > 0 else "behind"
    if kind.alike:
        return "equal"
    return "absent" if kind == Kind.ABSENT else "undecided"


def answer(finding: Finding) -> str:
    """Return the sentence that a chapter begins with: the largest difference, or that both agree.

    >>> row = dict(dataset="iris", difference=0.2, low=-0.3, high=0.7, margin=1.0,
    ...            verdict_kind="equivalent")
    >>> answer(Finding("relu", "tanh", "", [row]))
    'relu and tanh are equal for practical purposes on iris: 0.2 points [−0.3, 0.7].'
    """
    a, b = finding.names
    if finding.shown:
        return _beats(finding)
    equal, undecided = finding.of("equal"), finding.of("undecided")
    if equal and not undecided:
        where = _where(equal)
        largest = f"{statistics.size(equal[0])} on {human(equal[0]['dataset'])}"
        if len(equal) == 1:
            return (
                f"{a} and {b} are equal for practical purposes on {where}{finding.setting}: "
                f"{statistics.size(equal[0])}."
            )
        return (
            f"{a} and {b} are equal for practical purposes on {where}{finding.setting}; the "
            f"largest difference is {largest}."
        )
    if undecided:
        largest = statistics.size(undecided[0])
        if len(undecided) > 1:
            largest = f"at most {largest} on {human(undecided[0]['dataset'])}"
        return (
            f"No difference between {a} and {b} is shown{finding.setting}; undecided on "
            f"{_where(undecided)}, {largest}."
        )
    return f"{a} and {b} were not compared: {finding.why_absent}."


def _beats(finding: Finding) -> str:
    top = finding.shown[0]
    sign = 1 if top["difference"] > 0 else -1
    others = [row for row in finding.of("ahead" if sign > 0 else "behind") if row is not top]
    text = _beating(finding, top)
    if others:
        text += f", and on {_where(others, sign)}"
    return f"{text}."


def _beating(finding: Finding, row: Row) -> str:
    """Say which arm beats which in a row, and by how much."""
    (first, second), sign = finding.names, 1
    if row["difference"] < 0:
        first, second, sign = second, first, -1
    where = f"{human(row['dataset'])}{finding.setting}"
    return f"{first} beats {second} on {where} by {statistics.size(row, sign)}{_open_size(row)}"


def _open_size(row: Row) -> str:
    """Say of a shown difference that it may be inside the margin, '' if it is beyond."""
    return ", size open" if row["verdict_kind"] == Kind.BETTER else ""


def rest(finding: Finding) -> str:
    """Return where it is otherwise than the answer says; '' if it is so on every dataset."""
    a, _ = finding.names
    shown = finding.shown
    said = []
    if shown:
        side = "behind" if shown[0]["difference"] > 0 else "ahead"
        if contrary := finding.of(side):
            sign = 1 if side == "ahead" else -1
            said.append(f"{a} is {side} on {_where(contrary, sign)}")
    if (shown or finding.of("undecided")) and (equal := finding.of("equal")):
        said.append(f"equal within the margin on {_where(equal)}")
    if shown and (undecided := finding.of("undecided")):
        said.append(f"undecided on {_where(undecided)}")
    if finding.tested and (absent := finding.of("absent")):
        said.append(f"not compared on {_where(absent)}, as {finding.why_absent}")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def in_short(finding: Finding) -> str:
    """Return the largest difference with winner and loser, and on how many datasets what is shown.

    >>> row = dict(dataset="iris", difference=2.04, low=1.1, high=3.0, margin=1.0,
    ...            verdict_kind="relevant")
    >>> rows = [row, row | dict(dataset="wine", verdict_kind="inconclusive")]
    >>> in_short(Finding("relu", "tanh", "", rows))
    'relu beats tanh on iris by 2.0 points [1.1, 3.0]; ahead on 1 of 2 datasets, 1 is undecided.'
    """
    a, b = finding.names
    tested = finding.tested
    if not tested:
        return f"{a} against {b}: not compared, as {finding.why_absent}."
    number = counted(len(tested), "dataset")
    numbers = Counter(map(group_of, tested))
    states = [
        f"{verb(numbers[name], 'are')} {name}" for name in ("equal", "undecided") if numbers[name]
    ]
    if not finding.shown:
        top = (finding.of("undecided") or finding.of("equal"))[0]
        return (
            f"{a} against {b}{finding.setting}: of {number} {listing(states)}, at most "
            f"{statistics.size(top)} on {human(top['dataset'])}."
        )
    top = finding.shown[0]
    sides = ("ahead", "behind") if top["difference"] > 0 else ("behind", "ahead")
    places = [
        f"{word} on {numbers[side]}"
        for word, side in zip(("ahead", "behind"), sides, strict=True)
        if numbers[side]
    ]
    if len(tested) == 1:
        return f"{_beating(finding, top)}."
    said = ", ".join(filter(None, [f"{listing(places)} of {number}", listing(states)]))
    return f"{_beating(finding, top)}; {said}."


def to_choose(findings: Sequence[Finding]) -> str:
    """Say which of two arms to use, from what all findings about them show; '' without any.

    An arm is advised if it is ahead somewhere and behind on at most a third as many datasets. If
    the settings of the other axes disagree, each has its own advice.
    """
    datasets = {row["dataset"] for one in findings for row in one.tested}
    if not datasets:
        return ""
    a, b = findings[0].names
    best = {one.facet: _winner([one]) for one in findings}
    if "" not in best.values() and len({*best.values()}) > 1:
        said = [f"{best[one.facet]}{one.setting}" for one in findings]
        return f"To choose: {listing(dict.fromkeys(said))}."
    ahead, behind = _sides(findings)
    of = f"of {counted(len(datasets), 'dataset')}"
    if not ahead and not behind:
        return f"To choose, either will do: on none {of} is one of them shown to be ahead."
    if winner := _winner(findings):
        more, less = (ahead, behind) if winner == a else (behind, ahead)
        return f"To choose, take {winner}: ahead on {more} {of}, behind on {less}."
    return f"To choose, try both: {a} is ahead on {ahead} {of}, {b} on {behind}."


def _sides(findings: Sequence[Finding]) -> tuple[int, int]:
    """Return on how many datasets the first arm is ahead in some finding, and behind."""
    ahead, behind = (
        len({row["dataset"] for one in findings for row in one.of(side)})
        for side in ("ahead", "behind")
    )
    return ahead, behind


def _winner(findings: Sequence[Finding]) -> str:
    """Return the arm that is ahead on at least three times as many datasets, '' if none is."""
    sides = _sides(findings)
    if max(sides) == 0 or max(sides) < 3 * min(sides):
        return ""
    return findings[0].names[sides.index(max(sides))]


def together(title: str, findings: Sequence[Finding]) -> str:
    """Say how often some pairs of a comparison differ, agree or are undecided; the largest too."""
    groups = Counter(group_of(row) for finding in findings for row in finding.rows)
    counts = {
        ("differ", ""): groups["ahead"] + groups["behind"],
        ("are", " equal"): groups["equal"],
        ("are", " undecided"): groups["undecided"],
    }
    total = sum(counts.values())
    if not total:
        return ""
    said = [f"{verb(number, does)}{state}" for (does, state), number in counts.items() if number]
    where = " on this split" if any(finding.on_this_split for finding in findings) else ""
    text = f"{literal(title)}: of {counted(total, 'comparison')}{where} {listing(said)}"
    if shown := _shown(findings):
        text += f"; the widest: {_beating(*shown[0])}"
    return f"{text}."


def widest(title: str, findings: Sequence[Finding]) -> str:
    """Say how many of some pairs differ, and which the most; '' if none does."""
    total = sum(len(finding.rows) for finding in findings)
    shown = _shown(findings)
    if not shown:
        return ""
    does = "differ" if len(shown) > 1 else "differs"
    return f"{title}: {of_all(len(shown), total, 'comparison')} {does}; {_beating(*shown[0])}."


def _shown(findings: Sequence[Finding]) -> list[tuple[Finding, Row]]:
    """Return the differences of all findings that are shown, the largest first."""
    found = [(one, row) for one in findings for row in one.shown]
    return sorted(found, key=lambda each: -abs(each[1]["difference"]))


def on_many(finding: Finding, over: Row) -> str:
    """Say what many datasets together show: the typical one, the next one, and how sure."""
    if isnan(over["p"]):  # described only
        return ""
    a, b = finding.names
    low, high, d = over["low"], over["high"], over["difference"]
    new = f"[{with_minus(over['new_low'])}, {with_minus(over['new_high'])}]"
    return (
        f"On the typical of {int(over['n_datasets'])} datasets {a} is {with_minus(d)} points "
        f"[{with_minus(low)}, {with_minus(high)}] over {b}, inside the margin with a probability "
        f"of {100 * over['p_alike']:.0f} %; on a new dataset expect {new}."
    )


def _where(rows: Sequence[Row], sign: int = 0) -> str:
    """Return datasets in words, with the size of their difference if `sign` is given."""
    if len(rows) > MOST_NAMED:
        return f"{len(rows)} datasets"
    names = [human(row["dataset"]) for row in rows]
    if sign:
        sizes = [
            with_minus(sign * row["difference"]) + (" ◇" if _open_size(row) else "") for row in rows
        ]
        names = [f"{name} ({size})" for name, size in zip(names, sizes, strict=True)]
    return listing(names)
