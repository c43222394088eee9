"""From what the tests find to verdicts, and the table of all claims."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from experiments import statistics
from experiments.base import files, write_text
from experiments.claims.case import Case, NotRunError, Sweep
from experiments.claims.declared import CLAIM_TESTS, CLAIMS, Claim, Rule, load_claims
from experiments.claims.evidence import (
    ABSENT,
    CORRECTED,
    FAILS,
    HOLDS,
    MIXED,
    OPEN,
    Agree,
    Evidence,
    agreed_p,
    both_p,
    fold,
    some_of_both_p,
)
from experiments.claims.explanations import explained, fields, listed
from experiments.results import Results, basis

COLUMNS = (
    "id", "claim", "kind", "source", "study", "comparison", "basis", "test",
    "effect", "low", "high", "p", "p_claim", "p_adjusted", "verdict", "datasets", "explanation",
)  # fmt: skip
CORRECTED_ONCE = "right once corrected"
WORDS = {
    HOLDS: "holds", FAILS: "contradicted", MIXED: "in part", CORRECTED: CORRECTED_ONCE,
    OPEN: "undecided",
}  # fmt: skip
VERDICTS = (
    "holds", "contradicted", "in part", CORRECTED_ONCE, "undecided", "not run", "not tested",
)  # fmt: skip


def evaluate(
    results: Results, claims_path: Path = CLAIMS, tables_folder: Path | None = None
) -> pd.DataFrame:
    """Return a row per claim with its verdict, in the order of the file.

    Columns: id, claim, kind, source, study, comparison (the stem of its tables, '' without one),
    basis (the runs that it rests on), test; effect, low, high, p (of the place that
    `explanations.deciding` returns: its interval at 1 - level, p not adjusted); p_claim (of the
    whole claim), p_adjusted (after Holm over the claims that rest on runs), verdict, datasets (on
    which it holds and on which not) and explanation. `tables_folder` is by default the folder
    "tables" of the results. Raises ConfigError if the file is wrong.
    """
    sweep = Sweep(results, Path(tables_folder or results.folder / files.TABLES))
    rows = [_row(sweep, claim) for claim in load_claims(claims_path)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = statistics.holm(table["p_claim"])
    open_now = table["p_adjusted"] > results.config.statistics.level
    table.loc[open_now, "verdict"] = WORDS[OPEN]
    return table


def write_claims(results: Results, tables_folder: Path, path: Path) -> None:
    """Write the verdicts as CSV, the same bytes each time."""
    table = evaluate(results, tables_folder=tables_folder)
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _row(sweep: Sweep, claim: Claim) -> dict[str, Any]:
    cases = [Case(sweep, claim, rule) for rule in claim.rule]
    row = {
        "id": claim.id,
        "claim": claim.statement,
        "kind": claim.kind,
        "source": claim.source,
        "study": claim.study,
        "comparison": "",
        "basis": "",
        "test": " + ".join(dict.fromkeys(rule.test for rule in claim.rule)),
        "datasets": "",
    }
    try:
        row["comparison"] = cases[0].comparison.name if claim.study else ""
        found = [find(case) for case in cases]
    except NotRunError as reason:
        return row | not_run(reason, claim.config)
    if not any(CLAIM_TESTS[rule.test].decides for rule in claim.rule):
        return row | {"verdict": "not tested", "explanation": claim.explanation}
    if claim.study and claim.kind == "by experiment":
        row["basis"] = basis(sweep.results, cases[0].comparison)
    return row | judged(claim, found, sweep.results.config.statistics.level)


def find(case: Case) -> list[Evidence]:
    """Return what a rule's test finds, the datasets in the order of the study."""
    found = CLAIM_TESTS[case.rule.test].function(case, case.rule)
    study = case.results.config.studies.get(case.claim.study)
    return sorted(found, key=lambda each: study.datasets.index(each.dataset)) if study else found


