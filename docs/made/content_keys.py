"""Every key of every kind of content file: what it takes from the schemas of the code, what it means from the files.

The files explain their keys in comments. A key means what its schema says, else what the comment above it says: in a
file of its kind, else in the file that explains what all kinds share.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from illusions.analyses.claims import loading as analyses
from illusions.analyses.claims.sources import Source
from illusions.analyses.densities.temperature import Temperature
from illusions.models.calibration import Calibration
from illusions.models.recipe import Recipe
from illusions.stimuli import loading as stimuli
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.scenes.shapes import Polygon, Ring, Silhouette

#: What stands for a type of ours in TOML.
_WRITTEN = {
    Colour: 'a colour: `"#808080"`, `{ hsv = [h, s, v] }`, `{ lab = [L, a, b] }` or `{ dkl = [L+M, L-M, S-(L+M)] }`',
    Axis: "an axis: `brightness`, `saturation`, `hue`, `lightness`, `chroma`, `a`, `b`, `l-m` or `s-lm`",
    Ring: "`{ ring = 0.5 }`",
    Polygon: "`{ polygon = [[x, y], …] }`",
    Silhouette: '`{ mask = "file.png" }`',
    Temperature: "a temperature: nats, or a name such as `bits-per-dim`",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
}
#: The file that explains what all kinds share.
_SHARED = {"stimuli": "brightness-contrast.toml", "analyses": "brightness-match.toml"}
#: What a key means where neither schema nor file says it, by room and name, or by kind and name where kinds differ.
_SAID_HERE = {
    ("stimuli", "title"): "what it shows, in a line: in lists, figures and reports",
    ("stimuli", "description"): "what to see, in a few sentences",
    ("stimuli", "reference"): "the condition in which all the others are matched; left out, every one in every other",
    ("stimuli", "source"): "where the illusion was published, and what of its geometry is ours",
    ("benary", "cross.colour"): "of the cross",
    ("benary", "cross.background"): "around the cross",
    ("benary", "cross.cross_thickness"): "across an arm, in sides of the target",
    ("checkerboard", "board.first"): "of every other check",
    ("checkerboard", "board.second"): "of the checks between",
    ("cornsweet", "edge.first"): "on the left side of the edge",
    ("cornsweet", "edge.second"): "on the right side of the edge",
    ("dungeon", "conditions.NAME.cells"): "of the cells that do not belong to the target",
    ("dungeon", "conditions.NAME.background"): "of the gaps between all cells, and around them",
    ("grating", "grating.first"): "of every other bar",
    ("grating", "grating.second"): "of the bars between",
    ("induction", "grating.first"): "at one extreme of the sine",
    ("induction", "grating.second"): "at the other extreme of the sine",
    ("mach", "ramp.ramp_width"): "from plateau to plateau, in sides of the target",
    ("pictures", "picture"): "of the conditions that name none, seen from the file",
    ("pictures", "mask"): "of the conditions that name none, seen from the file",
    ("pictures", "pixels_per_degree"): "of visual angle, the same in all pictures",
    ("pictures", "target.colour"): "what all targets get; left out, their median colour, which is then the same",
    (
        "pictures",
        "target.size",
    ): "the longer side of each, in pixels of the patch; left out, 6, or more where a picture ends before",
    ("pictures", "conditions.NAME.picture"): "in place of the one of the whole file",
    ("pictures", "conditions.NAME.mask"): "in place of the one of the whole file",
    ("pictures", "conditions.NAME.target"): "the label of the target, in a mask that has several",
    ("gradient", "gradient.second"): "to the right",
    (
        "gradient",
        "conditions.NAME.position",
    ): "of the middle of the shape: 0 where the gradient begins, 1 where it ends",
    ("photograph", "target.size"): "in pixels of the patch of 16×16 that a model sees",
    ("photograph", "target.extent"): "side or diameter, in pixels of the photograph",
    ("rings", "rings.first"): "of every other ring",
    ("rings", "rings.second"): "of the rings between",
    ("rings", "rings.background"): "around the rings",
    ("staircase", "staircase.first"): "of the leftmost step",
    ("staircase", "staircase.second"): "of the rightmost step",
    ("todorovic", "conditions.NAME.background"): "behind the target",
    ("todorovic", "conditions.NAME.covers"): "of the four squares that cover corners of the target",
    ("analyses", "title"): "the heading of the figure",
    ("analyses", "topic"): "the heading on the page of all figures; topics stand in the order of their first figures",
    ("analyses", "order"): "the place on the page of all figures",
    ("analyses", "model"): "a name in `models/`, or a folder that holds a model",
    ("analyses", "temperature"): "at which ranks are read",
    ("match", "model"): "in place of that of the reading: a name in `models/`, or a folder",
    ("match", "temperature"): "in place of that of the reading",
    ("match", "higher"): "the condition on which the target should rank higher",
    ("match", "lower"): "the other one; its target is set to match that on `higher`",
    ("training", "model"): "whose `log.csv` is drawn",
    ("analyses", "each"): "how many random patches of each photograph are looked at",
    ("bounds", "stimuli"): "two or more, of known direction; by the most samples only the first is scored",
    ("bounds", "settings"): "hue settings in `stimuli/published/`",
    ("bounds", "field"): "by which hues are read: side of the patch, degrees of visual angle",
    ("bounds", "hue_temperature"): "T at which hues are read, nats per pixel of the target",
    ("bounds", "model"): "the flow: a name in `models/`, or a folder",
    ("bounds", "autoencoder"): "a variational autoencoder: a name in `models/`, or a folder",
    ("extremes", "shown"): "how many patches of each end are shown",
    ("exaggeration", "target.centre"): "x and y of what stays as it is, in pixels of the crop",
    ("exaggeration", "target.extent"): "its side or diameter, in pixels of the crop",
    ("exaggeration", "target.shape"): "its shape",
    ("grid-map", "bars"): "of the bars",
    ("grid-map", "blocks"): "of what lies between the bars",
    ("samples", "n"): "how many are drawn at each temperature of the prior",
    ("samples", "prior_temperatures"): "factors on the standard deviation of the latents",
    ("sensitivity", "axis"): "`brightness` or `saturation`: what target and surrounds differ in",
    ("sensitivity", "target"): "the colour of the target",
    ("sensitivity", "temperature"): "where nothing else is varied",
    ("sensitivity", "vary.temperature"): "temperatures, one after the other",
    ("sensitivity", "vary.size"): "sides of the target, in pixels of the patch",
    ("sensitivity", "vary.models"): "models; left out, every model that is shipped",
    ("analyses", "claim.source"): "who claims something, as the page says it",
    ("analyses", "claim.text"): "what is claimed",
    ("analyses", "claim.answers"): "which claim of which file in `analyses/sources/` is put to the test: `paper.2`",
    (
        "analyses",
        "claim.change_percent",
    ): "the number that the source gives, if it does: by how many per cent the match differs from the target",
    ("analyses/sources", "order"): "the place on the page of all figures",
    ("analyses/sources", "claims.text"): "one claim; claims are numbered from 1",
    ("analyses/sources", "claims.untested"): "why no figure can put it to the test",
    ("analyses/sources", "claims.note"): "what the figures leave open",
}


class Key(NamedTuple):
    """A key of a content file.

    Attributes:
        name: with its tables: ``target.size``.
        takes: what may stand there.
        default: what holds where it is left out; ``"required"`` where it must not be.
        means: what it says; empty where nothing explains it.
    """

    name: str
    takes: str
    default: str
    means: str


def pages(root: Path) -> dict[str, str]:
    """The page of all keys."""
    return {"content.md": "\n".join(_page(root))}


def kinds(adapter: TypeAdapter[Any]) -> dict[str, type[BaseModel]]:
    """The schemas of a union that is told apart by ``kind``, by that key."""
    union, *_ = typing.get_args(adapter._type)
    return {typing.get_args(schema.model_fields["kind"].annotation)[0]: schema for schema in typing.get_args(union)}


def every_key(root: Path) -> dict[tuple[str, str], list[Key]]:
    """The keys of every kind, by the folder of content and the kind."""
    found = {}
    for room, union in (("stimuli", stimuli._FAMILIES), ("analyses", analyses._KINDS)):
        shared = _comments([root / room / _SHARED[room]])
        for kind, schema in sorted(kinds(union).items()):
            files = [
                path for path in sorted((root / room).glob("*.toml")) if f'kind = "{kind}"' in path.read_text("utf-8")
            ]
            found[room, kind] = list(_keys(schema, shared | _comments(files) | _said_here(room, kind)))
    for kind, schema in (("recipe.toml", Recipe), ("calibration.toml", Calibration)):
        found["models", kind] = list(_keys(schema, {}))
    comments = _comments([root / "analyses" / "sources" / "paper.toml"])
    found["analyses/sources", "a source"] = list(_keys(Source, comments | _said_here("analyses/sources", "")))
    return found


def _said_here(room: str, kind: str) -> dict[str, str]:
    return {key: words for where in (room, kind) for (place, key), words in _SAID_HERE.items() if place == where}


def _page(root: Path) -> Iterator[str]:
    yield "# Content files"
    yield ""
    yield (
        "A stimulus, a model or a figure is a TOML file. A key that is unknown, of the wrong type or out of range is "
        "refused, and the message names the file and the key. This page is made from the schemas that check them."
    )
    titles = {
        "stimuli": ("Stimuli", "`stimuli/NAME.toml`. The key `kind` names the family."),
        "models": ("Models", "A folder `models/NAME/` with these files, weights and a card."),
        "analyses": ("Figures and reports", "`analyses/NAME.toml`. The key `kind` names what is measured and drawn."),
        "analyses/sources": ("Sources", "`analyses/sources/NAME.toml`: who claims what."),
    }
    before = ""
    for (room, kind), keys in every_key(root).items():
        if room != before:
            yield from ("", f"## {titles[room][0]}", "", titles[room][1])
            before = room
        yield from (
            "",
            f"### {kind}",
            "",
            *_introduction(root, room, kind),
            "| key | takes | if left out | means |",
            "|---|---|---|---|",
        )
        for key in keys:
            yield "| " + " | ".join(_cell(part) for part in (f"`{key.name}`", key.takes, key.default, key.means)) + " |"
    yield ""


def _introduction(root: Path, room: str, kind: str) -> Iterator[str]:
    """What a kind is: the head of the file that explains it, and its link."""
    for path in sorted((root / room).glob("*.toml")):
        text = path.read_text("utf-8")
        if f'kind = "{kind}"' in text and head(text):
            yield from (f"{head(text)} See [`{path.name}`](../../{room}/{path.name}).", "")
            return


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _keys(schema: type[BaseModel], comments: Mapping[str, str], under: str = "") -> Iterator[Key]:
    for name, field in schema.model_fields.items():
        place = f"{under}{name}"
        table, path = _table(field.annotation)
        if table is not None:
            yield from _keys(table, comments, f"{place}{path}.")
            continue
        means = field.description or comments.get(place, "")
        if name == "kind" and not means:
            means = "which kind of file this is"
        yield Key(place, _takes(field), _default(field), means)


def _table(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The schema of the table that a key holds, if it holds one, and how its name goes on."""
    for part in _options(annotation):
        origin, arguments = typing.get_origin(part), typing.get_args(part)
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, ""
        if origin is dict and isinstance(arguments[1], type) and issubclass(arguments[1], BaseModel):
            return arguments[1], ".NAME"
        if origin in (tuple, list) and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
            return arguments[0], ""
    return None, ""


