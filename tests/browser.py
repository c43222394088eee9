"""Open a page in headless Chromium with the network off, and say what a reader would meet.

from tests.browser import check_offline_page, offline_page

assert not check_offline_page(path, width=390).problems
with offline_page(path) as page:  # to click and type
    ...
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = 1280, 390


@dataclass
class PageFacts:
    """What was seen of a page: lists of faults, and how many elements of a kind there are."""

    title: str = ""
    console_errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # attempted, beyond the page itself
    dangling_links: list[str] = field(default_factory=list)
    duplicate_ids: list[str] = field(default_factory=list)
    without_size: list[str] = field(default_factory=list)  # images and equations not to be seen
    without_alt: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)  # what makes the page scroll sideways
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> dict[str, list[str]]:
        """Return the faults that there are, by kind; empty for a good page."""
        return {kind: value for kind, value in vars(self).items() if value and type(value) is list}


@contextmanager
def offline_page(
    path: Path, width: int = DESKTOP, facts: PageFacts | None = None, **context: Any
) -> Iterator[Any]:
    """Yield a Playwright page that shows `path`; skip the test where there is no Chromium.

    Requests and console errors are noted in `facts`; `context` goes to the browser, as in
    ``color_scheme="dark"``.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM} (apt install chromium)")
    facts = facts or PageFacts()
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            size = {"width": width, "height": 844}
            page = browser.new_context(offline=True, viewport=size, **context).new_page()
            _listen(page, path.resolve().as_uri(), facts)
            page.goto(path.resolve().as_uri())
            yield page
        finally:
            browser.close()


def _listen(page: Any, address: str, facts: PageFacts) -> None:
    """Note what the page complains about and what it asks for."""

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            facts.console_errors.append(message.text)

    def asked(request: Any) -> None:
        if request.url.split("#")[0] != address and not request.url.startswith("data:"):
            facts.requests.append(request.url)

    page.on("console", said)
    page.on("pageerror", lambda error: facts.console_errors.append(str(error)))
    page.on("request", asked)


def check_offline_page(path: Path, width: int = DESKTOP, **context: Any) -> PageFacts:
    """Open the page at this width and return what is wrong with it, and what is on it."""
    facts = PageFacts()
    with offline_page(path, width, facts, **context) as page:
        facts.title = page.title()
        for name, value in page.evaluate(_LOOK).items():
            setattr(facts, name, value)
    return facts


_LOOK = """() => {
  const root = document.documentElement;
  const all = selector => [...document.querySelectorAll(selector)];
  const name = e => `<${e.localName}${e.id && " id=" + e.id}> `
    + (e.alt || e.textContent).trim().slice(0, 60);
  const unfolded = e => !e.closest("details:not([open]) > :not(summary), [hidden]");
  const unseen = e => {
    const {width, height} = e.getBoundingClientRect();
    return unfolded(e) && (!width || !height || (e.localName === "img" && !e.naturalWidth));
  };
  const scrolls = e => e
    && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const sticksOut = e => e.getBoundingClientRect().right > root.clientWidth + 1
    && !scrolls(e.parentElement);
  const ids = all("[id]").map(e => e.id);
  const targets = all('a[href^="#"]').map(a => decodeURIComponent(a.hash.slice(1)));
  const kinds = ["img", "svg", "math", "table", "figure", "h2", "h3", "script"];
  const excess = root.scrollWidth - root.clientWidth;
  return {
    dangling_links: targets.filter(id => !ids.includes(id)),
    duplicate_ids: ids.filter((id, i) => ids.indexOf(id) !== i),
    without_size: all("img, math, svg:not(svg svg)").filter(unseen).map(name),
    without_alt: all("img:not([alt]), img[alt='']").map(name),
    too_wide: excess > 0
      ? [`the page is ${excess} pixels too wide`, ...all("body *").filter(sticksOut).map(name)]
      : [],
    counts: Object.fromEntries(kinds.map(kind => [kind, all(kind).length])),
  };
}"""
