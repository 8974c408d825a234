"""Write every page that is made, into `docs/generated/`. What has not changed is not built again."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from made import carried, commands, content_keys, gallery, published, tables

ROOT = Path(__file__).parents[2]
FOLDER = "generated"


def write(docs: Path) -> None:
    """Make all pages, and remove those that nothing makes any more."""
    folder = docs / FOLDER
    made: dict[str, str | bytes] = {}
    for room in (carried, commands, content_keys, gallery, published, tables):
        made.update(room.pages(ROOT))
    for name, content in made.items():
        data = content.encode() if isinstance(content, str) else content
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    kept = {folder / name for name in made} | set((folder / "inventories").glob("*"))
    for path in [path for path in folder.rglob("*") if path.is_file() and path not in kept]:
        path.unlink()
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            shutil.rmtree(path)


def fingerprint(root: Path) -> str:
    """Of all that tutorials and claims run: the code and the content. It changes when one byte of these does."""
    hashed = hashlib.sha256()
    for room in ("illusions", "stimuli", "models", "analyses"):
        for path in sorted((root / room).rglob("*")):
            if path.is_file() and path.suffix in {".py", ".toml", ".safetensors", ".j2"}:
                hashed.update(f"{path.relative_to(root)} {path.stat().st_size}".encode() + path.read_bytes())
    return hashed.hexdigest()[:16]
