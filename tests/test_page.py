"""The page of a report: what it shows, that it needs no network, that it is the same twice."""

import base64
import os
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports.page import (
    Html,
    PageError,
    build,
    building,
    data_uri,
    figure,
    link,
    literal,
    markdown,
    math,
    math_in_html,
    render,
    table,
    with_anchors,
)
from reports.page.__main__ import main
from tests.browser import DESKTOP, PHONE, check_offline_page, offline_page

HOSTILE = '<script>alert(1)</script> & "$x$"'

TOY = r"""
# %% [markdown]
# # A toy report
#
# The rule is $w \leftarrow w - \eta \nabla C$ where $a < b$; it costs \$5 and `$code$` stays.
#
# $$\begin{aligned} \sigma(z) &= \frac{1}{1 + e^{-z}} \\ y &= \sigma(z) \end{aligned} \tag{13}$$
#
# ## The first question
# See [the figure](#fig-line) and [the table](#tab-arms).

# %%
import os
import sys
from pathlib import Path

import pandas as pd
from IPython.display import HTML, Markdown, display

from reports.page import figure, filterable_table, link, literal, table

assert sys.executable == os.environ["EXPECTED_PYTHON"]
results = Path(os.environ["RESULTS_DIR"])
hostile = (results / "name.txt").read_text()
print("a warning for those who build", file=sys.stderr)
figure(results / "line.svg", "A line that rises", r"It rises at $\eta = 1$.", "fig-line")

# %% [markdown]
# ## The second question
# ### By $\delta^{(l)}$ and `code`
# ### By dataset

# %%
display(table(pd.DataFrame({"name": [hostile], "where": [link("figure", "fig-line")]})))
display(Markdown(f"The name {literal(hostile)} and <b>{hostile}</b> with $p = 0.01$."))
display(HTML("<p>In HTML $\\lVert \\delta \\rVert &lt; 1$ but not in <code>$x$</code>.</p>"))
print("plain <b>text</b>", object())

# %%
arms = pd.DataFrame({
    "dataset": ["digits", "wine", hostile, "digits"],
    "eta": [0.1, -10.0, 1e-5, float("nan")],
    "accuracy": [0.9, 0.8, 0.25, 1.0],
})
filterable_table(arms, "tab-arms", f"All arms of {literal(hostile)}")
"""

LINE = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">
  <!-- drawn by hand --> <path id="a" d="M 0.123456 36 L 72 0.98765" stroke="black"/>
</svg>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "toy.py").write_text(TOY.lstrip())
    (folder / "results").mkdir()
    (folder / "results/name.txt").write_text(HOSTILE)
    (folder / "results/line.svg").write_text(LINE)
    return folder


def built(folder: Path, name: str) -> tuple[Path, Path]:
    ipynb, html = folder / f"{name}.ipynb", folder / f"{name}.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPECTED_PYTHON", sys.executable)
        build(folder / "toy.py", folder / "results", ipynb, html)
    return ipynb, html


@pytest.fixture(scope="module")
def toy(folder: Path) -> tuple[Path, Path]:
    return built(folder, "toy")


# ---------------------------------------------------------------- the two files


