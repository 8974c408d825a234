"""``--threads``: kept where it is read, and used where something is scored, as PyTorch is imported for it."""

from __future__ import annotations

import click

#: Where a context keeps the number.
_THREADS = "illusions.cli.threads"


def keep_threads(context: click.Context, _: click.Parameter, threads: int | None) -> None:
    """Keep the number of threads until patches are scored."""
    if threads is not None:
        context.meta[_THREADS] = threads


def use_threads() -> None:
    """Score in as many threads as were asked for, if any were."""
    context = click.get_current_context(silent=True)
    threads = None if context is None else context.meta.get(_THREADS)
    if threads is not None:
        from illusions.models.threads import set_threads

        set_threads(threads)
