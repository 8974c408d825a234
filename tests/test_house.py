"""The house: who may know whom. Every import counts, those inside of functions and those for types, too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import illusions

_ROOT = Path(illusions.__file__).parent.parent
#: Every module by its name.
_FILES = {
    ".".join(path.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(Path(illusions.__file__).parent.rglob("*.py"))
}
_WORDS = "wording"


class Imports(ast.NodeVisitor):
    """What one module imports: when it is imported itself, when something in it is called, and for its types alone."""

    def __init__(self) -> None:
        self.at_once: set[str] = set()
        self.later: set[str] = set()
        self.for_types: set[str] = set()
        self._now = self.at_once

    def visit_Import(self, node: ast.Import) -> None:
        self._now.update(alias.name for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, "imports name whole paths"
        assert node.module
        self._now.update(f"{node.module}.{alias.name}" for alias in node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within(self.later, node.body)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            self._within(self.for_types, node.body)
        else:
            self.generic_visit(node)

    def _within(self, place: set[str], body: list[ast.stmt]) -> None:
        before, self._now = self._now, place if self._now is self.at_once else self._now
        for statement in body:
            self.visit(statement)
        self._now = before


def read(source: str) -> Imports:
    imports = Imports()
    imports.visit(ast.parse(source))
    return imports


def module_of(name: str) -> str | None:
    """The module of the house that a name is, or stands in; none for another package's."""
    while name not in _FILES and "." in name:
        name = name.rpartition(".")[0]
    return name if name in _FILES else None


@cache
def imports(module: str) -> Imports:
    return read(_FILES[module].read_text(encoding="utf-8"))


def in_house(names: set[str]) -> set[str]:
    """The modules behind names; the package itself is none, as importing it brings in nothing but its errors."""
    return {module for name in names if (module := module_of(name)) and module != "illusions"}


@cache
def runs(module: str) -> frozenset[str]:
    """The modules that this one needs to run, sooner or later."""
    return frozenset(in_house(imports(module).at_once | imports(module).later))


@cache
def knows(module: str) -> frozenset[str]:
    """The modules that this one names, for its types, too."""
    return runs(module) | in_house(imports(module).for_types)


def reached(module: str, step: Callable[[str], frozenset[str]] = runs) -> dict[str, list[str]]:
    """Every module that is needed by one to run (or that it knows, by another step), with the way to it."""
    ways, queue = {module: [module]}, [module]
    while queue:
        here = queue.pop(0)
        for there in sorted(step(here) - set(ways)):
            ways[there] = [*ways[here], there]
            queue.append(there)
    return ways


def room(module: str) -> str:
    """``"stimuli"``, ``"models"``, ``"analyses"``, ``"cli"``; nothing for the ground floor."""
    parts = module.split(".")
    if module == "illusions.__main__":  # ``python -m illusions``: the command line
        return "cli"
    return parts[1] if len(parts) > 2 or (module.count(".") == 1 and _FILES[module].name == "__init__.py") else ""


