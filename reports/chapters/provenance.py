"""The provenance: what the results came from, and how to make them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from reports.page import Html, fold, heading, paragraph, table

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield the command that makes everything again, versions, checksums and the config."""
    yield heading("Provenance", "provenance")
    yield paragraph("This command makes everything again; what is there already is not redone:")
    yield Html('<pre tabindex="0"><code>{}</code></pre>').format(report.frames.sweep_command)
    facts = report.frames.provenance
    if not facts:
        yield paragraph("provenance.json is missing: versions are not known.", "gap")
        return
    rows = _rows(report)
    frame = pd.DataFrame({"what": list(rows), "value": list(map(str, rows.values()))})
    yield table(frame, "tab-provenance", "What the results came from (provenance.json).")
    config = Html('<pre tabindex="0"><code>{}</code></pre>').format(facts["config"])
    yield fold("The config, as it was run", config)


def _rows(report: Report) -> dict[str, str]:
    """Return the facts in the order in which the table shows them."""
    from reports.chapters import TRAINED

    facts = report.frames.provenance
    distinct = report.runs.drop_duplicates("run_id")
    git = facts.get("git") or {}
    state = " with changes" if git.get("changed") else ""
    return {
        "networks trained": f"{int(distinct['status'].isin(TRAINED).sum()):,}",
        "sum of training seconds": f"{distinct['seconds'].sum():,.0f}",
        "Python": facts.get("python", ""),
        **facts.get("packages", {}),
        "BLAS": facts.get("blas", ""),
        "processor": facts.get("processor", ""),
        "platform": facts.get("platform", ""),
        "commit": f"{git.get('commit', 'unknown')}{state}",
        "fingerprint of the numeric code": facts.get("code_fingerprint", ""),
        "SHA-256 of the config": facts.get("config_sha256", ""),
        **{
            f"SHA-256 of {name}": data.get("checksum", "")
            for name, data in facts.get("data", {}).items()
        },
    }
