"""The user's own data: IDX files, tables, and OpenML by name. Pickles are never loaded.

Paths are relative to the working directory. What is wrong with a file is said while the sweep
is planned, as far as that can be seen without reading all pixels of all images.
"""

import gzip
import hashlib
import math
import zipfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from experiments.datasets.source import DATASETS, SMALLEST_CLASS, Options, Shape, Source
from experiments.errors import UserError

Array = np.ndarray
Stamp = tuple[str, int, int]

MOST_CATEGORIES = 100
"""A column of texts with more different values than this is taken for a name, not a category."""


def existing(name: str) -> Path:
    """Return the path of a file that is there. Raises UserError, which says where it looked."""
    path = Path(name).expanduser()
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "there is no such file"
        raise UserError(
            f"{name}: {what}; paths in a config are relative to the working directory, {Path.cwd()}"
        )
    return path


def stamped(path: Path) -> Stamp:
    """Return a file's name, size and time: what is remembered of it is forgotten if it changes."""
    facts = path.stat()
    return str(path), facts.st_size, facts.st_mtime_ns


@lru_cache(maxsize=64)
def _sha256(stamp: Stamp) -> str:
    with open(stamp[0], "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256(path: Path) -> str:
    """Return a file's SHA-256; read once, and again where its size or time changed."""
    return _sha256(stamped(path))


def verify(path: Path, expected: str | None) -> None:
    """Raise UserError where a file is not the one whose SHA-256 the config gives."""
    if expected is None:
        return
    found = sha256(path)
    if found != expected.lower():
        raise UserError(
            f"{path}: the file changed: its SHA-256 is {found}, the config expects {expected}; "
            "bring the old file back, or write the new checksum into the config"
        )


def class_numbers(file: object, labels: Array, declared: int | None = None) -> tuple[Array, Array]:
    """Return the class number of each sample, and the labels of the classes in order.

    Raises UserError, which names the file, for labels that cannot be learnt or split.
    """
    names, numbers, members = np.unique(labels, return_inverse=True, return_counts=True)
    classes = max(len(names), declared or 0)
    if len(labels) < classes or (len(names) == len(labels) > 1):
        raise UserError(
            f"{file}: {len(labels)} samples are too few for {classes} classes; give more samples, "
            "or check which column or file holds the labels"
        )
    if declared is not None and len(names) != declared:
        raise UserError(
            f"{file}: {len(names)} classes were found, but the config says {declared}; "
            "correct the option `classes`, or use the complete file"
        )
    if len(names) < 2:
        raise UserError(
            f"{file}: all {len(labels)} samples are of one class only, so there is nothing to "
            "learn; add samples of another class, or name another label"
        )
    if members.min() < SMALLEST_CLASS:
        few = members.argmin()
        raise UserError(
            f"{file}: the class {names[few].item()!r} has {members[few]} members; at least "
            f"{SMALLEST_CLASS} are needed to split it into three parts: add some, or leave it out"
        )
    return numbers.astype(np.int64), names


# --- IDX files, the format of MNIST -------------------------------------------------------------

IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: Path, header_only: bool = False) -> tuple[tuple[int, ...], Array]:
    """Return the shape and the values of an IDX file, plain or gzipped.

    The format: two zero bytes, a type, the number of dimensions, the dimensions as four bytes
    each, the values, all big-endian (Y. LeCun, MNIST). With `header_only` there are no values,
    but the size of a file that is not compressed is checked. Raises UserError.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            shape, dtype = _idx_header(path, file)
            body = b"" if header_only else file.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            f"{path}: the gzip file is truncated or damaged ({error}); download it again"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    needed = math.prod(shape) * dtype.itemsize
    found = path.stat().st_size - 4 - 4 * len(shape) if header_only else len(body)
    if found != needed and not (header_only and packed):
        raise UserError(
            f"{path}: {'x'.join(map(str, shape))} values are announced, which fill {needed:,} "
            f"bytes, but {found:,} follow; the file is cut or damaged: download it again"
        )
    return shape, np.frombuffer(body, dtype) if header_only else _shaped(body, dtype, shape)


def _shaped(body: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> Array:
    return np.frombuffer(body, dtype).reshape(shape)


def _idx_header(path: Path, file: Any) -> tuple[tuple[int, ...], np.dtype]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in IDX_TYPES or not magic[3]:
        raise UserError(
            f"{path}: wrong magic number {magic.hex() or '(empty file)'}; an IDX file begins "
            "with 0000, a type (08 for bytes) and the number of dimensions. Is it an archive "
            "that must be unpacked first?"
        )
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise UserError(f"{path}: the file ends within its header; download it again")
    return tuple(np.frombuffer(sizes, ">u4").tolist()), np.dtype(IDX_TYPES[magic[2]])


class IdxOptions(Options):
    """A folder with IDX files; their names are found, or given."""

    folder: str = Field(description="folder of the files, relative to the working directory")
    prefix: str = Field("", description="how the files' names begin, where a folder holds several")
    images: str | None = Field(None, description="name of the (training) images, if not found")
    labels: str | None = Field(None, description="name of the (training) labels, if not found")
    test_images: str | None = Field(None, description="name of the test images, if not found")
    test_labels: str | None = Field(None, description="name of the test labels, if not found")
    classes: int | None = Field(None, ge=2, description="number of classes, to be checked")
    sha256: dict[str, str] = Field(default_factory=dict, description="checksums by file name")


IDX_PATTERNS = {
    "images": ("*train*images*", "*images*"),
    "labels": ("*train*labels*", "*labels*"),
    "test_images": ("*t10k*images*", "*test*images*"),
    "test_labels": ("*t10k*labels*", "*test*labels*"),
}
"""Where no name is given: the pattern of each role; the second is tried if the first has none."""


@DATASETS.register("idx")
class Idx(Source):
    """Images and labels in IDX files, such as MNIST, Fashion-MNIST and EMNIST.

    With test files the split belongs to the data: they are the test part, and as many samples of
    the training files, evenly over the classes, the validation part (so MNIST has 50,000, 10,000
    and 10,000). Without, the pair is split as any other data. Bytes are divided by 255.
    """

    description = "images in IDX files (MNIST format) of the user's"
    licence = "that of the user's files"
    citation = "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Proceedings of the IEEE 86, 1998"
    standardise = False
    Options = IdxOptions

    def files(self, options):
        return list(idx_files(options).values())

    def shape(self, options):
        files = idx_files(options)
        for path in files.values():
            verify(path, options.sha256.get(path.name))
        stamps = tuple((role, stamped(path)) for role, path in files.items())
        shapes = {role: _idx_shape(stamp) for role, stamp in stamps}
        _check_images(files, shapes)
        labels = _idx_labels(stamps, options.classes)
        features = math.prod(shapes["images"][1:])
        test = len(labels.get("test_labels", ()))
        train, samples = len(labels["labels"]), len(labels["labels"]) + test
        return Shape(
            samples, features, int(labels["labels"].max()) + 1, train=(train - test) if test else 0
        )

    def load(self, options):
        self.shape(options)
        files = idx_files(options)
        labels = _idx_labels(
            tuple((role, stamped(path)) for role, path in files.items()), options.classes
        )
        y = np.concatenate([labels[r] for r in ("labels", "test_labels") if r in labels])
        images = [read_idx(files[r])[1] for r in ("images", "test_images") if r in files]
        X = np.concatenate([_pixels(image) for image in images])
        if "test_labels" not in labels:
            return {"X": X, "y": y}
        return {"X": X, "y": y, "part": _parts(labels["labels"], len(labels["test_labels"]))}


def idx_files(options: IdxOptions) -> dict[str, Path]:
    """Return the file of each role that there is. Raises UserError."""
    folder = Path(options.folder).expanduser()
    if not folder.is_dir():
        raise UserError(
            f"{options.folder}: there is no such folder; paths in a config are relative to the "
            f"working directory, {Path.cwd()}"
        )
    found = {role: _idx_file(folder, options, role) for role in IDX_PATTERNS}
    found = {role: path for role, path in found.items() if path}
    for role in ("images", "labels"):
        if role not in found:
            raise UserError(
                f"{options.folder}: no file {options.prefix}{IDX_PATTERNS[role][0]} was found; put "
                f"the IDX files there, or name the file with the option `{role}`"
            )
    if ("test_images" in found) != ("test_labels" in found):
        alone = found.get("test_images") or found["test_labels"]
        raise UserError(f"{alone}: test images and test labels come together; the other is missing")
    unknown = set(options.sha256) - {path.name for path in found.values()}
    if unknown:
        raise UserError(
            f"{options.folder}: a checksum is given for {sorted(unknown)[0]}, which is not among "
            f"the files that are read: {', '.join(path.name for path in found.values())}"
        )
    return found


def _idx_file(folder: Path, options: IdxOptions, role: str) -> Path | None:
    given = getattr(options, role)
    if given:
        return existing(str(folder / given))
    if role.startswith("test_") and (options.images or options.labels):
        return None  # one pair is named, to be split
    for pattern in IDX_PATTERNS[role]:
        paths = sorted(p for p in folder.glob(f"{options.prefix}{pattern}") if p.is_file())
        if not role.startswith("test_"):
            paths = [p for p in paths if not any(t in p.name for t in ("t10k", "test"))]
        stems = {p.name.removesuffix(".gz"): p for p in reversed(paths)}  # plain before gzipped
        if len(stems) > 1:
            raise UserError(
                f"{folder}: several files could be the {role.replace('_', ' ')}: "
                f"{', '.join(sorted(stems))}; choose with the option `prefix` or `{role}`"
            )
        if stems:
            return next(iter(stems.values()))
    return None


@lru_cache(maxsize=64)
def _idx_shape(stamp: Stamp) -> tuple[int, ...]:
    return read_idx(Path(stamp[0]), header_only=True)[0]


def _check_images(files: dict[str, Path], shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise UserError where images and labels do not belong together."""
    for images, labels in (("images", "labels"), ("test_images", "test_labels")):
        if images not in files:
            continue
        if len(shapes[labels]) != 1 or len(shapes[images]) < 2:
            raise UserError(
                f"{files[images]} has {len(shapes[images])} dimensions and {files[labels]} "
                f"{len(shapes[labels])}; images have two or more, labels one. Are they exchanged?"
            )
        if shapes[images][0] != shapes[labels][0]:
            raise UserError(
                f"{files[images]} holds {shapes[images][0]} images, but {files[labels]} "
                f"{shapes[labels][0]} labels; they must be of the same length: take a pair that "
                "belongs together"
            )
    if "test_images" in files and shapes["images"][1:] != shapes["test_images"][1:]:
        sizes = ["x".join(map(str, shapes[r][1:])) for r in ("images", "test_images")]
        raise UserError(
            f"{files['test_images']}: its images are of {sizes[1]} pixels, those of "
            f"{files['images']} of {sizes[0]}; take files of one data set"
        )


