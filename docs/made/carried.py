"""Documents that lie elsewhere in the repository, with their links turned to where the same things are in the site."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: Where a document of the repository stands in the site, from `docs/generated/`.
CARRIED = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "experiment/README.md": "page-of-the-experiment.md",
    "stimuli/photographs/README.md": "photographs.md",
    "stimuli/published/README.md": "published/index.md",
}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def pages(root: Path) -> dict[str, str]:
    """By the name in `docs/generated/`: the text of each document."""
    places = CARRIED | {
        f"models/{card.parent.name}/README.md": f"models/{card.parent.name}.md"
        for card in sorted(root.glob("models/*/README.md"))
    }
    return {place: _with_links(root, root / source, place, places) for source, place in places.items()}


def _with_links(root: Path, source: Path, place: str, places: dict[str, str]) -> str:
    """The text, whose links lead to pages of the site, or else to the files themselves, which the site offers."""
    folder = Path("docs/generated") / Path(place).parent

    def turned(link: re.Match[str]) -> str:
        words, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link.group()
        path, _, anchor = target.partition("#")
        aimed = (source.parent / path).resolve().relative_to(root.resolve()).as_posix()
        if aimed == "README.md" or (root / aimed).is_dir():
            return words
        found = f"docs/generated/{places[aimed]}" if aimed in places else aimed
        return f"[{words}]({os.path.relpath(found, folder)}{'#' * bool(anchor)}{anchor})"

    return _LINK.sub(turned, source.read_text(encoding="utf-8"))
