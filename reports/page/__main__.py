"""The command line for a notebook of one's own: python -m reports.page."""

import argparse
import sys
from pathlib import Path

from reports.page.building import build
from reports.page.html import PageError


def main(arguments: list[str] | None = None) -> int:
    """Build a page from the command line; return 1, with a short message, if that failed."""
    parser = argparse.ArgumentParser(prog="python -m reports.page", description=build.__doc__)
    parser.add_argument("notebook", type=Path, help="a percent notebook (.py)")
    parser.add_argument("results", type=Path, help="the folder that it reads from RESULTS_DIR")
    parser.add_argument("ipynb", type=Path, help="the executed notebook to write")
    parser.add_argument("html", type=Path, help="the page to write")
    parser.add_argument("--title", help="title of the page (default: its first heading)")
    options = parser.parse_args(arguments)
    try:
        build(options.notebook, options.results, options.ipynb, options.html, options.title)
    except PageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
