"""Which conclusions of the companion study stand, and which defect of its program made others.

A study with `claims_of: OTHER` repeats the study OTHER with the values of an axis `program`: the
correct program, each of the two defects (`experiments.training.defects`), both, and the correct one
with as many updates as the strided one makes. Each program's runs are put in the place of
OTHER's and every claim that rests on OTHER is judged by its own rule, as `experiments.claims`
judges it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.base import write_text
from experiments.claims import (
    CLAIMS,
    Case,
    Claim,
    NotRunError,
    Sweep,
    find,
    judged,
    load_claims,
    not_run,
)
from experiments.claims.evidence import HOLDS
from experiments.claims.recorded import RecordedRule
from experiments.results import Results, paired_tests
from experiments.schema import Comparison, Config, Study, axis_label, program_role

AXIS = "program"
PROGRAMS = {
    "correct": "correct program",
    "delta": "defect: delta",
    "stride": "defect: stride",
    "both": "both defects",
    "equal": "correct, at equal updates",
}
"""The programs, and what heads their columns."""

COLUMNS = (
    "id", "claim", "study", "program", "dataset", "verdict", "effect", "low", "high", "p",
    "datasets", "explanation", "made_by",
)  # fmt: skip
"""`dataset` is empty for the verdict over all; `made_by` stands with the correct program."""


SUPPORTED, NOT_RUN = HOLDS, "not run"


def programs(study: Study) -> dict[str, str]:
    """Return the labels of a study's programs by what they are (see `PROGRAMS`)."""
    return {program_role(value): axis_label(value) for value in study.grid[AXIS]}


def as_program(results: Results, role: str) -> Results:
    """Return the results as if a program's runs were those of the studies that it repeats."""
    studies, runs = {}, []
    for name, study in results.config.studies.items():
        label = programs(study).get(role) if study.claims_of else None
        if label is None:
            continue
        studies[study.claims_of] = _standing_in(results.config, study)
        mine = (results.runs["study"] == name) & (results.runs[f"axis_{AXIS}"] == label)
        runs.append(results.runs[mine].assign(study=study.claims_of))
    config = results.config.model_copy(update={"studies": studies})
    stand_in = Results(results.folder, config)
    stand_in.runs = pd.concat(runs) if runs else results.runs[:0]
    return stand_in


def _standing_in(config: Config, study: Study) -> Study:
    """Return the study that is repeated, with the datasets and values of its repetition."""
    original = config.studies[study.claims_of]
    grid = {axis: study.grid[axis] for axis in original.grid}
    return original.model_copy(
        update={"datasets": study.datasets, "seeds": study.seeds, "grid": grid}
    )


class Computed(Sweep):
    """A sweep whose tables of tests are computed when asked for, not read."""

    def table(self, comparison: Comparison, kind: str) -> pd.DataFrame:
        """Return the paired tests of a comparison, `kind` being "tests" or "shared"."""
        key = f"{comparison.name}-{kind}"
        if key not in self.read:
            step = "tuned" if kind == "tests" else "shared"
            self.read[key] = paired_tests(self.results, comparison, step)
        return self.read[key]


def evaluate(results: Results, claims_path: Path = CLAIMS) -> pd.DataFrame:
    """Return a row per claim, program and dataset (empty: all) with its verdict.

    Only claims that some repeated study can test have rows. See `COLUMNS`.
    """
    repeated = {s.claims_of: s for s in results.config.studies.values() if s.claims_of}
    claims = [claim for claim in load_claims(claims_path) if claim.study in repeated]
    rows = []
    for role in PROGRAMS:
        sweep = Computed(as_program(results, role), results.folder)
        for claim in claims:
            if role in programs(repeated[claim.study]):
                rows += _rows(sweep, claim, role)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {claim.id: place for place, claim in enumerate(claims)}
    ran = table.groupby("id")["verdict"].transform(lambda verdicts: (verdicts != NOT_RUN).any())
    table = table[ran.astype(bool)].sort_values("id", key=lambda ids: ids.map(order), kind="stable")
    return _with_causes(table.reset_index(drop=True))


def _rows(sweep: Sweep, claim: Claim, role: str) -> Iterator[dict[str, Any]]:
    """Yield the verdict of a claim over all datasets of its study, and on each alone."""
    claim = _within_epochs(sweep.results, claim)
    fixed = {
        "id": claim.id, "claim": claim.statement, "study": claim.study, "program": role,
        "dataset": "",
    }  # fmt: skip
    try:
        found = [find(Case(sweep, claim, rule)) for rule in claim.rule]
    except NotRunError as reason:
        yield fixed | not_run(reason)
        return
    level = sweep.results.config.statistics.level
    yield fixed | judged(claim, found, level)
    alone = claim.model_copy(update={"agree": "all"})
    for dataset in sweep.results.config.studies[claim.study].datasets:
        mine = [[each for each in some if each.dataset == dataset] for some in found]
        yield fixed | {"dataset": dataset} | judged(alone, mine, level)


def _within_epochs(results: Results, claim: Claim) -> Claim:
    """Return the claim with no epoch beyond the last: with fewer epochs, the end counts."""
    last = int(results.runs.loc[results.runs["study"] == claim.study, "epochs"].min())
    rules = [
        rule.model_copy(update={"epoch": min(rule.epoch, last)})
        if isinstance(rule, RecordedRule) and isinstance(rule.epoch, int)
        else rule
        for rule in claim.rule
    ]
    return claim.model_copy(update={"rule": rules})


def _with_causes(table: pd.DataFrame) -> pd.DataFrame:
    """Enter which defect made each conclusion, beside the correct program's verdict."""
    table["made_by"] = ""
    for _, rows in table.groupby(["id", "dataset"], sort=False):
        verdicts = dict(zip(rows["program"], rows["verdict"], strict=True))
        table.loc[rows.index[rows["program"] == "correct"], "made_by"] = made_by(verdicts)
    return table


def made_by(verdicts: Mapping[str, str]) -> str:
    """Say from a claim's verdicts by program which defect made it.

    >>> wrong = dict.fromkeys(PROGRAMS, "contradicted")
    >>> made_by(wrong | {"stride": "holds", "both": "holds"})
    'stride'
    >>> made_by(wrong | {"stride": "holds", "both": "holds", "equal": "holds"})
    'stride, by making fewer updates'
    """
    if NOT_RUN in (verdicts.get("correct", NOT_RUN), verdicts.get("both", NOT_RUN)):
        return "not known: there are too few runs"
    yes = {name for name, verdict in verdicts.items() if verdict == SUPPORTED}
    alone = [name for name in ("delta", "stride") if name in yes]
    if "correct" in yes:
        hidden = {"both": "with both defects", "equal": "at equal updates"}
        lost = [words for name, words in hidden.items() if name in verdicts and name not in yes]
        return "none: it holds with the correct program" + (
            f", though not {' or '.join(lost)}" if lost else ""
        )
    if not yes:
        return "not reproduced: it holds with no program"
    if "both" in yes and len(alone) != 1:
        return "either of the two alone" if alone else "only the two together"
    if not alone:
        return "no defect, but fewer updates"
    cause = " or ".join(alone)
    if "stride" in alone and "equal" in yes:
        cause += ", by making fewer updates"
    return cause if "both" in yes else f"{cause}, though not with both"


def write_programs(results: Results, path: Path) -> None:
    """Write the verdicts by program as CSV, the same bytes each time; only heads without any."""
    table = evaluate(results)
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
