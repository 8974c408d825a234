"""Check every link inside a built site: `python docs/made/links.py site` names those that lead nowhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that name another file.
_NAMING = {"href", "src", "data"}


class _Page(HTMLParser):
    """The links of a page, and what a link can point to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what a tag names, and what it is called."""
        for name, value in attributes:
            if not value:
                continue
            if name in _NAMING and tag != "base":
                self.links.append(value)
            elif name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)


def broken_links(site: Path) -> Iterator[tuple[Path, str]]:
    """Every page, and a link in it that leads to no file, or to no place in its page.

    Links to other hosts are left alone: a build knows no network.
    """
    pages = {path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            if parts.path.startswith("/"):  # would leave the folder when it is opened from a disk
                yield path, link
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            there = target.is_file()
            if anchor and target in pages:
                there = anchor in pages[target].anchors
            if not there:
                yield path, link


def main(site: Path) -> int:
    """Say which links are broken; 1 if there are any, or no page at all."""
    pages = len(list(site.rglob("*.html")))
    broken = list(broken_links(site))
    for path, link in broken:
        print(f"{path.relative_to(site.resolve())}: leads nowhere: {link}", file=sys.stderr)
    print(f"{pages} pages, {len(broken)} broken links")
    return 1 if broken or not pages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
