"""What a person calls a config or a sweep on the command line, and the files that are meant."""

from contextlib import suppress
from pathlib import Path

from experiments.base import UserError, files

CONFIGS = files.near(Path(__file__).parents[1] / "config")
"""The project's own configs, of this clone; the current folder may be another."""
ENDINGS = (".yaml", ".yml")


def project_configs() -> list[Path]:
    """Return the project's own configs."""
    return sorted(path for path in CONFIGS.glob("*") if path.suffix in ENDINGS)


def find_config(text: str, folder: Path = CONFIGS) -> Path:
    """Return the config that a text names: a path, or a name in the project's folder of configs.

    `mine`, `mine.yaml` and the whole path are the same. Raises UserError for a name that there is
    not, with the nearest one.
    """
    path = Path(text)
    with suppress(OSError):  # a name that is too long is no file's
        if path.is_file() or path.name != text:
            return path
        for name in (text, *(f"{text}{ending}" for ending in ENDINGS)):
            if (folder / name).is_file():
                return folder / name
    known = sorted(p.stem for p in folder.glob("*") if p.suffix in ENDINGS)
    raise UserError(
        f"there is no config {text[:100]!r} here or in {folder}{_nearest(_stem(text), known)}; "
        f"known: {', '.join(known) or 'none'}"
    )


def find_sweep(text: str, results: Path) -> Path:
    """Return the folder of a sweep's results, named as its config or its config's file.

    Raises UserError for one that there is not, with the nearest one.
    """
    folder = results / _stem(text)
    if folder.is_dir():
        return folder
    known = sorted(path.parent.name for path in results.glob(f"*/{files.PLAN}"))
    raise UserError(
        f"there is no sweep {text!r} in {results}{_nearest(_stem(text), known)}; "
        f"known: {', '.join(known) or 'none'}"
    )


def _stem(text: str) -> str:
    """Return a name without the ending of a config.

    >>> _stem("mine.yaml"), _stem("configs/mine.yml"), _stem("mine")
    ('mine', 'mine', 'mine')
    """
    path = Path(text)
    return path.stem if path.suffix in ENDINGS else text


def _nearest(name: str, known: list[str]) -> str:
    from mlp import did_you_mean

    return did_you_mean(name, known)
