"""What makes the repository's Markdown a site: mkdocs calls these functions, see mkdocs.yml.

Pages are written for the repository: they link to each other and to files by their paths there. The hooks

- add the pages that lie outside docs/, each under its path in the repository,
- add a page for every file or folder that a page links to, so that no link leads nowhere,
- rewrite those links to the site's paths,
- and put dbt's documentation, which `make docs` has generated, below dbt/.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[3]
DBT_DOCS = ROOT / "target" / "static_index.html"
OUTSIDE_DOCS = [
    "README.md",
    "CONTRIBUTING.md",
    "DECISIONLOG.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "examples/*/README.md",
    "orchestration/airflow/README.md",
    "bi/superset/README.md",
    "benchmarks/README.md",
    "tools/sample/sources/README.md",
    "tests/data/README.md",
]
LANGUAGES = {".sql": "sql", ".yml": "yaml", ".yaml": "yaml", ".py": "python", ".csv": "text", ".txt": "text"}
SHOWN_LINES = 400  # of a file that is linked to; longer ones are data

FENCE = re.compile(r"^ *```")
COMMENT = re.compile(r" *<!--.*?-->\n?", re.DOTALL)
CODE = re.compile(r"(`[^`\n]*`)")
TARGET = re.compile(r"\]\(([^)\s]+)\)")
ITEM = re.compile(r"^( *)([-*]|\d+\.) +(?=\S)")


def site_path(path: str) -> str:
    """Where the file of the repository at the path is on the site, relative to its root."""
    file = ROOT / path
    if file.is_dir():
        # what a reader of the repository sees of a folder
        return site_path(f"{path}/README.md") if (file / "README.md").exists() else f"source/{path}/index.md"
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if any(file.match(str(ROOT / pattern)) for pattern in OUTSIDE_DOCS):
        return path
    return f"source/{path}.md"


def repository_path(page: str) -> str:
    """The path in the repository of the page at the path on the site."""
    return page if (ROOT / page).exists() else f"docs/{page}"


def linked(target: str, page: str) -> tuple[str, str] | None:
    """What a link on a page of the repository leads to: a path of the repository, and the anchor with its `#`.

    None for another host and for a heading of the same page. Raises PluginError where there is no such file.
    """
    path, hash_sign, anchor = target.partition("#")
    if not path or "://" in path or path.startswith("mailto:"):
        return None
    found = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    if found.startswith("..") or not (ROOT / found).exists():
        raise PluginError(f"{page} links to {target}, and there is no {found}")
    return found, hash_sign + anchor


def prose(markdown: str) -> list[tuple[bool, str]]:
    """The text in parts, with whether each is prose: fenced blocks and code in a line are not."""
    parts: list[tuple[bool, str]] = []
    block: list[str] = []
    fenced = False

    def flush(is_prose: bool) -> None:
        text = "".join(block)
        block.clear()
        if not is_prose:
            parts.append((False, text))
        else:
            parts.extend((index % 2 == 0, piece) for index, piece in enumerate(CODE.split(text)))

    for line in markdown.splitlines(keepends=True):
        if not FENCE.match(line):
            block.append(line)
        elif fenced:
            block.append(line)
            flush(False)
            fenced = False
        else:
            flush(True)
            block.append(line)
            fenced = True
    flush(not fenced)
    return parts


def for_python_markdown(markdown: str) -> str:
    """The text as the site's Markdown wants it, which is stricter than GitHub's.

    Comments go; lists and tables begin after an empty line; what belongs to an item of a list is indented by four.
    """
    lines: list[str] = []
    fenced, several_blocks, offset = False, False, 0
    for line in "".join(COMMENT.sub("", text) if is_prose else text for is_prose, text in prose(markdown)).splitlines():
        indent = len(line) - len(line.lstrip())
        item = ITEM.match(line)
        before = lines[-1] if lines else ""
        if not fenced and item and indent == 0 and (offset or not before.strip() or item[2] in ("-", "*", "1.")):
            if before.strip() and (not offset or several_blocks):
                lines.append("")
            offset, several_blocks = item.end(), False
        elif offset and indent >= min(offset, 2):
            several_blocks = several_blocks or not before.strip() or bool(FENCE.match(line))
            line = " " * (4 + max(indent - offset, 0)) + line.lstrip()
        elif line.strip() and not fenced:
            if offset and not before.strip():
                offset = 0
            if line.startswith("|") and before.strip() and not before.startswith("|"):
                lines.append("")
            if line.startswith("#"):
                offset = 0
        if FENCE.match(line):
            fenced = not fenced
        lines.append(line)
    return "\n".join(lines) + "\n"


def shown(path: str) -> str:
    """A page that shows a file, or lists a folder, of the repository."""
    file = ROOT / path
    if file.is_dir():
        names = sorted(child.name for child in file.iterdir() if child.is_file())
        return f"# {path}\n\n" + "".join(f"- `{name}`\n" for name in names)
    lines = file.read_text("utf-8").splitlines()
    cut = f"\nThe first {SHOWN_LINES} of {len(lines):,} lines.\n" if len(lines) > SHOWN_LINES else ""
    language = LANGUAGES.get(file.suffix, "text")
    text = "\n".join(lines[:SHOWN_LINES])
    return f"---\nsearch: {{exclude: true}}\n---\n# {path}\n{cut}\n````{language}\n{text}\n````\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/, the files that pages link to, and dbt's documentation."""
    for pattern in OUTSIDE_DOCS:
        for file in sorted(ROOT.glob(pattern)):
            path = file.relative_to(ROOT).as_posix()
            files.append(File.generated(config, path, content=file.read_text("utf-8")))
    targets = set()
    for page in files.documentation_pages():
        path = repository_path(page.src_uri)
        for is_prose, text in prose(page.content_string):
            found = [linked(target, path) for target in TARGET.findall(text)] if is_prose else []
            targets |= {target[0] for target in found if target}
    for path in sorted(targets):
        if site_path(path).startswith("source/"):
            files.append(File.generated(config, site_path(path), content=shown(path)))
    if not DBT_DOCS.exists():
        raise PluginError("dbt's documentation is not there: run `make docs` first")
    # dbt notes where the project lay when it was built; no reader needs to know
    text = DBT_DOCS.read_text("utf-8").replace(str(ROOT), "")
    files.append(File.generated(config, "dbt/index.html", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of a page, and its Markdown, for the site."""
    here = page.file.src_uri
    if here.startswith("source/"):
        return markdown
    path = repository_path(here)

    def rewritten(match: re.Match[str]) -> str:
        found = linked(match[1], path)
        if not found:
            return match[0]
        return f"]({posixpath.relpath(site_path(found[0]), posixpath.dirname(here) or '.')}{found[1]})"

    text = "".join(TARGET.sub(rewritten, text) if is_prose else text for is_prose, text in prose(markdown))
    return for_python_markdown(text)
