"""Images as parts of the page, so that it needs no other file."""

import base64
import mimetypes
from pathlib import Path

from reports.figures import svg
from reports.reading import read_svg


def data_uri(path: Path | str) -> str:
    """Return an image file as an address that holds it; vector graphics are made smaller."""
    path = Path(path)
    if path.suffix == ".svg":
        return svg_uri(read_svg(path))
    return as_uri(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "image/png")


def as_uri(content: bytes, kind: str) -> str:
    """Return an address that holds its content, of a kind such as image/png."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def svg_uri(text: str) -> str:
    """Return a vector graphic as an address that holds it, made smaller."""
    return as_uri(svg.small_svg(text).encode(), "image/svg+xml")


def natural_size(path: Path) -> tuple[int, int] | None:
    """Return the pixels of a vector graphic, so that the page keeps room for it; else None."""
    return svg.size(read_svg(path)) if path.suffix == ".svg" else None


WIDEST_COLUMN = 400  # pixels: 85 mm are 321


def is_wide(image: Path) -> bool:
    """Tell whether a figure is drawn for the width of a page, and not for that of a column."""
    size = natural_size(image)
    return size is not None and size[0] > WIDEST_COLUMN
