"""The name of a result: what the case is called, and the hash of all that its numbers rest on."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from calfpump.physics import PHYSICS

if TYPE_CHECKING:
    from calfpump.case import Case


def digest(case: Case) -> str:
    """SHA-256 of the resolved case and the number of the physics."""
    from calfpump.case import case_hash

    return hashlib.sha256(f"{case_hash(case)} {PHYSICS}".encode()).hexdigest()


def slug(title: str) -> str:
    """A title as a folder name: "Klasse II, Stehen" → ``klasse-ii-stehen``; at most 60 characters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-") or "case"


def folder_name(case: Case) -> str:
    """``<slug>-<8 hex>``."""
    return f"{slug(case.title)}-{digest(case)[:8]}"