def computes(module: str) -> bool:
    """Whether a module of the analyses computes: it neither phrases nor draws, and is no kind of analysis itself."""
    name = module.rpartition(".")[2]
    tree = ast.parse(_FILES[module].read_text(encoding="utf-8"))
    bases = {
        base.id
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    draws = any(name.startswith(("matplotlib", "illusions.analyses.pages")) for name in imports(module).at_once)
    return room(module) == "analyses" and name != _WORDS and "Analysis" not in bases and not draws


def circles() -> Iterator[list[str]]:
    for module in _FILES:
        for there in sorted(knows(module)):
            if module in (ways := reached(there, knows)):
                yield [module, *ways[module]]


def test_imports_are_read_wherever_they_stand():
    found = read(
        "import a\n"
        "from b import c\n"
        "if TYPE_CHECKING:\n    from d import e\n"
        "class F:\n    def g(self):\n        import h\n"
        "try:\n    import i\nexcept ImportError:\n    pass\n"
    )
    assert (found.at_once, found.later, found.for_types) == ({"a", "b.c", "i"}, {"h"}, {"d.e"})


def test_there_is_no_circle():
    """An import inside of a function or for types alone only hides one: its reader has to know both modules."""
    shortest = sorted(circles(), key=len)
    assert not shortest, f"{len(shortest)} imports are part of a circle, such as {' → '.join(shortest[0])}"


def test_rooms_know_only_those_below_them():
    """Not for types, either. The package itself, which hands out what is public, stands beside the analyses."""
    analyses = {"", "stimuli", "models", "analyses"}
    below = {"": {""}, "stimuli": {"", "stimuli"}, "models": {"", "models"}, "analyses": analyses}
    below["cli"] = {*analyses, "cli"}
    wrong = [
        f"{module} → {there}"
        for module in _FILES
        for there in sorted(knows(module))
        if room(there) not in (analyses if module == "illusions" else below[room(module)])
    ]
    assert not wrong


def test_ranks_know_readings_and_readings_know_densities():
    """Of the three rooms none knows those above it: what reads a density does not know what draws the rank."""
    order = [f"illusions.analyses.{name}." for name in ("densities", "readings", "ranks")]
    wrong = [
        f"{module} → {there}"
        for floor, prefix in enumerate(order)
        for module in _FILES
        if module.startswith(prefix)
        for there in sorted(knows(module))
        if there.startswith(tuple(order[floor + 1 :]))
    ]
    assert not wrong


#: What predictors for people may use of densities, readings and ranks: results, T, and matches of curves.
_SURFACE = {
    "densities.curve": {"LikelihoodCurve"},
    "densities.matching": {"nearest_match"},
    "densities.plane": {"Space", "carry"},
    "densities.temperature": {"Temperature", "UNITS", "at_target", "calibration_of", "unit_of_exponent"},
    "densities.transport": {"circular_map", "line_map"},
    "ranks.colour_figure": {"plane_figure"},
    "ranks.explorer": {"explorable"},
    "ranks.report": {"explorer_parts"},
    "readings.calibration": {"LOWEST", "RESAMPLES", "Measured", "TemperatureFit", "root_mean_square"},
    "readings.colour_matching": {"ColourMatch", "Densities", "space_of"},
    "readings.fields": {"PLACEMENTS", "FieldCurve", "rank_by_field"},
    "readings.ranking": {"rank", "thinned"},
    "readings.reading": {"FIELD", "PLANE", "default_reading"},
    "readings.scales": {"Ranking"},
    "readings.trivial": {"equal_contrast", "veridical"},
}
_FOR_PEOPLE = ("illusions.analyses.battery.", "illusions.analyses.experiment.", "illusions.analyses.predictions")


def test_predictors_for_people_see_readings_and_not_their_insides():
    """They use results of readings, not how a sweep is scored, averaged over placements or cut on a circle."""
    allowed = {f"illusions.analyses.{module}.{name}" for module, names in _SURFACE.items() for name in names}
    rooms = tuple(f"illusions.analyses.{name}." for name in ("densities", "readings", "ranks"))
    used = {
        (module, name)
        for module in _FILES
        if module.startswith(_FOR_PEOPLE)
        for name in imports(module).at_once | imports(module).later | imports(module).for_types
        if name.startswith(rooms)
    }
    assert not [f"{module} → {name}" for module, name in sorted(used) if name not in allowed]
    assert {name for _, name in used} == allowed, "a name that is not used any more is not allowed, either"


def test_predictors_for_people_use_no_private_attribute_of_another():
    """``curve._log_mass`` is an inside, too; ``self._x`` and a private function of the same module are not."""
    wrong = []
    for module in _FILES:
        if module.startswith(_FOR_PEOPLE):
            tree = ast.parse(_FILES[module].read_text(encoding="utf-8"))
            own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_self(node.value)}
            wrong += [
                f"{module}: .{node.attr}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr.startswith("_") and node.attr not in own
                if not node.attr.endswith("__")
            ]
    assert not wrong


def is_self(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def test_numbers_do_not_draw():
    """Densities and readings reach no module that draws or makes pages: notebooks get theirs by registration."""
    for module in _FILES:
        if module.startswith(("illusions.analyses.densities.", "illusions.analyses.readings.")):
            for there, way in reached(module, knows).items():
                names = imports(there).at_once | imports(there).later | imports(there).for_types
                assert not any(name.split(".")[0] == "matplotlib" for name in names), " → ".join([*way, "matplotlib"])


def test_stimuli_never_reach_torch():
    for module in _FILES:
        if room(module) in ("", "stimuli") and module != "illusions":
            for there, way in reached(module).items():
                names = imports(there).at_once | imports(there).later
                assert not any(name.split(".")[0] == "torch" for name in names), " → ".join([*way, "torch"])


def test_what_computes_does_not_import_what_phrases():
    wrong = [
        f"{module} → {there}"
        for module in _FILES
        if computes(module)
        for there in sorted(runs(module))
        if there.rpartition(".")[2] == _WORDS
    ]
    assert not wrong
