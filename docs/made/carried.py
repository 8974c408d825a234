"""Documents that lie elsewhere in the repository, with their links turned to where the same things are in the site."""

from __future__ import annotations

import os
import re
from pathlib import Path

from illusions.stimuli.settings import settings_sets
from made import published

#: Where a document of the repository stands in the site, from `docs/generated/`.
CARRIED = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "experiment/README.md": "page-of-the-experiment.md",
    "stimuli/photographs/README.md": "photographs.md",
    "stimuli/published/README.md": "published/index.md",
}
#: Files whose content is explained on a page that is made from them.
MADE_FROM = {
    "illusions/columns.py": "tables.md",
    "illusions/cli/__init__.py": "commands.md",
    "stimuli": "gallery/index.md",
    "stimuli/brightness-contrast.toml": "content.md",
}
#: What stands beneath some of them.
_BENEATH = {
    "published/index.md": "\n```{toctree}\n:hidden:\n\n" + "\n".join([*published.SETS, *settings_sets()]) + "\n```\n",
}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def pages(root: Path) -> dict[str, str]:
    """By the name in `docs/generated/`: the text of each document."""
    made = {}
    for source, place in _places(root).items():
        text = (root / source).read_text(encoding="utf-8")
        made[place] = turn_links(root, text, root / source, f"docs/generated/{place}") + _BENEATH.get(place, "")
    return made


def turn_links(root: Path, text: str, source: Path, place: str) -> str:
    """The text, whose links lead to pages of the site, or else to the files themselves, which the site offers.

    Args:
        root: of the repository.
        text: with links as seen from its file.
        source: that file.
        place: where the text stands, as seen from the root.
    """
    places = _places(root) | MADE_FROM

    def turned(link: re.Match[str]) -> str:
        words, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link.group()
        path, _, anchor = target.partition("#")
        file = (source.parent / path).resolve()
        aimed = file.relative_to(root.resolve()).as_posix()
        if aimed not in places and (aimed == "README.md" or file.is_dir()):
            return words
        found = f"docs/generated/{places[aimed]}" if aimed in places else aimed
        return f"[{words}]({os.path.relpath(found, Path(place).parent)}{'#' * bool(anchor)}{anchor})"

    return _LINK.sub(turned, text)


def _places(root: Path) -> dict[str, str]:
    cards = sorted(root.glob("models/*/README.md"))
    return CARRIED | {f"models/{card.parent.name}/README.md": f"models/{card.parent.name}.md" for card in cards}
