"""``illusions figures``: every figure, and a page that explains them."""

from __future__ import annotations

import shlex
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from illusions.cli.loading import refuse_twins
from illusions.cli.options import examples, figures_options, model_options, output_option

if TYPE_CHECKING:
    from illusions.analyses.claims.analysis import Finding
    from illusions.analyses.densities.temperature import Temperature


@click.command(
    epilog=examples("illusions figures -o figures", "illusions figures saturation-match --temperature exact -o out")
)
@click.argument("analyses", nargs=-1, metavar="[ANALYSIS…]")
@output_option
@figures_options
@model_options
@click.pass_context
def command(
    context: click.Context,
    analyses: tuple[str, ...],
    output: Path,
    model: str,
    temperature: Temperature,
    device: str,
    seed: int,
) -> None:
    """Draw every figure, and list which published claims hold.

    ANALYSIS is a name in 'illusions list' or a .toml file of your own. By default all analyses run. Each writes its
    figure as PNG and PDF and its numbers as CSV.

    index.html lists every claim of Hirsch & Tal (2020) and of an article on Glow, and whether the models confirm it.
    Then it shows the figures by topic, each with its claim, measurement and verdict. --model and --temperature, if
    given, replace the model and the T in the files of the analyses.
    """
    from illusions.content import find, names, parse_toml

    given = analyses or names("analyses")
    for name in analyses:
        parse_toml(find("analyses", name))
    refuse_twins("analysis", [Path(name).stem for name in given])

    from illusions.analyses.claims.index import findings_frame, index_page
    from illusions.analyses.claims.loading import load_analysis
    from illusions.analyses.claims.sources import answers, load_sources
    from illusions.analyses.drawing.saving import save_figure
    from illusions.cli.console import show_rows, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import working
    from illusions.models.model import load_model

    replaced: dict[str, Any] = {
        option: value if context.get_parameter_source(option) is not ParameterSource.DEFAULT else None
        for option, value in (("model", model), ("temperature", temperature))
    }
    loaded = {name: load_analysis(name).read_with(**replaced) for name in given}
    loaded = dict(sorted(loaded.items(), key=lambda item: item[1].order))
    sources = load_sources()
    options = [f"--{option}={value}" for option, value in replaced.items() if value is not None]
    findings: dict[str, Finding] = {}
    topics: dict[str, dict[str, tuple[Finding, str]]] = {}
    with output_folder(output) as out:
        models = cache(partial(load_model, device=device))
        with working() as bars:
            for name, analysis in bars.each("analysis", list(loaded.items())):
                again = ["illusions", "figures", name, *options, f"--seed={seed}", "-o", str(output)]
                finding = findings[Path(name).stem] = analysis.run(models, seed=seed)
                topics.setdefault(analysis.topic, {})[Path(name).stem] = finding, shlex.join(again)
        for name, finding in findings.items():
            save_figure(finding.draw(f"{finding.caption} {finding.measured}"), out.staged, name)
            write_table(out.staged / f"{name}.csv", [finding.table])
        page = index_page(topics, answers(sources, findings), command=context.obj)
        (out.staged / "index.html").write_text(page, encoding="utf-8")
    show_rows("findings", findings_frame(findings))
    show_written(out.written)
