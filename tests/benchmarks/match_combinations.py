"""Whether a flow and a distance between colours predict hue better together than two distances do.

    python tests/benchmarks/match_combinations.py > tests/benchmarks/match-combinations.csv

The prediction of a pair is the mean of both shifts. The settings of both are chosen together, on all surrounds of
klauke2015 but the one that is scored. Intervals: 95 % of resamples of the surrounds.
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.analyses.battery.match_contest import compete_in_matches
from illusions.analyses.battery.match_entries import match_flow_entries
from illusions.analyses.battery.match_flows import MatchingFlow
from illusions.analyses.battery.match_rivals import match_rivals
from illusions.analyses.battery.match_scores import best_rival, match_scores
from illusions.analyses.battery.matches import Group, MatchEntry, Matches, groups_of
from illusions.arrays import Floats
from illusions.models.model import load_model
from illusions.stimuli.settings import load_settings

#: Of each predictor only the settings with the least errors on everything take part: pairs of all would be too many.
_MOST = 80


def pair(a: MatchEntry, b: MatchEntry, shifts: dict[str, list[Floats]], groups: list[Group]) -> MatchEntry:
    """The mean of two predictors, at every pair of their settings."""
    number = {id(group): i for i, group in enumerate(groups)}

    def answer(group: Group) -> Matches:
        of_a, of_b = (shifts[entry.name][number[id(group)]] for entry in (a, b))
        return {f"{i}, {j}": group.values + (of_a[i] + of_b[j]) / 2 for i in range(len(of_a)) for j in range(len(of_b))}

    counts = [len(shifts[entry.name][0]) for entry in (a, b)]
    settings = tuple(f"{i}, {j}" for i in range(counts[0]) for j in range(counts[1]))
    return MatchEntry(f"{a.name} + {b.name}", "", answer, settings, is_flow=a.is_flow or b.is_flow)


def kept(shifts: list[Floats], groups: list[Group]) -> list[Floats]:
    """Of shifts (settings, n) by group: those that differ, and of these the best."""
    whole = np.concatenate(shifts, axis=1)
    _, first = np.unique(whole.round(6), axis=0, return_index=True)
    errors = ((whole[first] - np.concatenate([group.shifts for group in groups])) ** 2).mean(axis=1)
    best = np.sort(first[np.argsort(errors, kind="stable")[:_MOST]])
    return [of_group[best] for of_group in shifts]


def main() -> None:
    groups = groups_of(load_settings("klauke2015"))
    flow = match_flow_entries(MatchingFlow(load_model("natural16", device="cpu")))[1]
    rivals = [entry for entry in match_rivals() if entry.name.endswith("and even")]
    alone = {entry.name: compete_in_matches(entry, groups) for entry in (flow, *rivals)}
    shifts = {
        name: kept([result.answers[id(group)].shifts for group in groups], groups) for name, result in alone.items()
    }
    best = best_rival(list(alone.values()), groups, "surround")
    pairs = [compete_in_matches(pair(a, b, shifts, groups), groups) for a, b in combinations((flow, *rivals), 2)]
    rows = [
        (result.entry.name, result.entry.is_flow, score.name, *(round(number, 4) for number in score.numbers))
        for result in (*alone.values(), *pairs)
        for score in match_scores(result, groups, "surround", best=best)
    ]
    columns = ["predictor", "with_flow", "score", "value", "low", "high", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(sys.stdout, index=False)


if __name__ == "__main__":
    main()
