"""A sweep as one job: plan, local workers, shards; stopped and started again, it redoes nothing that is complete.

The package can be called: ``from calfpump import batch; batch("cases/hose_grades.toml")`` is `calfpump.batch.face.batch`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from calfpump.batch.face import Batch, batch

__all__ = ["Batch", "batch"]


class _Callable(ModuleType):
    """Python binds a package's name in its parent on import, so that ``calfpump.batch`` can only be this module."""

    def __call__(self, *args: Any, **kwargs: Any) -> Batch:
        return batch(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
