"""NAME.zip: the code, the results and their description, the same bytes from the same files."""

import zipfile
from pathlib import Path

from experiments.base import UserError, atomic, files, write_text
from experiments.plan import steps
from experiments.schema import frozen_config
from reports.archive.crate import description
from reports.archive.repository import ROOT, code_files
from reports.figures import figure_files

DATE = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, the first that a zip can state."""


def write_archive(results: Path) -> None:
    """Write NAME.zip and ro-crate-metadata.json of a finished sweep.

    Raises UserError if a file of the results is missing, or the library rocrate.
    """
    code, made = code_files(), result_files(results)
    inside = {path: ROOT / path for path in code}
    inside |= {f"{files.in_archive(results)}/{name}": results / name for name in made}
    text = description(results, code, sorted(inside.keys() - set(code)))
    with atomic(files.archive_file(results)) as path, zipfile.ZipFile(path, "w") as packed:
        _put(packed, files.CRATE, text.encode())
        for name, source in sorted(inside.items()):
            executable = bool(source.stat().st_mode & 0o100)
            _put(packed, name, source.read_bytes(), executable)
    write_text(results / files.CRATE, text)


def result_files(results: Path) -> list[str]:
    """Return the files of the results that go into an archive: products of steps, and receipts."""
    config = frozen_config(results)
    table = steps(config, results, [], figure_files(config))
    found = [Path(path) for step in table.values() for path in step.products]
    for path in found:
        if not path.is_file():
            raise UserError(f"{path} is missing: run the same snakemake command again to make it")
    found += [step.receipt for step in table.values() if step.receipt.is_file()]
    return [path.relative_to(results).as_posix() for path in found]


def _put(packed: zipfile.ZipFile, name: str, content: bytes, executable: bool = False) -> None:
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system = 3  # as on Unix, wherever it is packed
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content)
