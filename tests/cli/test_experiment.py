from __future__ import annotations

import json

import pytest

from illusions.analyses.experiment import page as pages

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture
def bundle(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "page.html").write_text("<script>{{configuration}}</script>", "utf-8")
    monkeypatch.setattr(pages, "_BUNDLES", (folder, folder))


@pytest.mark.usefixtures("bundle")
def test_a_page_is_written(run, tmp_path):
    arguments = ("experiment", "brightness-contrast", "white", "--repetitions", 2, "-o", "out/page.html")
    status, out, err = run(*arguments)
    assert (status, out, err) == (0, "wrote out/page.html\n", "")
    page = (tmp_path / "out" / "page.html").read_text("utf-8")
    configuration = json.loads(page.removeprefix("<script>").removesuffix("</script>"))
    assert [stimulus["name"] for stimulus in configuration["stimuli"]] == ["brightness-contrast", "white"]
    assert configuration["repetitions"] == 2
    assert configuration["command"] == f"illusions {' '.join(map(str, arguments))}"
    assert configuration["models"] == [{"name": "fake", "temperature": 36, "unit": "field"}]
    assert len(configuration["predictions"]) == 4


@pytest.mark.usefixtures("bundle")
def test_stimuli_are_read_as_match_reads_them(run, tmp_path):
    status, _, err = run("experiment", "white", "hue-contrast", "-o", "page.html")
    assert status == 0
    assert "read as in the paper" not in err
    page = (tmp_path / "page.html").read_text("utf-8")
    configuration = json.loads(page.removeprefix("<script>").removesuffix("</script>"))
    read = [(found["unit"], found["temperature"]) for found in configuration["models"]]
    assert read == [("field", 36), ("field", 154)]


@pytest.mark.usefixtures("bundle")
def test_a_page_that_is_no_html_file_is_refused(run, tmp_path):
    status, _, err = run("experiment", "white", "-o", "page")
    assert status == 2
    assert "page: a page is a file that ends in .html; expected, say, page/page.html" in err
    assert not list(tmp_path.iterdir())


def test_without_the_bundle_the_command_says_how_to_make_it(run, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "_BUNDLES", (tmp_path / "a", tmp_path / "experiment" / "dist"))
    status, _, err = run("experiment", "white", "-o", "page.html")
    assert status == 2
    assert "make experiment" in err
    assert not list(tmp_path.iterdir())
