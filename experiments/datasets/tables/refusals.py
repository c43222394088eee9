"""Refuses texts that are not categories: numbers in part, dates, amounts, missing values."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from experiments.base import UserError, listing
from experiments.datasets.tables import looks
from experiments.datasets.tables.options import ColumnOptions, option
from experiments.datasets.tables.texts import is_number


class Forms:
    """The different texts of a column, sorted into numbers, marks of missing values, and others."""

    def __init__(self, name: str, plain: list[str], codes: np.ndarray, options: ColumnOptions):
        self.name, self.plain, self.codes, self.options = name, plain, codes, options
        self.numbers = [k for k, text in enumerate(plain) if is_number(text, options)]
        self.marks = [k for k, text in enumerate(plain) if looks.is_mark(text, plain)]
        known = {*self.numbers, *self.marks}
        self.others = [k for k in range(len(plain)) if k not in known]

    def examples(self, forms: Iterable[int]) -> str:
        """Name the first three of some texts with their rows."""
        rows = ((int(np.argmax(self.codes == k)) + 1, self.plain[k]) for k in forms)
        return listing(f"{text!r} in row {row}" for row, text in sorted(rows)[:3])

    @cached_property
    def ways(self) -> str:
        """What may be set in any case."""
        return (
            f"{option('categorical', self.name)} takes them as categories, "
            f"{option('drop', self.name)} leaves them out"
        )

    def missing(self, forms: Iterable[int]) -> str:
        """Say how texts are declared to be no values."""
        said = option("missing", *(self.plain[k] for k in list(forms)[:3]), quoted=True)
        return f"set {said} if there is no value"


def refuse(place: str, forms: Forms) -> None:
    """Raise UserError if texts are not categories; it names rows and the option that settles it."""
    unread = [forms.plain[k] for k in (*forms.numbers, *forms.others)]
    found = looks.signs(unread, forms.options) if forms.others else None
    if found:
        _say(place, forms, found, forms.others)
    _refuse_look(place, forms)
    if forms.marks and not (forms.numbers and forms.others):
        raise UserError(
            f"{place} holds {forms.examples(forms.marks)}: {forms.missing(forms.marks)}; "
            f"or {forms.ways}"
        )
    if forms.numbers and forms.others:
        odd = forms.marks + forms.others
        raise UserError(
            f"{place} holds numbers, but also {forms.examples(odd)}: correct them, or "
            f"{forms.missing(odd)}; or {forms.ways}"
        )


def _refuse_look(place: str, forms: Forms) -> None:
    """Refuse the commonest look if more than half of the texts that are not numbers have it."""
    alike: dict[str, list[int]] = defaultdict(list)
    by_form = {k: looks.look_of(forms.plain[k], forms.options) for k in forms.others}
    for k, look in by_form.items():
        if look:
            alike[look.what].append(k)
    if not alike:
        return
    chosen = max(alike.values(), key=len)
    look = by_form[chosen[0]]
    if look.only_if_many and (forms.numbers or len(forms.plain) <= 2):
        return  # the odd ones among numbers are named below; two texts are as good as two numbers
    if len(chosen) > len(forms.others) / 2:
        _say(place, forms, look, chosen)


def _say(place: str, forms: Forms, look: looks.Look, which: list[int]) -> None:
    raise UserError(
        f"{place} holds {look.what}: {forms.examples(which)}; {look.advice}; or {forms.ways}"
    )
