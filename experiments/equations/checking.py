"""How an equation is declared, evaluated as printed and as corrected, and judged.

An equation is a generator of checks, each a left and a right side. Its slips are its boolean
parameters: all False is the equation as printed, all True as corrected. The verdict is the
size of the difference. A slip is named as a reason only if it alone, with all others corrected,
makes the equation fail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray

DIRECT = "direct evaluation"
COMPLEX = "complex step"
CENTRAL = "central differences"

TOLERANCES = {DIRECT: 1e-12, COMPLEX: 1e-12, CENTRAL: 1e-7}
"""The largest relative error that each method leaves where an equation holds, with room."""


class UndefinedError(ValueError):
    """A side that has no value; the message is the reason."""


def product(left: Array, right: Array) -> Array:
    """Return the matrix product, which exists only where columns meet as many rows."""
    if left.shape[1] != right.shape[0]:
        raise UndefinedError("shapes")
    return left @ right


def hadamard(left: Array, right: Array) -> Array:
    """Return the elementwise product of two arrays of one shape; nothing is broadcast."""
    if left.shape != right.shape:
        raise UndefinedError("shapes")
    return left * right


def total(terms: Sequence[Any], indices: range) -> Any:
    """Return the sum over `indices` of terms that are numbered from 1."""
    if any(not 1 <= i <= len(terms) for i in indices):
        raise UndefinedError(f"N{len(indices) - len(terms):+d} terms")
    return sum(terms[i - 1] for i in indices)


class Check(NamedTuple):
    """Two sides that should be equal, how the truth was found, and for which case."""

    left: Array | float
    right: Array | float
    how: str
    case: str = ""

    @property
    def error(self) -> float:
        """The largest difference over the largest number; infinite where a side is not finite.

        Raises UndefinedError where the sides have different shapes.
        """
        left, right = np.asarray(self.left), np.asarray(self.right)
        if left.shape != right.shape:
            raise UndefinedError("shapes")
        size = float(max(np.max(np.abs(left)), np.max(np.abs(right))))
        if not np.isfinite(size):
            return inf
        return float(np.max(np.abs(left - right))) / size if size else 0.0

    @property
    def holds(self) -> bool:
        """Whether the error is below what the method can tell."""
        return self.error <= TOLERANCES[self.how]


class Verdict(NamedTuple):
    """Whether all checks hold, their largest error, and what can be said of a failure.

    `undefined` is the reason why a side has no value, else empty; `failed` and `held` are cases.
    """

    holds: bool
    error: float
    undefined: str = ""
    failed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()

    def reason(self, slip: str) -> str:
        """Return why a form with this slip fails; empty where it holds."""
        if self.holds:
            return ""
        if self.undefined:
            return self.undefined
        cases = f" (fails for {', '.join(self.failed)}; holds for {', '.join(self.held)})"
        return slip + (cases if self.held else "")


def judge(checks: Iterable[Check]) -> Verdict:
    """Evaluate the checks of one form, each as it comes: a later one may reuse its arrays."""
    errors, methods, cases = [], {}, {}
    try:
        for check in checks:
            errors.append(check.error)
            methods[check.how] = None
            cases[check.case] = cases.get(check.case, True) and check.holds
    except UndefinedError as undefined:
        return Verdict(False, nan, undefined=str(undefined))
    failed = tuple(case for case, holds in cases.items() if not holds)
    held = tuple(case for case, holds in cases.items() if holds)
    return Verdict(not failed, max(errors), "", failed, held, tuple(methods))


Checks = Iterator[Check]
Form = Callable[..., Checks]


@dataclass(eq=False)
class Equation:
    """One equation of the note; `form` is None for the empty number.

    `statement` is as printed, `correction` is given if that fails, `slips` maps each parameter
    of `form` to what is wrong while it is False.
    """

    number: str
    statement: str = ""
    implemented_by: Callable | None = None
    form: Form | None = None
    correction: str = ""
    slips: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""
    asides: list[tuple[str, Form]] = field(default_factory=list)

    @property
    def dotted_name(self) -> str:
        """Where the function that implements the equation is found."""
        function = self.implemented_by
        return f"{function.__module__}.{function.__qualname__}" if function else ""

    def aside(self, slip: str) -> Callable[[Form], Form]:
        """Enter a form that the note gives next to the equation; `slip` is remarked if it fails."""

        def enter(form: Form) -> Form:
            self.asides.append((slip, form))
            return form

        return enter

    def as_printed(self) -> Verdict:
        """Judge the equation with all its slips."""
        return judge(self.form(**dict.fromkeys(self.slips, False)))

    def as_corrected(self) -> Verdict:
        """Judge the equation with its slips mended."""
        return judge(self.form(**dict.fromkeys(self.slips, True)))

    def reasons(self) -> list[str]:
        """Return what each slip does that makes the equation fail by itself."""
        mended = dict.fromkeys(self.slips, True)
        found = [
            judge(self.form(**{**mended, name: False})).reason(slip)
            for name, slip in self.slips.items()
        ]
        return [reason for reason in found if reason]

    def remarks(self) -> list[str]:
        """Return how the equation was read, and the slips next to it."""
        failing = [slip for slip, form in self.asides if not judge(form()).holds]
        return [text for text in (self.remark, *failing) if text]

    def row(self) -> dict[str, Any]:
        """Return the equation's line of the table; None if there is nothing to say."""
        declared = {
            "number": self.number,
            "statement": self.statement,
            "correction": self.correction,
            "implemented_by": self.dotted_name,
        }
        if self.form is None:
            return declared | _verdicts(None, None) | {"reason": "", "remark": self.remark}
        corrected = self.as_corrected()
        printed = self.as_printed() if self.slips else corrected
        reasons = [] if printed.holds else self.reasons() or [printed.reason("the sides differ")]
        texts = {"reason": "; ".join(reasons), "remark": "; ".join(self.remarks())}
        return declared | _verdicts(printed, corrected) | texts


def _verdicts(printed: Verdict | None, corrected: Verdict | None) -> dict[str, Any]:
    """Return the columns that were computed."""
    return {
        "holds_as_printed": printed.holds if printed else None,
        "holds_as_corrected": corrected.holds if corrected else None,
        "error_as_printed": _number(printed),
        "error_as_corrected": _number(corrected),
        "method": ", ".join(corrected.methods) if corrected else "",
    }


def _number(verdict: Verdict | None) -> float | None:
    return None if verdict is None or isnan(verdict.error) else verdict.error


EQUATIONS: dict[str, Equation] = {}
"""The equations by number, in the note's order."""


def equation(
    number: int | str, statement: str, implemented_by: Callable, **declared: Any
) -> Callable[[Form], Equation]:
    """Return a decorator that makes a form the equation `number`; see :class:`Equation`."""

    def enter(form: Form) -> Equation:
        return _enter(Equation(str(number), statement, implemented_by, form, **declared))

    return enter


def empty(number: int) -> Equation:
    """Enter a number that carries no equation."""
    return _enter(Equation(str(number), remark="an empty number"))


def _enter(new: Equation) -> Equation:
    if new.number in EQUATIONS:
        raise ValueError(f"equation {new.number} is declared twice")
    EQUATIONS[new.number] = new
    return new
