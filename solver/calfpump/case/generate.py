"""Writes what is made from the case tables: cases/README.md and cases/schema/case.schema.json."""

from __future__ import annotations

from calfpump.case import schema, template
from calfpump.case.shipped import shipped

if __name__ == "__main__":
    folder = shipped("cases")
    (folder / "README.md").write_text(template.readme(), encoding="utf-8")
    (folder / "schema").mkdir(exist_ok=True)
    (folder / "schema" / "case.schema.json").write_text(schema.text(), encoding="utf-8")
