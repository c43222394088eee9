"""The JSON schema of a config, by which editors help, and the reference of its keys in Markdown.

Both are written from the models that validate a config; a test compares.
"""

import json
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from experiments.base import write_text
from experiments.datasets import DATASETS
from experiments.schema.config import Config, Resources, Statistics
from experiments.schema.naming import CONFIGS
from experiments.schema.settings import Setting
from experiments.schema.study import Confirm, Dataset, Study

SCHEMA = CONFIGS / "schema.json"
REFERENCE = Path("docs/reference/config.md")
GENERATED = "written by python -m experiments schema"
SCHEMA_LINE = "# yaml-language-server: $schema=schema.json"
"""The first line of a config, by which editors find the schema."""


def json_schema() -> str:
    """Return the JSON schema of a config, from the model that validates it.

    Where a config may hold settings under names of their own (`base`, `per_dataset`, `grid`), the
    settings' own schema is put in.
    """
    whole = Config.model_json_schema(by_alias=True)
    setting = Setting.model_json_schema(by_alias=True)
    label = {"label": {"type": "string", "description": "what the value is called"}}
    joint = setting | {"title": "Joint setting", "properties": label | setting["properties"]}
    whole["$defs"] |= setting.pop("$defs", {}) | {"Setting": setting, "JointSetting": joint}
    _enter_settings(whole["$defs"]["Study"]["properties"], setting["properties"])
    known = sorted(DATASETS)
    whole["$defs"]["Dataset"]["properties"]["source"]["examples"] = known
    whole["$defs"]["Study"]["properties"]["datasets"]["items"]["examples"] = known
    whole |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A sweep"}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _enter_settings(study: dict[str, Any], settings: dict[str, Any]) -> None:
    """Put what a setting may be into a study's schema, where it may stand."""
    one, joint = {"$ref": "#/$defs/Setting"}, {"$ref": "#/$defs/JointSetting"}
    study["base"] |= one
    study["base"].pop("additionalProperties", None)
    study["per_dataset"]["additionalProperties"] = one
    values = {
        name: {"type": "array", "minItems": 1, "items": {"anyOf": [facts, joint]}}
        for name, facts in settings.items()
    }
    axis = {"type": "array", "minItems": 1, "items": joint}
    study["grid"] |= {"properties": values, "additionalProperties": axis}
    facts = {name: {} for name in ("dataset", *settings)}
    study["exclude"]["items"] = {
        "type": "object", "properties": facts, "additionalProperties": False,
    }  # fmt: skip


def config_reference(columns: Mapping[str, str]) -> str:
    """Return the reference in Markdown: every key of a config, and the columns of the runs.

    `columns` are those that no key of a config explains, each with its meaning.
    """
    lines = ["# Keys of a config", "", f"<!-- {GENERATED} -->"]
    models: dict[str, type[BaseModel]] = {
        "A config": Config,
        "A dataset": Dataset,
        "A study": Study,
        "Settings (in base, per_dataset and grid)": Setting,
        "Confirm": Confirm,
        "Statistics": Statistics,
        "Resources": Resources,
    }
    for title, model in models.items():
        lines += ["", f"## {title}", "", cleandoc(model.__doc__ or ""), ""]
        lines += ["| key | default | meaning |", "|---|---|---|"]
        facts = model.model_json_schema(by_alias=True)["properties"]
        for name, field in model.model_fields.items():
            key = field.alias or name
            default = "needed" if field.is_required() else f"`{_yaml(field)}`"
            words = field.description or f"see {key.capitalize()}"
            lines.append(f"| `{key}` | {default} | {words}{_names(facts[key])} |")
    lines += ["", "## Columns of runs.csv and runs.parquet", ""]
    lines += ["Beside these, a run has a column for each of its settings.", ""]
    lines += ["| column | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in columns.items()]
    return "\n".join(lines) + "\n"


def _yaml(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _names(facts: Mapping[str, Any]) -> str:
    """Return the names that a key may take, where it takes names."""
    names = facts.get("enum") or next(
        (f["enum"] for f in facts.get("anyOf", []) if "enum" in f), ()
    )
    return f": {', '.join(f'`{name}`' for name in names)}" if names else ""


def write_schema(
    columns: Mapping[str, str], out: Path = SCHEMA, reference: Path = REFERENCE
) -> Iterator[str]:
    """Write the JSON schema of a config and the reference of its keys; yield where."""
    write_text(out, json_schema())
    write_text(reference, config_reference(columns))
    yield f"wrote {out} and {reference}; a config beside the schema begins with the line"
    yield f"  {SCHEMA_LINE}"
