"""What Snakemake's own report (`snakemake --report`) shows of a sweep, and under which labels.

Its categories and labels are in alphabetical order: "Answers" are first.
"""

from collections.abc import Mapping

from experiments.base import files
from experiments.schema import Config, comparisons
from reports.figures import picture_names, readable, sheets_of

Labels = Mapping[str, str]

PAGES = {
    files.PAGE: "answers",
    files.APPENDIX: "for referees",
    files.EXPLORER: "explorer of the runs",
    files.PDF: "on paper",
}


def report_labels(config: Config) -> dict[str, Labels]:
    """Return the labels of each file that is shown, by its path in the folder of the sweep.

    Figures are shown as SVG and tables as CSV; the same files in other formats are next to them.
    """
    found: dict[str, Labels] = {page: {"page": said} for page, said in PAGES.items()}
    for sheet in sheets_of(config):
        number = sheet.name.partition(f"-{sheet.kind}-")[2]
        shows = f"{readable(sheet.kind)} {number}".strip()
        where = {"study": sheet.comparison.study, "compared": sheet.comparison.axis}
        found[f"{files.FIGURES}/{sheet.name}.svg"] = where | {"shows": shows}
    for name in picture_names(config):
        said = {"study": "–", "compared": "–", "shows": name.replace("-", " ")}
        found[f"{files.FIGURES}/{name}.svg"] = said
    for comparison in comparisons(config):
        for kind in comparison.kinds:
            said = {"study": comparison.study, "compared": comparison.axis, "shows": kind}
            found[f"{files.TABLES}/{comparison.name}-{kind}.csv"] = said
    return found