def test_the_same_notebook_gives_the_same_bytes(folder, toy):
    again = built(folder, "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in toy]


def test_the_notebook_keeps_no_trace_of_its_execution(toy):
    notebook = nbformat.read(toy[0], as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in notebook.cells] == [f"cell-{n}" for n in range(1, 6)]
    assert not any(cell.metadata or cell.execution_count for cell in code)
    outputs = str([cell.outputs for cell in code])
    assert "<object object at 0x…>" in outputs
    assert "a warning for those" not in outputs
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_the_page_refers_to_nothing_outside(toy):
    page = toy[1].read_text()
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*""", page) == []
    assert set(re.findall(r"https?://[^\s'\"]+", page)) == {"http://www.w3.org/2000/svg"}


def test_names_stay_names(toy):
    page = toy[1].read_text()
    assert page.count("<script") == 1, "the page's own"
    assert page.count("&lt;script&gt;alert(1)") == 6
    assert "<b>" not in page, "no HTML in Markdown that the notebook prints"


def test_formulas_are_set_where_they_are_prose(toy):
    page = re.sub(r'<details class="code">.*?</details>', "", toy[1].read_text(), flags=re.S)
    assert page.count("<math") == 8 + 1, "one more in the list of contents"
    assert "costs $5 and <code>$code$</code>" in page
    assert "<code>$x$</code>" in page


def test_code_is_folded_and_the_title_is_the_heading(toy):
    page = toy[1].read_text()
    assert page.count('<details class="code"><summary>') == 3
    assert "<title>A toy report</title>" in page
    assert '<html lang="en">' in page


# ---------------------------------------------------------------- what goes wrong


def fails(tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str) -> str:
    """Build a notebook that fails beside older results; return what is said about it."""
    (tmp_path / "bad.py").write_text(source)
    (tmp_path / "old.html").write_text("old")
    files = [str(tmp_path / name) for name in ("bad.py", ".", "new.ipynb", "old.html")]
    assert main(files) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.py", "old.html"]
    assert (tmp_path / "old.html").read_text() == "old"
    return capsys.readouterr().err


def test_a_failing_cell_is_named_and_nothing_is_written(tmp_path, capsys):
    said = fails(tmp_path, capsys, "# %% [markdown]\n# ## Costs\n\n# %%\nx = 0\n1 / x\n")
    assert said == (
        'bad.py: cell 2 (under "Costs") failed at line 2: 1 / x\n'
        "  ZeroDivisionError: division by zero\n"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("# %% [markdown]\n# $\\nonsense{x}$\n", r"cannot set '\\nonsense' in the formula"),
        (
            "# %%\nfrom experiments.base import UserError\nraise UserError('claims.csv was cut')",
            "claims.csv was cut\n",
        ),
        ("# %%\nif x\n", "SyntaxError: expected ':' (line 1)"),
        ("# %% [markdown]\n# ![curve](curve.png)\n", "the page would need 'curve.png'; embed it"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path, capsys, source, said):
    assert said in fails(tmp_path, capsys, source)


def test_a_cell_that_ends_its_process_is_no_end_of_this_one(tmp_path, capsys):
    said = fails(tmp_path, capsys, "# %%\nimport os\nos._exit(0)\n")
    assert said == "bad.py: the process that runs its cells was ended\n"


def test_a_cell_without_end_is_stopped(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(building, "CELL_TIMEOUT", 0.2)
    said = fails(tmp_path, capsys, "# %%\nimport time\ntime.sleep(600)\n")
    assert said == "bad.py: a cell takes longer than 0.2 seconds\n"


def test_outputs_are_in_the_order_of_the_cell_and_change_nothing_here(folder):
    source = "# %%\nimport os\nos.environ['X_CELL'] = '1'\nprint(1)\ndisplay(2)\nprint(3)\n4\n"
    (folder / "order.py").write_text(source)
    build(folder / "order.py", folder / "results", folder / "o.ipynb", folder / "o.html", "Order")
    outputs = nbformat.read(folder / "o.ipynb", as_version=4).cells[0].outputs
    kinds = ["stream", "display_data", "stream", "execute_result"]
    assert [output.output_type for output in outputs] == kinds
    assert outputs[2].text == "3\n"
    assert outputs[3].data == {"text/plain": "4"}
    assert "X_CELL" not in os.environ


def test_the_cells_run_in_the_current_folder(tmp_path, monkeypatch):
    """Paths of a config are relative to it, also of a sweep outside of the clone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    source = "# %%\nimport os\nprint(os.getcwd(), os.environ['RESULTS_DIR'])\n"
    (tmp_path / "where.py").write_text(source)
    build(tmp_path / "where.py", tmp_path / "results", "where.ipynb", tmp_path / "w.html", "Where")
    (output,) = nbformat.read(tmp_path / "where.ipynb", as_version=4).cells[0].outputs
    assert output.text == f"{tmp_path} results\n"


def test_missing_inputs_are_named(tmp_path):
    with pytest.raises(PageError, match="no folder of results"):
        build(tmp_path / "a.py", tmp_path / "none", tmp_path / "a.ipynb", tmp_path / "a.html")
    with pytest.raises(PageError, match=r"no notebook .*a\.py"):
        build(tmp_path / "a.py", tmp_path, tmp_path / "a.ipynb", tmp_path / "a.html")


# ---------------------------------------------------------------- pieces


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        ("a<b", "<mo>&lt;</mo>"),
        (r"\text{a & <script>}", "<mtext>a\xa0&amp;\xa0&lt;script&gt;</mtext>"),
        (r"\mathbb{1}", ">𝟙<"),
        (r"\arg\max_k", ">arg\u2009max</mo>"),
        (r"\{x\}", "{</mo><mi>x</mi>"),
    ],
)
def test_math_is_escaped_mathml(latex, shown):
    assert shown in str(math(latex))


