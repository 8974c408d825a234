"""``illusions figures``: every figure, and a page that explains them."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from click.core import ParameterSource

from illusions.cli.loading import refuse_twins
from illusions.cli.options import examples, model_options, output_option


@click.command(
    epilog=examples("illusions figures -o figures", "illusions figures saturation-match --temperature exact -o out")
)
@click.argument("analyses", nargs=-1, metavar="[ANALYSIS…]")
@output_option
@model_options
@click.pass_context
def command(
    context: click.Context,
    analyses: tuple[str, ...],
    output: Path,
    model: str,
    temperature: str | float,
    device: str,
    seed: int,
) -> None:
    """Every figure, and a page that explains them.

    Writes each ANALYSIS (a name in 'illusions list', or a .toml file of your own; without any, all of them) as PNG and
    PDF, and index.html: what the source claims, what was measured, and whether it holds. --model and --temperature,
    where given, replace those in the files.
    """
    from illusions.analyses.analysis import load_analysis, run_analysis
    from illusions.analyses.figures import save_figure
    from illusions.analyses.index import index_page
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder
    from illusions.cli.watched import watched_model
    from illusions.content import names
    from illusions.stimuli.stimulus import load_stimulus

    given = analyses or names("analyses")
    refuse_twins("analysis", [Path(name).stem for name in given])
    loaded = [(name, load_analysis(name)) for name in given]
    findings = {}
    with output_folder(output) as out:
        for name, analysis in loaded:
            chosen = model if _is_given(context, "model") else analysis.model
            reading = temperature if _is_given(context, "temperature") else analysis.temperature
            with watched_model(chosen, device, [load_stimulus(analysis.stimulus)]) as scorer:
                finding = run_analysis(analysis, scorer, temperature=reading, seed=seed)
            stem = Path(name).stem
            save_figure(finding.draw(f"{finding.caption} {finding.measured}"), out.staged, stem)
            again = ["figures", name, "--model", chosen, "--temperature", reading, "--seed", seed, "-o", output]
            findings[stem] = (finding, shlex.join(["illusions", *map(str, again)]))
        page = index_page(findings, command=context.obj)
        (out.staged / "index.html").write_text(page, encoding="utf-8")
    show_written(out.written)


def _is_given(context: click.Context, option: str) -> bool:
    return context.get_parameter_source(option) is not ParameterSource.DEFAULT
