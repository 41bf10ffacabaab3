"""Pages from result files: `report` for one run, `compare` for a batch, `plot_laws` for a section's laws. The solver is not needed."""

from __future__ import annotations

from calfpump.report.case_page import report
from calfpump.report.compare_page import compare, comparison_table
from calfpump.report.law_plots import plot_laws

__all__ = ["compare", "comparison_table", "plot_laws", "report"]