@lru_cache(maxsize=8)
def _idx_labels(stamps: tuple[tuple[str, Stamp], ...], declared: int | None) -> dict[str, Array]:
    """Return the class numbers of each file of labels, checked. Raises UserError."""
    paths = {role: Path(stamp[0]) for role, stamp in stamps if role.endswith("labels")}
    found = {}
    found["labels"], names = class_numbers(paths["labels"], read_idx(paths["labels"])[1], declared)
    if "test_labels" not in paths:
        return found
    test = read_idx(paths["test_labels"])[1]
    if not np.isin(test, names).all():
        odd = test[~np.isin(test, names)][0].item()
        raise UserError(
            f"{paths['test_labels']}: the label {odd} does not occur in {paths['labels']}; "
            "take files of one data set"
        )
    found["test_labels"] = np.searchsorted(names, test).astype(np.int64)
    if not len(test) or len(found["labels"]) <= 2 * len(test):
        raise UserError(
            f"{paths['test_labels']}: {len(test)} test samples do not go with "
            f"{len(found['labels'])} training samples, of which as many are set aside for "
            "validation; name one pair (`images`, `labels`), which will be split"
        )
    return found


def _parts(labels: Array, test: int) -> Array:
    """Return the part of each row: 0, 1 for `test` rows at a constant rate over classes, then 2."""
    part = np.zeros(len(labels) + test, np.int64)
    part[len(labels) :] = 2
    by_class = np.argsort(labels, kind="stable")
    part[by_class[(2 * np.arange(test) + 1) * len(labels) // (2 * test)]] = 1
    return part


def _pixels(images: Array) -> Array:
    flat = images.reshape(len(images), -1)
    return flat.astype(np.float32) / 255 if images.dtype == np.uint8 else flat.astype(np.float32)


# --- Tables -------------------------------------------------------------------------------------


class TableOptions(Options):
    """A table and the column to be learnt; all other columns are features."""

    path: str = Field(description="a .csv, .parquet or .npz file")
    label: str = Field(description="name of the column, or of the array, that is to be learnt")
    task: Literal["classification", "regression"] = Field(
        "classification", description="classes, or a real value"
    )
    leave_out: list[str] = Field(default_factory=list, description="columns that are not used")
    separator: str = Field(",", min_length=1, max_length=1, description="between a CSV's columns")
    sha256: str | None = Field(None, description="checksum of the file, to be verified")


@DATASETS.register("table")
class Table(Source):
    """A table of the user's: CSV, Parquet or NPZ; columns of texts become one-hot features."""

    description = "a table of the user's (CSV, Parquet or NPZ)"
    licence = "that of the user's file"
    citation = "the user's file"
    Options = TableOptions

    def files(self, options):
        return [existing(options.path)]

    def shape(self, options):
        arrays = self.load(options)
        return _table_shape(arrays)

    def load(self, options):
        path = existing(options.path)
        verify(path, options.sha256)
        return dict(_table(stamped(path), options.model_dump_json()))


def _table_shape(arrays: dict[str, Array]) -> Shape:
    X, y = arrays["X"], arrays["y"]
    return Shape(*X.shape, int(y.max()) + 1 if y.ndim == 1 else 0)


@lru_cache(maxsize=4)
def _table(stamp: Stamp, options: str) -> dict[str, Array]:
    chosen = TableOptions.model_validate_json(options)
    frame = read_frame(Path(stamp[0]), chosen.separator)
    return encode(stamp[0], frame, chosen.label, chosen.task, chosen.leave_out)


def read_frame(path: Path, separator: str = ",") -> Any:
    """Return a table as pandas' DataFrame. Raises UserError."""
    import pandas as pd

    readers = {
        ".csv": lambda: pd.read_csv(path, sep=separator, low_memory=False, skipinitialspace=True),
        ".parquet": lambda: pd.read_parquet(path),
        ".npz": lambda: _npz_frame(path),
    }
    if path.suffix.lower() not in readers:
        raise UserError(
            f"{path}: a file {path.suffix or 'without ending'} is not read (pickles never are); "
            "save the table as .csv, .parquet or .npz"
        )
    try:
        return readers[path.suffix.lower()]()
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "allow_pickle" in reason or "pickled" in reason:
            reason = "it holds pickled objects, which are never loaded; save plain arrays"
        raise UserError(
            f"{path}: cannot be read as {path.suffix[1:]}: {reason}. Is it complete?"
        ) from None


def _npz_frame(path: Path) -> Any:
    """Return the arrays of an NPZ file as columns; of those with more dimensions one for each."""
    import pandas as pd

    if not zipfile.is_zipfile(path):
        raise ValueError("it is no archive of arrays, as numpy.savez writes it")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    lengths = {name: len(a) if a.ndim else 0 for name, a in arrays.items()}
    if len(set(lengths.values())) != 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"its arrays are of different length: {said}")
    columns = {}
    for name, array in arrays.items():
        flat = array.reshape(len(array), -1)
        names = [name] if array.ndim == 1 else [f"{name}_{k}" for k in range(flat.shape[1])]
        columns |= dict(zip(names, flat.T, strict=True))
    return pd.DataFrame(columns)


def encode(
    file: object, frame: Any, label: str, task: str = "classification", leave_out: Iterable = ()
) -> dict[str, Array]:
    """Return X (N, features) and y of a table: numbers as they are, texts one-hot.

    Raises UserError, which names the file, the column and the rows.
    """
    from mlp import did_you_mean

    frame.columns = [str(name) for name in frame.columns]
    for name in (label, *leave_out):
        if name not in frame.columns:
            raise UserError(
                f"{file}: there is no column {name!r}{did_you_mean(name, frame.columns)}; "
                f"known: {_few(frame.columns)}"
            )
    frame = frame.drop(columns=[name for name in leave_out if name != label])
    if not len(frame):
        raise UserError(f"{file}: the table has no rows; use a file with samples")
    if len(frame.columns) < 2:
        raise UserError(
            f"{file}: there is no feature beside {label!r}; is the column separator right?"
        )
    _refuse_missing(file, frame)
    y = _targets(file, frame[label], task)
    features = [_features(file, name, frame[name]) for name in frame.columns if name != label]
    return {"X": np.concatenate(features, axis=1), "y": y}


def _few(names: Iterable[object], most: int = 8) -> str:
    names = list(map(str, names))
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _refuse_missing(file: object, frame: Any) -> None:
    numbers = frame.select_dtypes("number")
    bad = frame.isna()
    bad[numbers.columns] |= ~np.isfinite(numbers.astype(float))
    rows = np.flatnonzero(bad.any(axis=1))
    if len(rows):
        raise UserError(
            f"{file}: values are missing or infinite in {len(rows)} rows, in the columns "
            f"{_few(frame.columns[bad.any(axis=0)])}: rows {_few(rows + 1)} (the first after the "
            "heading is 1); fill them or remove these rows"
        )


def _targets(file: object, column: Any, task: str) -> Array:
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(column)
    if task == "regression":
        if not numeric:
            raise UserError(
                f"{file}: the column {column.name!r} holds texts, so it cannot be a real value; "
                "set task: classification"
            )
        return column.to_numpy(np.float64)[:, None]
    if pd.api.types.is_float_dtype(column) and (column % 1 != 0).any():
        raise UserError(
            f"{file}: the column {column.name!r} holds real numbers, not classes; set "
            "task: regression, or name another label"
        )
    return class_numbers(file, column.to_numpy() if numeric else column.astype(str).to_numpy(str))[
        0
    ]


def _features(file: object, name: str, column: Any) -> Array:
    """Return a column as features (N, 1), or (N, categories) for texts."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        if pd.api.types.is_complex_dtype(column):
            raise UserError(f"{file}: the column {name!r} holds complex numbers; use real ones")
        return column.to_numpy(np.float64)[:, None]
    if pd.api.types.is_datetime64_any_dtype(column):
        raise UserError(
            f"{file}: the column {name!r} holds dates; turn them into numbers, or leave_out: "
            f"[{name}]"
        )
    values, number = np.unique(column.astype(str).to_numpy(str), return_inverse=True)
    if len(values) > MOST_CATEGORIES:
        raise UserError(
            f"{file}: the column {name!r} has {len(values)} different texts, too many for "
            f"categories; leave_out: [{name}], or turn it into numbers"
        )
    return np.eye(len(values))[number]


# --- OpenML -------------------------------------------------------------------------------------


class OpenmlOptions(Options):
    """A dataset of openml.org."""

    dataset: str = Field(description="its name at openml.org")
    version: int = Field(1, ge=1, description="its version")
    task: Literal["classification", "regression"] = Field(
        "classification", description="classes, or a real value"
    )
    leave_out: list[str] = Field(default_factory=list, description="columns that are not used")
    sha256: str | None = Field(None, description="checksum of the arrays, to be verified")


@DATASETS.register("openml")
class OpenMl(Source):
    """A dataset of openml.org by name; needs the network when it is first planned."""

    description = "a dataset of openml.org"
    licence = "see openml.org"
    citation = "J. Vanschoren et al., OpenML, SIGKDD Explorations 15, 2013"
    Options = OpenmlOptions

    def shape(self, options):
        return _table_shape(self.load(options))

    def load(self, options):
        return dict(_openml(options.model_dump_json()))


@lru_cache(maxsize=4)
def _openml(options: str) -> dict[str, Array]:
    from experiments.store import checksum

    chosen = OpenmlOptions.model_validate_json(options)
    name = f"openml {chosen.dataset}, version {chosen.version}"
    bunch = _fetch_openml(name, chosen)
    target = bunch.target_names[0] if bunch.target_names else "(none)"
    arrays = encode(name, bunch.frame, target, chosen.task, chosen.leave_out)
    found = checksum(arrays)
    if chosen.sha256 is not None and found != chosen.sha256.lower():
        raise UserError(
            f"{name}: the data changed: their SHA-256 is {found}, the config expects "
            f"{chosen.sha256}; write the new checksum into the config if the change is meant"
        )
    return arrays


def _fetch_openml(name: str, chosen: OpenmlOptions) -> Any:
    """Return scikit-learn's bunch, kept under data/openml. Raises UserError."""
    from sklearn.datasets import fetch_openml

    try:
        return fetch_openml(
            chosen.dataset, version=chosen.version, as_frame=True, data_home="data/openml"
        )
    except (OSError, ValueError) as error:
        raise UserError(
            f"{name}: cannot be fetched: {str(error).splitlines()[0]}. Check the name, the version "
            "and the network; or download the file and use the source `table`"
        ) from None
