"""The files of the jobs as the collection reads them: one that is damaged is rebuilt, and named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from experiments.base import Cache, DamagedFileError, files
from experiments.plan import ConfirmJob, Job, Plan
from experiments.training import (
    Stored,
    confirm_job,
    confirmed,
    read_results,
    run_job,
    write_job,
)

Say = Callable[[str], None]
Content = TypeVar("Content")


def load_job(
    job: Job, path: Path, data: Path, cache: Cache, classes: int, say: Say = print
) -> list[Stored] | None:
    """Return the groups of a train job's file; None if there is none. A damaged one is rebuilt."""

    def rebuild() -> None:
        write_job(path, job.specs, run_job(job.specs, classes, data, cache, say), data)

    return _sound(path, lambda: read_results(path, job.specs, data), rebuild, say)


def load_confirmed(
    plan: Plan, job: ConfirmJob, results: Path, data: Path, cache: Cache, say: Say = print
) -> tuple[list[dict[str, Any]], list[Stored]] | None:
    """Return choices and groups of a confirming job's file; None if there is none.

    A damaged file, or one that another choice made, is rebuilt.
    """
    line, path = plan.confirm_line(job), files.confirm_file(results, job.name)

    def rebuild() -> None:
        confirm_job(line, results / files.JOBS, data, cache, path, say)

    return _sound(path, lambda: confirmed(path, line, data), rebuild, say)


def _sound(
    path: Path, read: Callable[[], Content], rebuild: Callable[[], None], say: Say
) -> Content | None:
    try:
        return read()
    except FileNotFoundError:
        return None
    except (DamagedFileError, OSError) as error:
        say(f"{error}; it is made again")
    except (AttributeError, LookupError, TypeError, ValueError):
        say(f"{path} is of another version; it is made again")
    rebuild()
    return read()
