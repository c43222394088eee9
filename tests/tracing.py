"""Which files a command opens: a `sitecustomize` that notes them, also in the kernel of a notebook.

Arrow opens files in C++, unseen by Python's audit hooks; so its readers are wrapped.
"""

import os
import subprocess
import sys
from pathlib import Path

SITE = """
import importlib.util, os, sys

_log = os.open(os.environ["TRACED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def _note(path, writes=False):
    if isinstance(path, (str, os.PathLike)):
        word = "w" if writes else "r"
        os.write(_log, f"{word} {os.path.abspath(path)}\\n".encode("utf-8", "surrogateescape"))

def _hook(event, args):
    if event == "open":
        path, mode, flags = args
        _note(path, bool(flags & (os.O_WRONLY | os.O_RDWR)) if isinstance(flags, int) else False)

sys.addaudithook(_hook)

class _Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "pyarrow.parquet.core":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module
        def exec_module(module):
            run(module)
            for where, attribute in ((module, "read_table"), (module, "read_schema"),
                                     (module.ParquetFile, "__init__")):
                def wrapped(*args, _real=getattr(where, attribute), **kwargs):
                    for arg in args[:2]:
                        _note(arg)
                    return _real(*args, **kwargs)
                setattr(where, attribute, wrapped)
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, _Finder())
"""


def opened(folder: Path, root: Path, *words: str) -> set[Path]:
    """Run a command of Python in a folder; return the files that it has read and not written."""
    site, log = folder / "site", folder / "traced.txt"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    log.unlink(missing_ok=True)
    paths = os.pathsep.join([str(site), str(root)])
    subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=os.environ | {"TRACED": str(log), "PYTHONPATH": paths},
        check=True,
        capture_output=True,
    )
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return {Path(line[2:]) for line in lines if line.startswith("r ")}


def source_of(path: Path) -> Path:
    """Return the source of a compiled module."""
    if path.parent.name == "__pycache__":
        return path.parent.parent / f"{path.name.split('.')[0]}.py"
    return path
