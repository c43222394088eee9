"""The claims of the note and of its author's companion study, put to the test.

A claim is data (claims.yaml): a statement, where it comes from, the comparison that tests it,
and a rule of one or several named tests with parameters. A test looks at places (a dataset, a
facet, a pair of arms, ...) and says of each whether the claim holds there, fails there or stays
open; places are folded into datasets and datasets into a verdict:

    supported     it holds on as many datasets as `agree` asks for, and is refuted on none
    contradicted  it fails on so many datasets that `agree` cannot be met, and holds on none
    mixed         it holds in some and fails in others
    inconclusive  the rest: the numbers decide neither way
    not run       its study, or an arm, facet or dataset of it, is not part of the config
    not tested    a definition

Failing needs evidence: a significant difference in the other direction, or for equivalence a
whole interval outside the margin. The absence of significance is never evidence of either.

`evidence` holds what a test finds and how it folds, `declared` the rules as data and the reader of
the file, `case` what a test is given, `explanations` the sentences and `judging` the verdicts. The
other modules hold the tests and what they share. Every module of this package is imported, so a
new file of tests is found.
"""

from importlib import import_module
from pkgutil import iter_modules

from experiments.claims.case import Case, NotRunError, Sweep
from experiments.claims.declared import CLAIMS, Claim, load_claims
from experiments.claims.judging import (
    COLUMNS,
    VERDICTS,
    evaluate,
    find,
    judged,
    not_run,
    write_claims,
)
from experiments.claims.programs import PROGRAMS, write_programs

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "CLAIMS",
    "COLUMNS",
    "PROGRAMS",
    "VERDICTS",
    "Case",
    "Claim",
    "NotRunError",
    "Sweep",
    "evaluate",
    "find",
    "judged",
    "load_claims",
    "not_run",
    "write_claims",
    "write_programs",
]
