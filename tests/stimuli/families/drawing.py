"""Scenes of stimulus files that a test writes itself."""

from pathlib import Path

BLACK, GREY, WHITE = "#000000", "#808080", "#ffffff"


def scenes(family, conditions, *, colour=GREY, target=None, **tables):
    """The scene of each condition of a file of a family, with its own tables."""
    written = {
        "kind": family.model_fields["kind"].annotation.__args__[0],
        "title": "a test",
        "description": "",
        "source": "",
        "axis": "brightness",
        "target": {"colour": colour, "size": 4} | (target or {}),
        "conditions": conditions,
    }
    return family.model_validate(written | tables).scenes(Path())


def either(key, *values):
    """A condition for each value of its key, which also is its name."""
    return {value: {key: value} for value in values or ("first", "second")}
