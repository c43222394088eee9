"""The claims of the note and of its author's companion study, put to the test.

A claim is data (claims.yaml): a statement, where it is from, what kind it is, the comparison that
tests it, and a rule of one or several named tests with parameters. A test looks at places (a
dataset, a facet, a pair of arms, ...) and says of each whether the claim holds, fails or is open
there; places are folded into datasets and datasets into a verdict:

    holds                 it holds on as many datasets as `agree` asks for, and fails on none
    contradicted          it fails on so many datasets that `agree` cannot be met, and holds on none
    in part               it holds on some and fails on others
    right once corrected  equations that are wrong as printed and right once corrected
    undecided             the rest: the numbers decide neither way
    not run               its study, or an arm, facet or dataset of it, is not part of the config
    not tested            a definition

Failing needs evidence: a difference in the other direction, or for equivalence a whole interval
beyond the margin. The absence of significance is never evidence of either.

The evidence is the confirming runs of a study, a split counting once, or its tuning runs if it is
not confirmed. A claim's own pairs are its family: at each place one interval at 1 - level decides.
"On all datasets" is an intersection-union, "on most" and its opposite are partial conjunctions
(`evidence.both_p`); the p values of the claims are adjusted after Holm, and one that is then above
the level leaves the claim undecided.

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
