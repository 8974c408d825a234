"""Which predictors compete where nobody says otherwise."""

from __future__ import annotations

from illusions.analyses.battery.predictors import Entry
from illusions.analyses.battery.rivals import rivals


def default_entries() -> list[Entry]:
    """Every competitor that is shipped, in the order of the tables."""
    return [*rivals()]
