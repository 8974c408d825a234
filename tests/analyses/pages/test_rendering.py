from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd

from illusions.analyses.pages.rendering import html_table
from illusions.analyses.ranks.report import report_page
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import Ranking
from tests.analyses.fakes import FakeModel, contrast


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "srcset")]


def report(*stimuli):
    rankings = [Ranking(s, {s.scale: rank(s, FakeModel())}) for s in stimuli]
    return report_page(rankings, command="illusions rank <x>", settings={"temperature": "bits-per-dim"})


def test_a_report_works_offline():
    links = Links()
    page = report(contrast(), replace(contrast({"image": 0.3}), name="one"))
    links.feed(page)
    assert len(links.found) == 4  # two pictures, and of the one with two targets those alone and the proof
    assert all(link.startswith("data:image/png;base64,") for link in links.found)
    assert "http" not in page
    assert len(page.encode()) < 6e6
    assert 'name="viewport"' in page


def test_a_report_says_what_it_shows_and_how_it_was_made():
    page = report(contrast())
    assert "should look brighter" in page
    assert "must be set to brightness" in page
    assert "illusions rank &lt;x&gt;" in page
    assert "<dt>temperature</dt><dd>bits-per-dim</dd>" in page
    assert ">Simultaneous contrast in brightness</h2>" not in page
    assert report(contrast(), replace(contrast(), name="again")).count(">Simultaneous contrast in brightness</h2>") == 2


def test_several_temperatures_of_a_stimulus_share_its_curves():
    at_one = Ranking(contrast(), {2.0: rank(contrast(), FakeModel(), 500)})
    page = report_page([at_one, at_one.at_temperature(50.0)], command="c", settings={})
    assert page.count('data-curves="') == 1
    assert "T = 500: The targets are physically the same" in page
    assert "T = 50: The targets are physically the same" in page
    assert 'data-role="preset" value="50.0">' in page


def test_tables_are_escaped_and_missing_numbers_are_dashes():
    table = html_table(pd.DataFrame({"a<b": ["<i>"], "x": [float("nan")], "y": [True]}), "c")
    assert "<th>a&lt;b</th>" in table
    assert "<td>&lt;i&gt;</td>" in table
    assert '<td class="number">–</td>' in table
    assert "<td>yes</td>" in table
