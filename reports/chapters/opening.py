"""The opening: the title, what is missing, what was found, and the verdicts on the claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import counted, files, listing
from experiments.claims import CLAIMS, load_claims
from experiments.schema import Comparison
from reports.figures import sheets_of
from reports.page import Html, bullets, fold, heading, link, literal, paragraph, table
from reports.sentences import NOT_JUDGED, PROBES, claim_counts, scope, true_minus, verdicts

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield the title, gaps, what was found, and the claims.

    A sweep that puts no claim to the test begins with its own studies; the claims are folded.
    """
    title = report.config.title or f"The sweep {report.folder.name}"
    yield Html("<h1>{}: for referees</h1>").format(title)
    yield paragraph(
        f"Every comparison, table and figure of the sweep. The answers are in "
        f"[the report]({files.PAGE})."
    )
    if gap := scope.unfinished(report.runs):
        yield paragraph(gap, "gap")
    yield heading("What was found", "what-was-found")
    yield paragraph(scope.scope(report.runs, len(report.comparisons)))
    yield paragraph(scope.regression(report.config, report.datasets))
    about_claims = report.claims is None or report.tests_claims  # perhaps, if none is judged yet
    if about_claims:
        yield from _claims(report)
    yield heading("Comparison by comparison", "in-short", 3)
    yield paragraph(
        "A test compares two arms in one *case*: a dataset with one setting of the study's "
        "other axes. Each arm runs at the value of the tuned axis that was chosen for it on "
        "validation data; the verdict names it."
    )
    yield bullets([_headline(report, comparison) for comparison in report.comparisons])
    if gap := scope.left_out(report.runs):
        yield paragraph(gap, "gap")
    if not about_claims:
        yield _folded_claims(report)


def _headline(report: Report, comparison: Comparison) -> str:
    tests, arms = (report.table(comparison, kind) for kind in ("tests", "arms"))
    title = f"[{literal(report.chapter_title(comparison))}](#chapter-{comparison.name})"
    if tests is None or arms is None:
        return f"**{title}**: its tables have not been made yet."
    return f"**{title}**: {verdicts.headline(tests, arms)}"


def _folded_claims(report: Report) -> Html:
    """Fold the claims away if the sweep is about something else."""
    number = int((~report.claims["verdict"].isin(NOT_JUDGED)).sum())
    summary = (
        f"The note's claims are not what this sweep is about: {counted(number, 'claim')} judged "
        f"without a study of it, {len(report.claims)} in all"
    )
    return fold(summary, *_claims(report))


def _claims(report: Report) -> Iterator[Html]:
    """Yield the table of the claims and their verdicts."""
    claims = report.claims
    if claims is None:
        yield paragraph(
            "The claims of the note have not been judged yet: claims.csv is missing. "
            f"`{report.frames.command('claims.csv')}` makes it.",
            "gap",
        )
        return
    yield paragraph(
        f"{claim_counts(claims)} Each verdict follows from a rule in "
        "`experiments/claims/claims.yaml`, and is about these datasets and settings; several "
        "claims are adjusted after Holm."
    )
    elsewhere = _configs(claims)
    yield from (paragraph(text) for text in _answered_elsewhere(claims, elsewhere))
    shown = claims[~claims["id"].isin(elsewhere)]
    yield _claims_table(report, shown, "tab-claims", "The claims and their verdicts.")


def _configs(claims: pd.DataFrame) -> dict[str, str]:
    """Return the config that answers each claim that was not run, if there is one."""
    configs = {claim.id: claim.config for claim in load_claims(CLAIMS)}
    lost = claims.loc[claims["verdict"] == "not run", "id"]
    return {name: configs[name] for name in lost if configs.get(name)}


def _answered_elsewhere(claims: pd.DataFrame, configs: Mapping[str, str]) -> Iterator[str]:
    """Say which config answers the claims that this one does not."""
    for config in dict.fromkeys(configs.values()):
        names = [literal(name) for name, other in configs.items() if other == config]
        ends = f"{names[0]} to {names[-1]}" if len(names) > 2 else listing(names)
        yield (
            f"This config does not test {'claim' if len(names) == 1 else 'the claims'} {ends}: "
            f"`snakemake --cores 2 --configfile experiments/config/{config}.yaml` does, on a "
            "page of its own."
        )


def _claims_table(report: Report, claims: pd.DataFrame, anchor: str, caption: str) -> Html:
    rows = [
        {
            "claim": Html("<b>{}</b> {}<small>{}</small>").format(
                row["id"], row["claim"], row.get("source", "")
            ),
            "verdict": Html('<span class="verdict">{}</span><small>{}</small>').format(
                row["verdict"], ": ".join(filter(None, [row["kind"], row["basis"]]))
            ),
            "what was found": _finding(row),
            "see": _links(report, row),
        }
        for row in claims.to_dict("records")
    ]
    return table(pd.DataFrame(rows), anchor, f"{caption} {report.redo('claims.csv')}")


def _finding(row: dict[str, str]) -> str:
    """Return the explanation of a verdict and the datasets it is about, with true minus signs."""
    datasets, said = row.get("datasets", ""), row.get("explanation", "")
    if datasets and datasets not in said:
        said += f" {datasets[0].upper()}{datasets[1:]}."
    return true_minus(said)


def _links(report: Report, row: dict[str, str]) -> Html:
    """Link to the places of the page that show what a claim is about."""
    if row.get("test", "") == "equations":
        return link("equations", "equations")
    if row["id"] in PROBES and (report.folder / "probes").exists():
        return link("experiment", f"probe-{PROBES[row['id']]}")
    by_name = {comparison.name: comparison for comparison in report.comparisons}
    name = row.get("comparison", "")
    if name not in by_name or row["verdict"] == "not run":
        return Html("–")
    links = [link("chapter", f"chapter-{name}")]
    sheets = [sheet for sheet in sheets_of(report.config) if sheet.comparison.name == name]
    shown = [sheet.name for sheet in sheets if sheet.name in report.embedded]
    if shown:
        links.append(link("figure", f"fig-{shown[0]}"))
    if report.table(by_name[name], "tests") is not None:
        links.append(link("table", f"tab-{name}-tests"))
    return Html(", ").join(links)
