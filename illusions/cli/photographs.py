"""Options and messages of commands that read a folder of photographs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from illusions.decoding import Notes, clipped_in_words, noted

#: Where a context keeps the notes on the pictures that a command has read.
_NOTES = "illusions.cli.photographs.notes"
#: Largest number of skipped files that are named.
_MOST_REASONS = 3

#: ``--photos DIR``
photos_option = click.option(
    "--photos",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of photographs. Every tenth photograph is held out for validation. If the folder has the subfolders "
    "train and validation, the photographs in validation are held out instead.",
)


def show_grey(grey: int, files: int) -> None:
    """Say on standard error the number of photographs without colour, for a model that sees colour."""
    if grey:
        click.echo(
            f"{grey} of {files} photographs are grey: they teach the model that colours are rare",
            err=True,
        )


def show_photographs(files: Sequence[Path], reasons: Sequence[str], name: str, *, always: bool = False) -> None:
    """Say on standard error the number of photographs used, the share of JPEG files, and the skipped files.

    Args:
        files: that were to be read.
        reasons: of every skipped file, why.
        name: what the photographs are for.
        always: whether the numbers are said although no file is JPEG; `--json` has them always.
    """
    from illusions.cli.console import show_counts

    noted = _notes().pictures
    read = [noted[str(file)] for file in files if str(file) in noted]
    used, jpeg = len(files) - len(reasons), sum(picture.jpeg for picture in read)
    share = jpeg / max(1, len(read))
    said = f"{name}: {used} of {len(files)} photographs used, {100 * share:.3g} % of them JPEG files"
    show_counts(
        "photographs",
        {"photographs": name, "files": len(files), "used": used, "jpeg_share": share},
        said if always or jpeg else "",
    )
    _show_skipped(reasons, len(files))


def _show_skipped(reasons: Sequence[str], files: int) -> None:
    """Say on standard error the number of skipped files and the first reasons."""
    if not reasons:
        return
    click.echo(f"{len(reasons)} of {files} files could not be used as photographs:", err=True)
    for reason in reasons[:_MOST_REASONS]:
        click.echo(f"  {reason}", err=True)
    if len(reasons) > _MOST_REASONS:
        click.echo(f"  and {len(reasons) - _MOST_REASONS} more", err=True)


def collect_notes(context: click.Context) -> None:
    """From here on collect what is noted of the pictures that a command reads."""
    context.meta[_NOTES] = context.with_resource(noted())


def _notes() -> Notes:
    notes: Notes = click.get_current_context().meta[_NOTES]
    return notes


def show_notes() -> None:
    """Say on standard error which colours were clipped, and which files of folders were passed over."""
    from illusions.cli.console import show_counts

    notes = _notes()
    for sentence in clipped_in_words(notes.pictures):
        click.echo(sentence, err=True)
    for file, picture in notes.pictures.items():
        for target, share in ((None, picture.clipped), *picture.targets.items()):
            if picture.clipped:
                show_counts("clipped", {"picture": file, "target": target, "clipped": share}, "")
    if others := sum(notes.passed_over.values(), Counter[str]()):
        listed = ", ".join(f"{n} {suffix or 'without a suffix'}" for suffix, n in others.most_common())
        click.echo(f"files of other kinds were passed over: {listed}", err=True)
