"""From what the tests find to verdicts, and the table of all claims."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from experiments.base import files, write_text
from experiments.claims.case import Case, NotRunError, Sweep
from experiments.claims.declared import CLAIM_TESTS, CLAIMS, Claim, Rule, load_claims
from experiments.claims.evidence import ABSENT, FAILS, HOLDS, MIXED, OPEN, Agree, Evidence, fold
from experiments.claims.explanations import explained, fields, listed
from experiments.results import Results

COLUMNS = (
    "id", "claim", "source", "study", "comparison", "test", "effect", "low", "high", "p",
    "verdict", "datasets", "explanation",
)  # fmt: skip
VERDICTS = ("supported", "contradicted", "mixed", "inconclusive", "not run", "not tested")


def evaluate(
    results: Results, claims_path: Path = CLAIMS, tables_folder: Path | None = None
) -> pd.DataFrame:
    """Return a row per claim with its verdict, in the order of the file.

    Columns: id, claim, source, study, comparison (the stem of its tables, '' without one), test,
    effect, low, high, p (adjusted; all four of the place that `explanations.deciding` returns),
    verdict, datasets (where it holds and where not) and explanation. `tables_folder` is by
    default the folder "tables" of the results. Raises ConfigError where the file is wrong.
    """
    sweep = Sweep(results, Path(tables_folder or results.folder / files.TABLES))
    rows = [_row(sweep, claim) for claim in load_claims(claims_path)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_claims(results: Results, tables_folder: Path, path: Path) -> None:
    """Write the verdicts as CSV, the same bytes each time."""
    table = evaluate(results, tables_folder=tables_folder)
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _row(sweep: Sweep, claim: Claim) -> dict[str, Any]:
    cases = [Case(sweep, claim, rule) for rule in claim.rule]
    row = {
        "id": claim.id,
        "claim": claim.statement,
        "source": claim.source,
        "study": claim.study,
        "comparison": "",
        "test": " + ".join(dict.fromkeys(rule.test for rule in claim.rule)),
        "datasets": "",
    }
    try:
        row["comparison"] = cases[0].comparison.name if claim.study else ""
        found = [find(case) for case in cases]
    except NotRunError as reason:
        return row | not_run(reason)
    if not any(CLAIM_TESTS[rule.test].decides for rule in claim.rule):
        return row | {"verdict": "not tested", "explanation": claim.explanation}
    return row | judged(claim, found)


def find(case: Case) -> list[Evidence]:
    """Return what a rule's test finds, the datasets in the order of the study."""
    found = CLAIM_TESTS[case.rule.test].function(case, case.rule)
    study = case.results.config.studies.get(case.claim.study)
    return sorted(found, key=lambda each: study.datasets.index(each.dataset)) if study else found


def judged(claim: Claim, found: Sequence[Sequence[Evidence]]) -> dict[str, Any]:
    """Return verdict, numbers and explanation from what each rule found."""
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
    together = fields(claim.rule, [e for each in found for e in each], outcomes, verdict)
    prefixed = {
        rule.name: SimpleNamespace(**fields([rule], each, part, _verdict(part, claim.agree)))
        for rule, each, part in zip(claim.rule, found, parts, strict=True)
        if rule.name
    }
    return {
        **{name: float(together[name]) for name in ("effect", "low", "high", "p")},
        "verdict": verdict,
        "datasets": _where(outcomes),
        "explanation": explained(claim, prefixed | together),
    }


def not_run(reason: str | NotRunError) -> dict[str, str]:
    """Return the verdict on a claim that cannot be tested, and why."""
    return {"verdict": "not run", "explanation": f"Not run: {reason}."}


def _by_dataset(found: Sequence[Evidence], rule: Rule) -> dict[str, str]:
    """Return the outcome of each dataset; a rule may allow places that disagree."""
    groups: dict[str, list[str]] = {}
    for each in found:
        groups.setdefault(each.dataset, []).append(each.outcome)
    return {name: fold(group, rule.places, exceptions=True) for name, group in groups.items()}


def _verdict(outcomes: Mapping[str, str], agree: Agree) -> str:
    words = {HOLDS: "supported", FAILS: "contradicted", MIXED: "mixed"}
    return words.get(fold(outcomes.values(), agree, exceptions=False), "inconclusive")


def _where(outcomes: Mapping[str, str]) -> str:
    """Return for which datasets a claim holds; nothing where it is not about datasets."""
    words = {HOLDS: "holds on", FAILS: "fails on", MIXED: "in part on", OPEN: "open on"}
    words[ABSENT] = "no runs on"
    parts = [
        f"{word} {listed(outcomes, kind)}"
        for kind, word in words.items()
        if kind in outcomes.values()
    ]
    return "; ".join(parts) if any(outcomes) else ""
