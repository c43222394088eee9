"""The pages of a sweep in Chromium: axe finds nothing that shuts readers out.

The explorer is tested with all that a reader opens, in `test_explorer_page`.
"""

import pytest

from tests.browser import DESKTOP, PHONE, offline_page
from tests.explored import CONTENT
from tests.pages import APPENDIX, MAIN, page_of, results_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the files of both pages of a sweep whose labels are hostile, long and foreign."""
    folder = results_of(tmp_path_factory.mktemp("axe"), CONTENT).results
    found = {}
    for name, source in (("report", MAIN), ("appendix", APPENDIX)):
        found[name] = folder / f"{name}.html"
        found[name].write_text(page_of(folder, source), encoding="utf-8")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["report", "appendix"])
def test_axe_finds_nothing_serious(pages, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with offline_page(pages[name], width, color_scheme=scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found = axe.Axe().run(page).response["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert [(rule["id"], [n["html"][:120] for n in rule["nodes"]][:5]) for rule in grave] == []
