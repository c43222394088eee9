"""One page in which a reader chooses study, dataset, axis and metric, and explores the runs.

    python -m reports explorer --results FOLDER

The page needs no network and no library: its data is packed JSON, its drawings are SVG made by
about 230 lines of JavaScript, in `explorer.js`. Names come from configs: they go into the page
packed, and are only ever set as text. Colours and the sorting of tables are those of the report.
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import jinja2

from experiments.base import write_text
from reports.explorer.data import METRICS, MOST_EPOCHS, studies
from reports.page import shared

__all__ = ["METRICS", "MOST_EPOCHS", "packed", "studies", "write_explorer"]

TEMPLATE, STYLE, SCRIPT = (
    Path(__file__).with_name(name) for name in ("explorer.html.j2", "explorer.css", "explorer.js")
)


def write_explorer(results: Path, out: Path) -> None:
    """Write the explorer of the sweep in the folder `results` as one HTML file."""
    results = Path(results)
    name = results.resolve().name
    content = {"name": name, "metrics": list(METRICS), "studies": studies(results)}
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        name=name,
        epochs=MOST_EPOCHS,
        style=shared("colours.css") + STYLE.read_text(encoding="utf-8"),
        script=shared("sorting.js") + SCRIPT.read_text(encoding="utf-8"),
        data=packed(content),
    )
    write_text(Path(out), page)


def packed(content: Any) -> str:
    """Return JSON, deflated and in base64, as the page unpacks it.

    >>> zlib.decompress(base64.b64decode(packed({"a": [1, None]})))
    b'{"a":[1,null]}'
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()
