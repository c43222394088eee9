"""The files of a sweep by name: what lies in `results/NAME`, and the data and jobs it is made from.

Names only, for all stages; what reads a file belongs to the stage that knows its content.
"""

from collections.abc import Iterator
from pathlib import Path

CONFIG, PLAN = "config.yaml", "plan.txt"
RUNS, RUNS_CSV, CURVES = "runs.parquet", "runs.csv", "curves.parquet"
CHOICES = "choices.csv"
PROVENANCE = "provenance.json"
EQUATIONS, CLAIMS, PROGRAMS = "equations.csv", "claims.csv", "programs.csv"
NOTEBOOK, PAGE, APPENDIX = "report.ipynb", "report.html", "appendix.html"
EXPLORER = "explorer.html"
PDF = "report.pdf"
CRATE = "ro-crate-metadata.json"
"""What an archive holds, in the words of RO-Crate."""
BASELINES = "tables/baselines.csv"
JOBS, CONFIRM = "jobs", "confirm"
TABLES, PROBES, FIGURES, PAPER = "tables", "probes", "figures", "paper"
RECEIPTS, TIMINGS = "receipts", "timings"
CAPTIONS = "captions.json"
"""In the folder of the figures."""
DRAWN = "drawn.json"
"""What the figures were drawn from, so that they are kept; without it all are drawn again."""

STORED = ".bin"
"""How the name of a file of `store` ends: of a dataset or of a job."""


def near(path: Path) -> Path:
    """Return a path as a person in the current folder writes it: relative if it is inside.

    >>> near(Path.cwd() / "results" / "quick").as_posix(), near(Path("/elsewhere")).as_posix()
    ('results/quick', '/elsewhere')
    """
    path, here = path.absolute(), Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def archive_file(results: Path) -> Path:
    """Return the archive of a sweep, in its own folder: it goes where the results go.

    >>> archive_file(Path("results/quick")).as_posix()
    'results/quick/quick.zip'
    """
    return results / f"{results.name}.zip"


def in_archive(results: Path) -> str:
    """Return the folder of a sweep in its archive, which is a clone.

    >>> in_archive(Path("/elsewhere/quick"))
    'results/quick'
    """
    return f"results/{results.name}"


def data_file(data: Path | str, key: str) -> Path:
    """Return the file of a dataset in the folder of the data, by the key of its content.

    >>> data_file("data", "iris-76e2c19405").as_posix()
    'data/iris-76e2c19405.bin'
    """
    return Path(data) / f"{key}{STORED}"


def job_file(results: Path | str, job: str) -> Path:
    """Return the file of a train job in the folder of a sweep.

    >>> job_file("results/quick", "0a1b").as_posix()
    'results/quick/jobs/0a1b.bin'
    """
    return Path(results) / JOBS / f"{job}{STORED}"


def confirm_file(results: Path | str, job: str) -> Path:
    """Return the file of a confirming job in the folder of a sweep.

    >>> confirm_file("results/quick", "0a1b").as_posix()
    'results/quick/confirm/0a1b.bin'
    """
    return Path(results) / CONFIRM / f"{job}{STORED}"


def table_file(results: Path | str, comparison: str, kind: str) -> Path:
    """Return the CSV of a table of a comparison in the folder of a sweep.

    >>> table_file("results/quick", "pairs-hidden", "tests").as_posix()
    'results/quick/tables/pairs-hidden-tests.csv'
    """
    return Path(results) / TABLES / f"{comparison}-{kind}.csv"


def tables_of_pairs(results: Path | str) -> Iterator[tuple[str, Path]]:
    """Yield each comparison of a finished sweep, and the CSV of its planned pairs.

    Of a comparison that plans none it is the CSV of all pairs.
    """
    end = "-tests.csv"
    for path in sorted((Path(results) / TABLES).glob(f"*{end}")):
        name = path.name.removesuffix(end)
        if not name.endswith("-rank"):
            planned = table_file(results, name, "planned")
            yield name, planned if planned.is_file() else path


def probe_file(results: Path | str, probe: str) -> Path:
    """Return the CSV of a probe in the folder of a sweep.

    >>> probe_file("results/quick", "path").as_posix()
    'results/quick/probes/path.csv'
    """
    return Path(results) / PROBES / f"{probe}.csv"
