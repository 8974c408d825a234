"""The site: how Sphinx builds it. `make docs` does, without a network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tutorials run beside each other
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # for what they run

from made import carried, pages, results  # noqa: E402
from made.inventories import write_inventories  # noqa: E402

import illusions  # noqa: E402

project = "illusions"
author = "The illusions authors"
copyright = author
version = release = illusions.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx_autodoc_typehints",
    "sphinx_design",
]
exclude_patterns = ["made", "gallery"]
nitpicky = True
default_role = "code"  # docstrings put names in single back-ticks

html_theme = "furo"
html_title = f"illusions {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
# What ran is kept until the notebook, the code or the content changes.
nb_execution_cache_path = str(HERE.parent / ".doctrees" / f"notebooks-{pages.fingerprint(HERE.parent)}")
nb_execution_in_temp = True
nb_execution_timeout = 1200  # seconds a cell may take, on a busy machine too
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_number_source_lines = False

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_typehints_format = "short"
napoleon_use_ivar = True
typehints_document_rtype = False
typehints_use_signature_return = True
always_use_bars_union = True
typehints_defaults = "comma"

# Names of others that the reference names, with their addresses: no inventory is fetched.
intersphinx_mapping = write_inventories(HERE / "generated" / "inventories")
# Types of ours that are not of the public surface, and type variables.
nitpick_ignore_regex = [(r"py:.*", r"(illusions\.|numpy\._typing\.|_|Ellipsis).*"), (r"py:.*", r"pd\.DataFrame|Axes")]


def setup(app):
    """What is made, before Sphinx looks for pages; and two turns that pages and docstrings need."""
    app.connect("config-inited", _substitute)
    app.connect("builder-inited", lambda app: pages.write(Path(app.srcdir)))
    app.connect("source-read", _turn_links)
    app.connect("autodoc-process-docstring", _keep, priority=100)
    app.connect("autodoc-process-docstring", _take_back, priority=900)


def _substitute(app, config):
    """A draft, in which tutorials do not run (`-D nb_execution_mode=off`), has no verdicts either."""
    config.myst_substitutions = results.substitutions(HERE.parent, run=config.nb_execution_mode != "off")


def _turn_links(app, name, source):
    """Links of pages to documents elsewhere in the repository lead to the pages of these."""
    if not name.startswith(pages.FOLDER):
        source[0] = carried.turn_links(HERE.parent, source[0], HERE / name, f"docs/{name}")


_KEPT = {}


def _keep(app, what, name, obj, options, lines):
    """Napoleon takes what stands before the first colon of a property for its type: `Shape (n,): …`."""
    if what == "property":
        _KEPT[name] = list(lines)


def _take_back(app, what, name, obj, options, lines):
    if name in _KEPT:
        lines[:] = _KEPT.pop(name)
