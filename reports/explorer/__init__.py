"""One page in which a reader chooses study, dataset, axis and quantity, and explores the runs.

    python -m reports explorer --results FOLDER

The page needs no network and no library: its data is packed JSON, a piece for each study, and its
drawings are SVG. Names come from configs: they go into the page packed, and are only ever set as
text. Colours and the sorting of tables are those of the report.

data         studies, points of the grid and runs
quantities   what is recorded, and how curves are written short
*.js         one script, in parts: `decode` (data and statistics), `state` (choices and address),
             `plot` (drawings), `tables`, `save` (CSV, SVG, PNG) and `explorer` (all together)
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import jinja2

from experiments.base import files, write_text
from reports.explorer.data import METRICS, MOST_EPOCHS, MOST_OTHERS, offered, studies
from reports.page import shared

__all__ = ["METRICS", "MOST_EPOCHS", "MOST_OTHERS", "packed", "studies", "write_explorer"]

FOLDER = Path(__file__).parent
SCRIPTS = ("decode.js", "state.js", "plot.js", "tables.js", "save.js", "explorer.js")


def write_explorer(results: Path, out: Path) -> None:
    """Write the explorer of the sweep in the folder `results` as one HTML file."""
    results = Path(results)
    found = studies(results)
    index = {
        "name": results.resolve().name,
        "appendix": files.APPENDIX,
        "quantities": [list(quantity) for quantity in offered(results)],
        "studies": [{k: v for k, v in study.items() if k != "stages"} for study in found],
    }
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    page = environment.from_string(_text("explorer.html.j2")).render(
        name=index["name"],
        report=files.PAGE,
        appendix=files.APPENDIX,
        epochs=MOST_EPOCHS,
        others=MOST_OTHERS,
        style=shared("colours.css") + _text("explorer.css"),
        script=shared("sorting.js") + "".join(map(_text, SCRIPTS)),
        data=[packed(index), *(packed(study["stages"]) for study in found)],
    )
    write_text(Path(out), page)


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def packed(content: Any) -> str:
    """Return JSON, deflated and in base64, as the page unpacks it.

    >>> zlib.decompress(base64.b64decode(packed({"a": [1, None]})))
    b'{"a":[1,null]}'
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()
