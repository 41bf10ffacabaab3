"""A tabulated law as a case names it: a CSV file with columns p, A and perhaps G."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from calfpump.case.columns import ColumnError, column_of, read_columns
from calfpump.case.fields import problem


@dataclass(frozen=True)
class LawTable:
    """Transmural pressure ``p`` (n,) [Pa] and area ``A`` (n,) [m²] of one vessel, rising; conductance ``G`` (n,) [m⁴], −dp/dx = μ Q/G, or None."""

    p: tuple[float, ...]
    A: tuple[float, ...]
    G: tuple[float, ...] | None = None
    file: str = field(default="", compare=False)
    text: str = field(default="", compare=False)

    def toml(self, place: Any = None) -> str:
        """Its file's path in quotes."""
        import json

        return json.dumps(place(self) if place is not None else self.file, ensure_ascii=False)


class TableFile:
    """Annotation of a key that holds a `LawTable`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        serializer = core_schema.plain_serializer_function_ser_schema(lambda law: None if law is None else [law.p, law.A, law.G])
        return core_schema.with_info_plain_validator_function(_read, serialization=serializer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}


def _read(value: Any, info: ValidationInfo) -> LawTable:
    if isinstance(value, LawTable):
        return value
    if not isinstance(value, str):
        raise problem('the path of a CSV file is expected, such as "law.csv"')
    path = (Path((info.context or {}).get("folder", Path())) / Path(value).expanduser()).resolve()
    try:
        table = read_columns(path)
        for name in ("p", "A"):
            if name not in table.names:
                raise ColumnError(f"{table.file}:{table.header_line}: there is no column '{name}'; a law has p, A and perhaps G")
        columns = []
        for name, dimension in (("p", "pressure"), ("A", "area")):
            index = table.names.index(name)
            columns.append(column_of(table, index, dimension))
            table.rising(index, columns[-1])
        G = column_of(table, table.names.index("G"), "conductance") if "G" in table.names else None
        for k, line in enumerate(table.lines):
            if columns[1][k] <= 0 or (G is not None and G[k] <= 0):
                raise ColumnError(f"{table.file}:{line}: A and G must be positive")
    except ColumnError as error:
        raise problem(str(error)) from None
    return LawTable(tuple(columns[0]), tuple(columns[1]), None if G is None else tuple(G), str(path), table.text)