def judged(claim: Claim, found: Sequence[Sequence[Evidence]], level: float) -> dict[str, Any]:
    """Return verdict, numbers and explanation from what each rule found.

    What is found at single places counts together only if the p value of the whole claim is at most
    `level` (:func:`claim_p`).
    """
    parts = [_by_dataset(each, rule) for each, rule in zip(found, claim.rule, strict=True)]
    names = dict.fromkeys(name for part in parts for name in part)
    outcomes = {
        name: fold([part.get(name, ABSENT) for part in parts], "all", exceptions=False)
        for name in names
    }
    folded = [fold(part.values(), claim.agree, exceptions=False) for part in parts]
    if ABSENT in folded:
        return not_run("there are too few such runs")
    verdict = _verdict(outcomes, claim.agree)
    p = claim_p(claim, found, verdict)
    if p > level:
        verdict = WORDS[OPEN]
    together = fields(claim.rule, [e for each in found for e in each], outcomes, verdict)
    prefixed = {
        rule.name: SimpleNamespace(**fields([rule], each, part, _verdict(part, claim.agree)))
        for rule, each, part in zip(claim.rule, found, parts, strict=True)
        if rule.name
    }
    explanation = explained(claim, prefixed | together)
    return {
        **{name: float(together[name]) for name in ("effect", "low", "high", "p")},
        "p_claim": p,
        "verdict": verdict,
        "datasets": _where(outcomes),
        "explanation": f"{explanation} {together.get('fragile') or ''}".strip(),
    }


def claim_p(claim: Claim, found: Sequence[Sequence[Evidence]], verdict: str) -> float:
    """Return the p value of what the verdict says, or of what is nearest to be said; NaN for none.

    That the claim holds: every rule on as many datasets as must agree, at as many places of each as
    the rule asks for. That it does not: so many fail that the rest could not make up for them. That
    it holds in part: some place holds, and some fails. NaN if nothing in it is random.
    """
    every = [each for some in found for each in some if each.outcome != ABSENT]
    if all(math.isnan(each.p) for each in every):
        return math.nan
    if verdict == WORDS[MIXED]:
        return some_of_both_p(every)
    groups = [_places(some) for some in found]
    datasets = list(dict.fromkeys(name for group in groups for name in group))
    both = []
    for name in datasets:
        rules = [
            both_p(group[name], rule.places)
            for rule, group in zip(claim.rule, groups, strict=True)
            if name in group
        ]
        both.append(_agreed(rules, "all"))
    for_it, against = _agreed(both, claim.agree)
    if verdict == WORDS[HOLDS]:
        return for_it
    return min(for_it, against) if verdict == WORDS[OPEN] else against


def _agreed(pairs: Sequence[tuple[float, float]], agree: Agree) -> tuple[float, float]:
    """Return the p values that many hold, and fail, from such a pair of each."""
    return agreed_p([holds for holds, _ in pairs], [fails for _, fails in pairs], agree)


def _places(found: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    """Return what was found by dataset, those without any run left out."""
    groups: dict[str, list[Evidence]] = {}
    for each in found:
        if each.outcome != ABSENT:
            groups.setdefault(each.dataset, []).append(each)
    return groups


def not_run(reason: str | NotRunError, config: str = "") -> dict[str, str]:
    """Return the verdict on a claim that cannot be tested, why, and which config could."""
    hint = f"; experiments/config/{config}.yaml has it" if config else ""
    return {"verdict": "not run", "explanation": f"Not run: {reason}{hint}."}


def _by_dataset(found: Sequence[Evidence], rule: Rule) -> dict[str, str]:
    """Return the outcome of each dataset; a rule may allow places that disagree."""
    groups: dict[str, list[str]] = {}
    for each in found:
        groups.setdefault(each.dataset, []).append(each.outcome)
    return {name: fold(group, rule.places, exceptions=True) for name, group in groups.items()}


def _verdict(outcomes: Mapping[str, str], agree: Agree) -> str:
    return WORDS.get(fold(outcomes.values(), agree, exceptions=False), WORDS[OPEN])


def _where(outcomes: Mapping[str, str]) -> str:
    """Return for which datasets a claim holds; nothing where it is not about datasets."""
    words = {
        CORRECTED: "once corrected on",
        HOLDS: "holds on",
        FAILS: "fails on",
        MIXED: "in part on",
        OPEN: "open on",
    }
    words[ABSENT] = "no runs on"
    parts = [
        f"{word} {listed(outcomes, kind)}"
        for kind, word in words.items()
        if kind in outcomes.values()
    ]
    return "; ".join(parts) if any(outcomes) else ""
