"""Images and labels in IDX files, the format of MNIST.

Paths are relative to the working directory. Errors in a file are reported while the sweep
is planned, as far as that can be seen without reading all pixels of all images.
"""

import gzip
import math
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from experiments.base import UserError
from experiments.datasets.checks import (
    Array,
    Stamp,
    class_numbers,
    existing,
    existing_folder,
    stamped,
    verify,
)
from experiments.datasets.parts import check_parts, spread, with_test
from experiments.datasets.source import DATASETS, Options, Shape, Source

IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_DIMENSIONS = 8
"""A file that announces more dimensions than this is no IDX file of images or labels."""


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
            needed = math.prod(shape) * dtype.itemsize
            body = b"" if header_only else _at_most(file, needed + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            f"{path}: the gzip file is truncated or damaged ({error}); download it again"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    found = len(body) if packed else path.stat().st_size - 4 - 4 * len(shape)
    if found != needed and not (header_only and packed):
        follow = "more" if found > needed else f"{found:,}"
        raise UserError(
            f"{path}: {'x'.join(map(str, shape))} values are announced, which fill {needed:,} "
            f"bytes, but {follow} follow; the file is cut or damaged: download it again"
        )
    return shape, np.frombuffer(body, dtype) if header_only else _shaped(body, dtype, shape)


def _at_most(file: Any, most: int) -> bytes:
    """Return the rest of a file, piece by piece: no memory is taken for what is only announced."""
    pieces, size = [], 0
    while size < most and (piece := file.read(min(most - size, 1 << 22))):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _shaped(body: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> Array:
    return np.frombuffer(body, dtype).reshape(shape)


def _idx_header(path: Path, file: Any) -> tuple[tuple[int, ...], np.dtype]:
    magic = file.read(4)
    known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in IDX_TYPES
    if not known or not 0 < magic[3] <= MOST_DIMENSIONS:
        raise UserError(
            f"{path}: wrong magic number {magic.hex() or '(empty file)'}; an IDX file begins "
            "with 0000, a type (08 for bytes) and the number of dimensions. Is it an archive "
            "that must be unpacked first?"
        )
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise UserError(f"{path}: the file ends within its header; download it again")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    if not all(shape):
        raise UserError(f"{path}: {'x'.join(map(str, shape))} values are announced: it is empty")
    return shape, np.dtype(IDX_TYPES[magic[2]])


class IdxOptions(Options):
    """A folder with IDX files; their names are found, or given."""

    outside: ClassVar = frozenset(
        ("folder", "prefix", "images", "labels", "test_images", "test_labels", "sha256")
    )

    folder: str = Field(description="folder of the files, relative to the working directory")
    prefix: str = Field("", description="how the files' names begin, where a folder holds several")
    images: str | None = Field(None, description="name of the (training) images, if not found")
    labels: str | None = Field(None, description="name of the (training) labels, if not found")
    test_images: str | None = Field(None, description="name of the test images, if not found")
    test_labels: str | None = Field(None, description="name of the test labels, if not found")
    validation: Literal["spread", "last"] = Field(
        "spread",
        description="with test files, which rows of the training files are the validation part, as "
        "many as the test part has: spread evenly over the classes, or the last ones (as for the "
        "published numbers of MNIST and EMNIST)",
    )
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
    the training files are the validation part (so MNIST has 50,000, 10,000 and 10,000): evenly
    over the classes, or the last ones with `validation: last`. Without test files, the pair is
    split as any other data. Bytes are divided by 255.
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
        shapes = {role: _idx_shape(stamped(path)) for role, path in files.items()}
        _check_images(files, shapes)
        labels = _idx_labels(_stamps(files), options.classes)
        features, classes = math.prod(shapes["images"][1:]), int(labels["labels"].max()) + 1
        train, test = len(labels["labels"]), len(labels.get("test_labels", ()))
        if not test:
            return Shape(train, features, classes)
        _parts(options, files, labels)
        return Shape(train + test, features, classes, train=train - test, validation=test)

    def load(self, options):
        self.shape(options)
        files = idx_files(options)
        labels = _idx_labels(_stamps(files), options.classes)
        y = np.concatenate([labels[r] for r in ("labels", "test_labels") if r in labels])
        images = [read_idx(files[r])[1] for r in ("images", "test_images") if r in files]
        X = np.concatenate([_pixels(image) for image in images])
        if "test_labels" not in labels:
            return {"X": X, "y": y}
        return {"X": X, "y": y, "part": _parts(options, files, labels)}


def _stamps(files: dict[str, Path]) -> tuple[tuple[str, Stamp], ...]:
    return tuple((role, stamped(path)) for role, path in files.items())


def idx_files(options: IdxOptions) -> dict[str, Path]:
    """Return the file of each role that there is. Raises UserError."""
    folder = existing_folder(options.folder)
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
    found["labels"], names = class_numbers(paths["labels"], _read_labels(paths["labels"]), declared)
    if "test_labels" not in paths:
        return found
    test = _read_labels(paths["test_labels"])
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


def _read_labels(path: Path) -> Array:
    labels = read_idx(path)[1]
    if labels.dtype.kind == "f":
        raise UserError(
            f"{path}: the labels are real numbers (type {labels.dtype.name}); labels of classes "
            "are whole numbers. Does the file hold images?"
        )
    return labels


def _parts(options: IdxOptions, files: dict[str, Path], labels: dict[str, Array]) -> Array:
    """Return the part of each row, those of the test files last. Raises UserError."""
    n, test = len(labels["labels"]), len(labels["test_labels"])
    last = options.validation == "last"
    validation = np.arange(n - test, n) if last else spread(n, test, labels["labels"])
    part = with_test(n, test, validation)
    where = f"{files['labels']}, validation: {options.validation}"
    check_parts(where, part, np.concatenate([labels["labels"], labels["test_labels"]]))
    return part


def _pixels(images: Array) -> Array:
    flat = images.reshape(len(images), -1)
    return flat.astype(np.float32) / 255 if images.dtype == np.uint8 else flat.astype(np.float32)
