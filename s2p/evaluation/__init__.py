"""Judges a painter: pairs from coloured pictures, simulated hints, figures, baselines, and a sheet to look at.

    from s2p.evaluation import evaluate, table
    print(table(evaluate(Path("pictures"), limit=8)))
"""

from __future__ import annotations

from s2p.evaluation.compare import compare
from s2p.evaluation.judge import evaluate
from s2p.evaluation.line_judge import evaluate_lines, lines_table
from s2p.evaluation.table import table
from s2p.evaluation.word_judge import evaluate_words
from s2p.evaluation.word_summary import word_table

__all__ = ["compare", "evaluate", "evaluate_lines", "evaluate_words", "lines_table", "table", "word_table"]