def test_a_displayed_formula_may_have_a_number():
    assert '<span class="tag">(7)</span>' in str(math(r"C = 0 \tag{7}", display=True))


@pytest.mark.parametrize(
    ("tag", "outside"),
    [
        ('<img alt="a src=x" src="data:,">', None),
        ("<img alt='a src=x' src='data:,'>", None),
        ('<img alt="a" src="data:,">src=x', None),
        ('<img alt="a > b" src="x">', "x"),
        ("<img src=x onerror=alert(1)>", "x"),
        ("<script src='https://example.org/a.js'>", "https://example.org/a.js"),
    ],
)
def test_only_attributes_are_addresses_not_the_words_of_a_label(tag, outside):
    found = render._OUTSIDE.search(tag)
    assert (found and found[1]) == outside


@pytest.mark.parametrize(
    "latex", [r"\frac{a", r"\frac{a}", r"{a\}", "x_", "a & b", "}", r"\unknown"]
)
def test_a_formula_that_is_not_understood_is_an_error(latex):
    with pytest.raises(PageError, match="cannot set"):
        math(latex)


@pytest.mark.parametrize(
    "fragment",
    ["<code>$x$</code>", '<img alt="$x$ > $y$">', "costs $5 or $6", "&#36;x&#36;", "<!-- $x$ -->"],
)
def test_dollars_outside_of_prose_are_left_alone(fragment):
    assert math_in_html(fragment) == fragment


def test_markdown_takes_no_html_and_literal_takes_no_markdown():
    assert str(markdown("**$x$** <b>")).startswith("<strong><math")
    assert str(markdown("<b>")) == "&lt;b&gt;"
    name = "_a_ **b** [c](d) `e` $f$ <g> \\h & i"
    assert str(markdown(literal(name))) == str(Html("{}").format(name))


def test_table_cells():
    frame = pd.DataFrame(
        {
            "x": [np.float64(-0.123456), np.nan, 2.0],
            "n": [1, 2, 3],
            "difference": ["2.1 [1.4, 2.8]", "−0.2 [−0.9, 0.5]", "inf"],
            "ok": [True, False, True],
            "<k>": ["<b>", link("<i>", "there"), None],
        }
    )
    text = str(table(frame, formats={"x": ".2f"}))
    assert "<td class=n>−0.12</td><td class=n>1</td><td class=n>2.1 [1.4, 2.8]</td>" in text
    assert "<td class=n>–</td>" in text
    assert '<td>no</td><td><a href="#there">&lt;i&gt;</a></td>' in text
    assert "<th scope=col>&lt;k&gt;</th>" in text
    assert "<td>&lt;b&gt;</td>" in text


def test_a_figure_needs_words(tmp_path):
    (tmp_path / "line.svg").write_text(LINE)
    with pytest.raises(ValueError, match="needs a text"):
        figure(tmp_path / "line.svg", alt=" ")
    text = str(figure(tmp_path / "line.svg", alt='"rises" <fast>'))
    assert 'alt="&quot;rises&quot; &lt;fast&gt;" width="96" height="48"' in text


