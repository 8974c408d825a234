from __future__ import annotations

from pathlib import Path

#: Files whose tests take longest begin, so that both processes of ``make test`` end at the same time.
LONGEST = [
    "experiment/test_surroundings.py",
    "cli/test_train.py",
    "experiment/test_session.py",
    "cli/test_compare.py",
    "cli/test_commands.py",
    "cli/test_flow_commands.py",
    "cli/test_shared_options.py",
    "models/test_training.py",
    "analyses/ranks/test_shipped_directions.py",
    "analyses/pages/test_explorer.py",
    "test_parallel.py",
    "test_wheel.py",
    "cli/test_output.py",
    "models/test_numerics.py",
    "analyses/foundations/test_bounds.py",
]


def pytest_collection_modifyitems(items):
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
