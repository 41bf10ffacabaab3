"""`Case`: everything a run needs, typed, frozen, in SI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PrivateAttr, StrictStr, ValidationInfo, field_validator, model_validator

from calfpump.case.cuff import Cuff
from calfpump.case.errors import Problem
from calfpump.case.fields import Table, key, problem
from calfpump.case.flow import Flow
from calfpump.case.hose import Hose
from calfpump.case.impairment import Impairment
from calfpump.case.numerics import Numerics
from calfpump.case.origin import Origin
from calfpump.case.output import Output
from calfpump.case.protocol import Row
from calfpump.case.section import Section
from calfpump.case.subject import Subject
from calfpump.case.tissue import Tissue

if TYPE_CHECKING:
    from calfpump.case.network import Network


class Case(Table):
    """One case; every number in SI. Equal cases have equal values, wherever they were read from."""

    schema_: Literal[1] = key(..., "version of the case format", alias="schema")
    title: StrictStr = key(..., "what the case is; names the result folder")
    notes: StrictStr = key("", "anything worth telling the reader of the report")
    subject: Subject = Subject()
    section: Section = Field(default_factory=Section)
    tissue: Tissue = Tissue()
    hose: Hose | None = None
    cuff: Cuff | None = None
    impairment: Impairment = Impairment()
    protocol: tuple[Row, ...] = Field(default=(), json_schema_extra={"minItems": 1})
    if TYPE_CHECKING:
        network: Network | None = None
    else:
        network: Any = None  # a Network; its many tables are built only for a case that has one
    flow: Flow = Flow()
    numerics: Numerics = Numerics()
    output: Output = Output()

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @field_validator("title")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise problem("is empty")
        return value

    @field_validator("network", mode="before")
    @classmethod
    def _built(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None:
            return None
        from calfpump.case.network import Network

        return Network.model_validate(value, context=info.context)

    @field_validator("protocol", mode="before")
    @classmethod
    def _rows(cls, value: Any) -> Any:
        if value in ([], ()):
            raise problem("at least one row is needed")
        return value

    @model_validator(mode="after")
    def _bare(self) -> Case:
        if self.hose is not None and not self.hose.worn:
            object.__setattr__(self, "hose", None)
        if self.cuff is not None and not self.cuff.worn:
            object.__setattr__(self, "cuff", None)
        return self

    def problem(self, path: str, what: str) -> Problem:
        """A problem with the key `path` (``impairment.valve_leak.popliteal``), placed at its line: for what only later stages can check."""
        return self._origin.problem(path, what)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Case) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash(self.model_dump_json())
