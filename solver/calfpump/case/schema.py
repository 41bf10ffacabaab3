"""JSON Schema of a case file, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from calfpump.case.model import Case

SWEEP = {
    "type": "object",
    "description": "One file, many cases: dotted keys with lists of values.",
    "properties": {"mode": {"enum": ["grid", "zip"], "default": "grid"}},
    "additionalProperties": {"anyOf": [{"type": "array", "minItems": 1}, {"type": "object"}]},
}


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12) as plain data."""
    from calfpump.case.network import Network

    class Whole(Case):
        network: Network | None = None

    found: dict[str, Any] = _tidy(Whole.model_json_schema(by_alias=True))
    found["properties"]["sweep"] = SWEEP
    found["anyOf"] = [{"required": ["protocol"]}, {"required": ["network"]}]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "calfpump case"}
    return head | {key: value for key, value in found.items() if key not in ("title", "description")}


def text() -> str:
    """The schema as it stands in cases/schema/case.schema.json."""
    import json

    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _tidy(node: Any, named: bool = False) -> Any:
    """Without null alternatives, defaults of null, and titles that repeat the key; `named`: the keys of `node` are names, not keywords."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: _tidy(item) for name, item in node.items()}
    kept = {key: _tidy(item, key in ("properties", "$defs")) for key, item in node.items() if key != "title"}
    if "default" in kept and (kept["default"] is None or isinstance(kept["default"], dict)):
        del kept["default"]
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        kept = choices[0] | kept
    return kept