def _options(annotation: Any) -> list[Any]:
    """What a union may be, without None; of anything else itself, without its annotations."""
    if typing.get_origin(annotation) is Annotated:
        return _options(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [part for each in typing.get_args(annotation) for part in _options(each) if part is not type(None)]
    return [annotation]


def _takes(field: FieldInfo) -> str:
    return " or ".join(dict.fromkeys(_in_words(part) for part in _options(field.annotation))) + _limits(
        _metadata(field)
    )


def _metadata(field: FieldInfo) -> list[Any]:
    """The limits of a field, also where they are written inside of its union."""
    found = list(field.metadata)
    for part in typing.get_args(field.annotation):
        if typing.get_origin(part) is Annotated:
            for each in typing.get_args(part)[1:]:
                found += each.metadata if isinstance(each, FieldInfo) else [each]
    return found


def _in_words(part: Any) -> str:
    origin, arguments = typing.get_origin(part), typing.get_args(part)
    if part in _WRITTEN:
        return _WRITTEN[part]
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (tuple, list):
        if arguments[-1] is Ellipsis or origin is list:
            return f"a list of: {_each(arguments[0])}"
        return f"[{', '.join(_each(each) for each in arguments)}]"
    return "text" if origin is None and not isinstance(part, type) else getattr(part, "__name__", str(part)).lower()


def _each(annotation: Any) -> str:
    return " or ".join(_in_words(part) for part in _options(annotation))


def _limits(metadata: list[Any]) -> str:
    words = []
    for each in metadata:
        for kind, attribute, sign in ((Ge, "ge", "≥"), (Gt, "gt", ">"), (Le, "le", "≤"), (Lt, "lt", "<")):
            if isinstance(each, kind):
                words.append(f"{sign} {getattr(each, attribute):g}")
        if isinstance(each, MinLen):
            words.append(f"at least {each.min_length}" if each.min_length > 1 else "not empty")
    return f", {', '.join(words)}" if words else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=False)
    if default is None or default == "" or default == ():
        return "nothing"
    if isinstance(default, Temperature):
        return f"`{default.asked}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _comments(files: list[Path]) -> dict[str, str]:
    """By key: the comment above it, in the first file that has one."""
    found: dict[str, str] = {}
    for path in files:
        for key, words in _comments_of(path.read_text(encoding="utf-8")):
            found.setdefault(key, words)
    return found


def _comments_of(text: str) -> Iterator[tuple[str, str]]:
    """Each key, with its table, and the comment that stands right above it."""
    table, words = "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            words = f"{words} {line[1:].strip()}".strip()
        elif heading := re.match(r"\[+([\w.-]+)\]+", line):
            table = re.sub(r"^conditions\.[\w-]+", "conditions.NAME", heading.group(1)) + "."
            # Above the first condition stands what its key means.
            words = words if table == "conditions.NAME." else ""
        else:
            key = re.match(r"([\w-]+) = ", line)
            if key and words and key.group(1) != "kind":
                yield f"{table}{key.group(1)}", words
            words = ""


def head(text: str) -> str:
    """The comment at the beginning of a file: what its kind is. Without what every file says."""
    lines = [line[1:].strip() for line in re.match(r"(#.*\n)*", text).group().splitlines()]  # type: ignore[union-attr]
    said = " ".join(line for line in lines if not line.startswith("illusions "))
    return re.split(r" ?(?:The other keys are|The keys are|Copy this|A stimulus is one file)", said)[0]
