"""The claims of the sources with their verdicts: the first table of the page of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from illusions.analyses.claims.analysis import Finding, Verdict
from illusions.content import folder, read_toml
from illusions.errors import unknown_name

#: What becomes of a claim that no figure puts to the test.
UNTESTED: Literal["cannot be tested here"] = "cannot be tested here"
Outcome = Verdict | Literal["cannot be tested here"]


class SourceClaim(BaseModel):
    """One claim; ``untested`` says why no figure can test it, ``note`` what the figures leave open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    untested: str = ""
    note: str = ""


class Source(BaseModel):
    """A file in ``analyses/sources/``: who claims something, and every claim."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    #: The place on the page.
    order: float
    claims: Annotated[tuple[SourceClaim, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Answer:
    """A claim and its verdict."""

    number: int  #: of the claim in its source, from 1.
    claim: SourceClaim  #: what is claimed.
    outcome: Outcome  #: over all figures that put it to the test.
    findings: Mapping[str, Finding]  #: these figures, by the names of their analyses.


def load_sources() -> dict[str, Source]:
    """Every source by its name, which claims are known by (``paper.2``), in the order of the page.

    Raises:
        InputError: a file is not valid.
    """
    sources = {path.stem: read_toml(path, Source) for path in (folder("analyses") / "sources").glob("[!.]*.toml")}
    return dict(sorted(sources.items(), key=lambda item: item[1].order))


def answers(sources: Mapping[str, Source], findings: Mapping[str, Finding]) -> list[tuple[Source, list[Answer]]]:
    """The verdict on every claim that a figure tests, or that no figure can test.

    A claim that could be tested, but is not by any of these findings, is left out; and so is every claim that cannot be
    tested, if none of these findings answers a claim: then other figures were requested.

    Raises:
        InputError: a finding answers a claim that does not exist.
    """
    known = {f"{name}.{number}" for name, source in sources.items() for number in range(1, len(source.claims) + 1)}
    by_claim: dict[str, dict[str, Finding]] = {}
    for name, finding in findings.items():
        if finding.claim and finding.claim.answers:
            if finding.claim.answers not in known:
                raise unknown_name("claim", finding.claim.answers, known)
            by_claim.setdefault(finding.claim.answers, {})[name] = finding
    found = []
    for name, source in sources.items():
        rows = []
        for number, claim in enumerate(source.claims, start=1):
            about = by_claim.get(f"{name}.{number}", {})
            if about or (by_claim and claim.untested):
                rows.append(Answer(number, claim, outcome([finding.verdict for finding in about.values()]), about))
        if rows:
            found.append((source, rows))
    return found


def outcome(verdicts: list[Verdict | None]) -> Outcome:
    """The verdict on a claim over several figures: the common one if they agree, else in part if it holds in any."""
    given = {verdict for verdict in verdicts if verdict is not None}
    if not given:
        return UNTESTED
    if len(given) == 1:
        return given.pop()
    return "does not hold" if given == {"does not hold", "undecided"} else "holds in part"
