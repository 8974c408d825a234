from __future__ import annotations

import matplotlib.figure
import pandas as pd
import pytest

from illusions.analyses.claims.analysis import Claim, Finding
from illusions.analyses.claims.index import index_page
from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.claims.sources import Source, answers, load_sources, outcome
from illusions.content import names
from illusions.errors import InputError

SOURCES = {
    "paper": Source.model_validate(
        {
            "title": "the paper",
            "order": 1,
            "claims": [
                {"text": "First.", "note": "In part."},
                {"text": "Second."},
                {"text": "Third.", "untested": "Why not."},
            ],
        }
    )
}


def finding(answer, verdict="holds", title="A title"):
    claim = Claim(source="s", text="c", answers=answer)
    draw = lambda text: matplotlib.figure.Figure((1, 1))  # noqa: E731
    return Finding(title, claim, "Measured.", verdict, "Caption.", pd.DataFrame(), draw)


def test_every_claim_of_the_sources_is_answered_or_said_to_be_untested():
    answered = {}
    for name in names("analyses"):
        claim = getattr(load_analysis(name), "claim", None)
        if claim is not None:
            answered.setdefault(claim.answers, []).append(name)
    claims = {
        f"{name}.{number}": claim
        for name, source in load_sources().items()
        for number, claim in enumerate(source.claims, start=1)
    }
    assert list(load_sources()) == ["paper", "article"]
    assert set(answered) <= set(claims)
    for number, claim in claims.items():
        assert (number in answered) != bool(claim.untested), number


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "does not hold"], "holds in part"),
        (["holds", "undecided"], "holds in part"),
        (["does not hold", "undecided"], "does not hold"),
        (["undecided"], "undecided"),
        (["holds in direction, not in size"], "holds in direction, not in size"),
        ([], "cannot be tested here"),
    ],
)
def test_what_became_of_a_claim_over_its_figures(verdicts, expected):
    assert outcome(verdicts) == expected


def test_claims_that_were_not_asked_about_are_left_out():
    [(source, rows)] = answers(SOURCES, {"one": finding("paper.1"), "two": finding("paper.1", "does not hold")})
    assert source is SOURCES["paper"]
    assert [(row.number, row.outcome, list(row.findings)) for row in rows] == [
        (1, "holds in part", ["one", "two"]),
        (3, "cannot be tested here", []),
    ]
    assert answers(SOURCES, {"mine": finding(None)}) == []


def test_an_unknown_claim_is_named():
    with pytest.raises(InputError, match=r"no claim is called 'paper.4'; did you mean 'paper"):
        answers(SOURCES, {"one": finding("paper.4")})


def test_the_page_begins_with_the_main_figure_then_the_claims_folded():
    first, second = finding("paper.1"), finding("paper.1", "does not hold", "Another title")
    topics = {"A topic": {"one": (first, "illusions figures one")}, "More": {"two": (second, "illusions figures two")}}
    page = index_page(topics, answers(SOURCES, {"one": first, "two": second}), command="illusions figures")
    order = [
        "<figure>",
        "2 claims: 1 holds in part, 1 cannot be tested here",
        "<details><summary><strong>The paper",
        "First.",
        'class="verdict open">holds in part',
        "Why not.",
        "<h2>A topic</h2>",
        'id="one"',
        "<h2>More</h2>",
        'id="two"',
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert (page.count('href="#one"'), page.count('href="#two"')) == (3, 2)
    assert 'class="verdict open">cannot be tested here' in page
    without = index_page(topics, [], command="c")
    assert "2 claims" not in without