def test_an_svg_of_ones_own_is_embedded_as_it_is_and_one_of_matplotlibs_made_smaller(tmp_path):
    def embedded(path):
        return base64.b64decode(data_uri(path).partition(",")[2]).decode()

    own, theirs = tmp_path / "own.svg", tmp_path / "theirs.svg"
    own.write_text(LINE)
    assert embedded(own) == LINE
    drawing = Figure(figsize=(2, 2))
    drawing.subplots().plot(range(100))
    drawing.savefig(theirs, format="svg")
    assert 4 * len(embedded(theirs)) < 3 * theirs.stat().st_size


def test_anchors_are_words_and_unique():
    page = with_anchors('<h1>T</h1><h2>A b</h2><h3>A <i>b</i></h3><p id="a-b-2"></p><h2>Über</h2>')
    assert [heading.anchor for heading in page.headings] == ["a-b", "a-b-3", "über"]
    assert page.title == "T"


# ---------------------------------------------------------------- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_whole_without_a_network(toy, width, scheme):
    facts = check_offline_page(toy[1], width, color_scheme=scheme)
    assert facts.problems == {}
    assert facts.counts == {
        **{"img": 1, "svg": 0, "math": 9, "table": 2, "figure": 3},
        **{"h2": 2, "h3": 2, "script": 1},
    }


@pytest.mark.browser
def test_the_table_filters_and_sorts(toy):
    with offline_page(toy[1]) as page:
        rows = page.locator("#tab-arms tbody tr:visible")
        first = rows.locator("td:first-child")
        accuracies = rows.locator("td:last-child")
        assert rows.count() == 4

        page.get_by_label("Filter dataset").select_option(label="digits")
        assert first.all_inner_texts() == ["digits", "digits"]
        page.get_by_label("Filter accuracy").fill("<=0.9")
        assert accuracies.all_inner_texts() == ["0.9"]
        page.get_by_role("button", name="Show all").click()
        assert rows.count() == 4
        page.get_by_label("Filter all columns").fill("ALERT(1)")
        assert first.all_inner_texts() == [HOSTILE]
        page.get_by_role("button", name="Show all").click()

        eta = page.get_by_role("button", name="eta")
        eta.focus()
        page.keyboard.press("Enter")
        assert rows.locator("td:nth-child(2)").all_inner_texts() == ["−10", "1e−05", "0.1", "–"]
        eta.click()
        assert rows.locator("td:nth-child(2)").all_inner_texts() == ["0.1", "1e−05", "−10", "–"]
        eta.click()
        assert accuracies.all_inner_texts() == ["0.9", "0.8", "0.25", "1"]


@pytest.mark.browser
def test_contents_are_beside_the_text_or_folded(toy):
    with offline_page(toy[1], DESKTOP) as page:
        assert page.locator("nav a").first.is_visible()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_selector("nav a[aria-current]")
    with offline_page(toy[1], PHONE) as page:
        assert not page.locator("nav a").first.is_visible()
        page.locator("nav summary").click()
        page.get_by_role("link", name="By dataset", exact=True).click()
        assert page.url.endswith("#by-dataset")
        assert not page.locator("nav a").first.is_visible()


@pytest.mark.browser
def test_paper_shows_neither_contents_nor_code(toy):
    with offline_page(toy[1]) as page:
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert page.locator("details.code:visible").count() == 0
        assert page.locator("main img").is_visible()


@pytest.mark.browser
def test_the_check_sees_what_is_wrong(tmp_path):
    (tmp_path / "bad.html").write_text(
        '<!DOCTYPE html><meta name="viewport" content="width=device-width"><p id="a"><p id="a">'
        '<img src="https://example.org/a.png"><img src="data:image/png;base64,AAAA" alt="broken">'
        '<a href="#nowhere">link</a><div style="width: 900px">wide</div><script>wrong()</script>'
    )
    facts = check_offline_page(tmp_path / "bad.html", PHONE)
    assert facts.requests == ["https://example.org/a.png"]
    assert facts.dangling_links == ["nowhere"]
    assert facts.duplicate_ids == ["a"]
    assert any("wrong is not defined" in error for error in facts.console_errors)
    assert [len(facts.without_size), len(facts.without_alt)] == [2, 1]
    assert "<div> wide" in facts.too_wide
