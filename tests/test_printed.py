"""The printed report: what the page says, as typst's source and as PDF."""

import re
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from experiments.base import UserError
from experiments.equations import EQUATIONS
from reports.figures import save, styled
from reports.page import math
from reports.printed import document, write_pdf

HOSTILE = '#panic("x") $x$ <l> @a *b* _c_ `d` \\e // "f" [g] 検索 שלום'
PAGE = """<html><body><nav>not printed</nav><main>
<h1 id="top">A <em>title</em> <a class="mark" href="#top">#</a></h1>
<p class="byline">who <a href="explorer.html#study=a">explore</a> <a href="#gone">gone</a></p>
<h2 id="q">Which?</h2><p class="answer"><strong>{label}</strong></p>
<p class="tiles"><a class="tile slip" href="appendix.html">7</a></p>
<details class="code"><summary>code</summary><pre>secret()</pre></details>
<details class="more"><summary>How to read</summary><ul><li>one</li><li>two</li></ul></details>
<figure class="image" id="fig-small"><img alt="{label}" src="data:,"><figcaption>what {label}
</figcaption></figure>
<figure class="table" id="tab"><figcaption>the table</figcaption><table>
<tr><th>name</th><th class="n">value</th></tr>
<tr><td><a href="#q">{label}</a></td><td class="n">1<small>[0, 2]</small></td></tr></table></figure>
<h2 id="own">Your own question</h2><p>in the notebook</p>
<h2 id="words">Glossary</h2><dl><dt>seed</dt><dd>a number</dd></dl><p><code>a_b</code>{more}</p>
</main></body></html>
"""


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def results(folder: Path, label: str = "a", more: str = "") -> Path:
    """Write a page and its figure into a folder."""
    (folder / "figures").mkdir()
    with styled():
        figure = Figure((85 / 25.4, 1))
        figure.add_subplot().set_title("drawn")
        save(figure, folder / "figures" / "small")
    page = PAGE.format(label=escaped(label), more=more)
    (folder / "report.html").write_text(page, encoding="utf-8")
    return folder


def inside(pdf: bytes) -> str:
    """Return all objects of a PDF, the packed ones too."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found).decode("latin-1")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    pytest.importorskip("typst")
    folder = results(tmp_path_factory.mktemp("printed"), HOSTILE)
    write_pdf(folder)
    return folder


def test_the_same_page_gives_the_same_bytes(printed):
    first = (printed / "report.pdf").read_bytes()
    write_pdf(printed)
    assert (printed / "report.pdf").read_bytes() == first


def test_the_fonts_are_outlines_and_the_figures_are_no_bitmaps(printed):
    objects = inside((printed / "report.pdf").read_bytes())
    assert "/Type3" not in objects.replace(" ", "")
    assert "/Image" not in re.findall(r"/Subtype\s*(/\w+)", objects)
    assert "DejaVuSans" in objects


def test_links_lead_to_places_of_the_page_and_to_its_files(printed):
    objects = inside((printed / "report.pdf").read_bytes())
    assert objects.count("/Dest") + objects.count("/GoTo") >= 3  # contents and one of the table
    assert "explorer.html#study=a" in objects
    assert "/595.2" not in objects
    assert re.search(r"/MediaBox\s*\[0 0 595\.2\d* 841\.8\d*\]", objects)


def test_what_only_a_screen_has_is_left_out():
    source = document(PAGE.format(label="a", more=""), "figures")
    for absent in ("not printed", "secret()", "in the notebook", "Your own question", "#gone"):
        assert absent not in source
    for present in ("How to read", "Glossary", "the table", '"/figures/small.svg"', "a_b"):
        assert present in source


@given(st.text(max_size=40))
def test_no_text_is_a_command(text):
    """Between the literals the source is the same, whatever the texts say."""

    def between(label: str) -> str:
        source = document(PAGE.format(label=escaped(label), more=""), "figures")
        return re.sub(r'#?"(?:[^"\\]|\\.)*";?|\s', "", source)

    assert between(f"a{text}a") == between("a")


def test_every_formula_of_the_note_can_be_printed(tmp_path):
    typst = pytest.importorskip("typst")
    latex = [f for e in EQUATIONS.values() for f in (e.statement, e.correction) if f]
    page = PAGE.format(label="a", more=" ".join(f"<br>{math(one)}" for one in latex))
    results(tmp_path)
    source = document(page, "figures")
    assert source.count("$display(") == len(latex)
    assert typst.compile(source.encode(), root=str(tmp_path))


def test_without_typst_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UserError, match=r"^report\.pdf needs typst, .*: pip install typst$"):
        write_pdf(results(tmp_path))
    assert not (tmp_path / "report.pdf").exists()
