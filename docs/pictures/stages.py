"""Draw the stages of a sweep: python docs/pictures/stages.py writes stages.svg next to itself.

One row for each package, in the order of the data: what it takes, its name and task, what it gives.
"""

from html import escape
from pathlib import Path

STAGES = (
    ("config/NAME.yaml", "experiments.schema", "checks a config", "Config"),
    ("source and options", "experiments.datasets", "makes and checks data", "data/*.bin"),
    (
        "Config, shapes of data",
        "experiments.plan",
        "runs, packed into jobs",
        "plan.txt, config.yaml",
    ),
    (
        "plan.txt, data/*.bin",
        "experiments.training",
        "trains stacks with mlp",
        "jobs/*.bin, cache/",
    ),
    ("jobs/*.bin", "experiments.results", "collects and tabulates", "runs, curves, tables/"),
    ("numbers of the arms", "experiments.statistics", "compares arms (for results)", "verdicts"),
    ("the note's formulas", "experiments.equations", "checks them, as printed", "equations.csv"),
    ("generated points", "experiments.probes", "checks N4-N6 on networks", "probes/*.csv"),
    ("tables/, probes/", "experiments.claims", "judges what the paper says", "claims.csv"),
    ("runs, curves", "reports.figures", "draws each comparison", "figures/*.svg, *.pdf"),
    ("all of the above", "reports", "writes the pages", "report.html, explorer.html"),
)
FLOOR = (
    ("mlp", "networks in NumPy; imports nothing of the project"),
    ("experiments.base", "files with checksums, receipts, ids, errors; imported by every stage"),
)
WIDTH, ROW, TOP, LEFT, BOX = 890, 48, 44, 215, 430

STYLE = """
  text { font: 15px sans-serif; fill: #222 } .small { font-size: 13px; fill: #555 }
  .head { font-weight: bold } .box { fill: #eef3fa; stroke: #4a6fa5; rx: 6px }
  .floor { fill: #f3f0e8; stroke: #998 } .file { font-family: monospace; font-size: 13px }
  line { stroke: #4a6fa5; stroke-width: 1.5; marker-end: url(#tip) }
"""


def text(x: float, y: float, words: str, anchor: str, name: str) -> str:
    """Return one line of text."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{name}">{escape(words)}</text>'


def row(number: int, takes: str, package: str, task: str, gives: str) -> list[str]:
    """Return the elements of one stage."""
    y, right = TOP + number * ROW, LEFT + BOX
    middle = y + 20
    return [
        f'<rect class="box" x="{LEFT}" y="{y}" width="{BOX}" height="40"/>',
        text(LEFT + 10, middle + 5, package, "start", "head"),
        text(right - 10, middle + 5, task, "end", "small"),
        text(LEFT - 32, middle + 5, takes, "end", "file"),
        text(right + 32, middle + 5, gives, "start", "file"),
        f'<line x1="{LEFT - 26}" y1="{middle}" x2="{LEFT - 3}" y2="{middle}"/>',
        f'<line x1="{right}" y1="{middle}" x2="{right + 25}" y2="{middle}"/>',
    ]


def drawing() -> str:
    """Return the SVG."""
    floor = TOP + len(STAGES) * ROW + 8
    height = floor + len(FLOOR) * 40 + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>The stages of a sweep: what each takes and gives</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#4a6fa5"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        text(LEFT - 32, 26, "takes", "end", "head"),
        text(LEFT + BOX / 2, 26, "stage", "middle", "head"),
        text(LEFT + BOX + 32, 26, "gives", "start", "head"),
    ]
    for number, stage in enumerate(STAGES):
        parts += row(number, *stage)
    for number, (name, task) in enumerate(FLOOR):
        y = floor + number * 40
        parts += [
            f'<rect class="box floor" x="20" y="{y}" width="{WIDTH - 40}" height="34"/>',
            text(34, y + 22, name, "start", "head"),
            text(WIDTH - 34, y + 22, task, "end", "small"),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(drawing(), encoding="utf-8")
