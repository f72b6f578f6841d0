"""The commands and queries of the documents: finding them, and checking those that a test does not run.

A fenced block names its language: sh, sql, yaml, python; or text, csv, mermaid for what is only shown. Every block of
the first four is run, unless a comment on the line before it says otherwise:

    <!-- not run: REASON -->          only checked: programs, files, options, make targets, settings, names
    <!-- run by: make examples -->    only checked here; `make examples` runs it, as it builds a warehouse
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml
from dbt.cli.main import cli as dbt_cli

import project
from customer_lifecycle.cli import lifecycle

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/*.md",
    "docs/marts/*.md",
    "examples/*/README.md",
    "orchestration/airflow/README.md",
    "bi/superset/README.md",
    "benchmarks/README.md",
]
RUN = ("sh", "sql", "yaml", "python")
SHOWN = ("text", "csv", "mermaid")
BLOCK = re.compile(
    r"(?:^(?P<comment>[ ]*<!--[^\n]*-->)\n)?^(?P<indent>[ ]*)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
NOT_RUN = re.compile(r"<!-- not run: (\S.*\S) -->")
RUN_ELSEWHERE = "<!-- run by: make examples -->"
IN_LINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Example:
    """A fenced block: where it is, its language, its text without indentation, and whether a test may run it."""

    page: str
    line: int
    language: str
    text: str
    comment: str

    @property
    def is_run(self) -> bool:
        """Whether every run of the tests runs it."""
        return self.language in RUN and not self.comment

    @property
    def builds(self) -> bool:
        """Whether only `make examples` runs it."""
        return self.comment == RUN_ELSEWHERE

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """The documents, as paths in the project."""
    return [
        path.relative_to(project.ROOT).as_posix() for pattern in PAGES for path in sorted(project.ROOT.glob(pattern))
    ]


def examples_of(page: str, text: str) -> list[Example]:
    """The fenced blocks of a page, in order."""
    found = []
    for match in BLOCK.finditer(text):
        comment = (match["comment"] or "").strip()
        indent = match["indent"]
        found.append(
            Example(
                page,
                text[: match.start("indent")].count("\n") + 1,
                match["language"],
                "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True)),
                comment if comment == RUN_ELSEWHERE or NOT_RUN.fullmatch(comment) else "",
            )
        )
    return found


def examples() -> list[Example]:
    """The fenced blocks of all documents."""
    return [example for page in pages() for example in examples_of(page, (project.ROOT / page).read_text("utf-8"))]


def commands_in_line(page: str) -> list[str]:
    """The commands that a page names in its text: whole ones, of programs of this project."""
    text = BLOCK.sub("", (project.ROOT / page).read_text("utf-8"))
    return [
        code
        for code in IN_LINE.findall(text)
        if "…" not in code
        and re.match(r"(make|dbt|lifecycle|python|pip|\.ci/run|(scripts|tools|tests)/[\w/]+\.py) ", code)
    ]


# Taking a script of the shell apart

A_DAY = "2026-06-30"  # what the documents put in by another command or a variable is a day


def commands_of(script: str) -> list[list[str]]:
    """The commands of a script, each as its words: of pipes, lists, loops and `$(...)`, too.

    Knows as much of the shell as the documents use.
    """
    script = re.sub(r"\\\n\s*", " ", script)
    script = "\n".join(
        re.sub(r"(?:^|\s)#\s.*$", "", line) if line.count('"') % 2 == 0 else line for line in script.split("\n")
    )
    lexer = shlex.shlex(script, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("();<>|&\n"):
            found.append([])
        else:
            found[-1].append(word)
    commands = []
    for words in found:
        while words and words[0] in ("do", "then"):
            words = words[1:]
        for word in words:
            # what another command gives
            for inner in re.findall(r"\$\((.*?)\)", word):
                commands += commands_of(inner)
        if words and words[0] not in ("for", "done", "eval"):
            commands.append([re.sub(r"^\$\(.*\)$|^\$day$", A_DAY, word) for word in words])
    return commands


# Checking a command without running it


class Wrong(Exception):
    """A command that could not run as it is written."""


def must(condition: object, message: str) -> None:
    """Raises Wrong with the message where the condition does not hold."""
    if not condition:
        raise Wrong(message)


MADE = ("lifecycle.duckdb", "landing", "publications", "reports", "target", "benchmarks/data", "benchmarks/out", "next")
OTHER_PROGRAMS = {
    "break",
    "cp",
    "mkdir",
    "date",
    "psql",
    "openssl",
    "source",
    ".",
    "cd",
    "airflow",
    "superset",
    "gunicorn",
    "pre-commit",
}
# scripts that are the command, or one of its subcommands, without installing it
SHIMS = {"publish.py": [], "report.py": ["report"]}
INSTALLED_PROJECT = "dbt_packages/customer_lifecycle/"


class Checker:
    """Checks commands of a page.

    Takes dbt's manifest as written to manifest.json; a function that gives what is wrong with vars of dbt, as messages;
    and one that gives the commands that make would run for its arguments.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        var_problems: Callable[[dict[str, Any]], list[str]],
        made_by: Callable[[list[str]], str],
    ) -> None:
        self.manifest, self.var_problems, self.made_by = manifest, var_problems, made_by
        self.folder = project.ROOT

    def script(self, script: str, folder: Path = project.ROOT) -> None:
        """Checks the commands of a script that is run in a folder of the project. Raises Wrong for the first wrong
        one."""
        self.folder = folder
        for words in commands_of(script):
            try:
                self.command(words)
            except Wrong as error:
                raise Wrong(f"{shlex.join(words)}: {error}") from None

    def command(self, words: list[str]) -> None:
        """Checks a command. Raises Wrong."""
        words = list(words)
        if words[0] == "export":
            words = words[1:]
            must(all("=" in word for word in words), "export without a value")
        while words and re.match(r"\w+=", words[0]):
            self.variable(words.pop(0).partition("=")[0])
        if not words:
            return
        program, arguments = words[0].rpartition("/")[2], words[1:]
        checks: dict[str, Callable[[list[str]], None]] = {
            "make": self.make,
            "dbt": self.dbt,
            "lifecycle": self.lifecycle,
            "python": self.python,
            "python3": self.python,
            "pip": self.pip,
            "mf": self.metricflow,
            "run": self.ci,
            "pytest": self.paths,
            "mkdocs": self.paths,
            "xargs": lambda command: self.command([*command, "ID"]),
        }
        if program.endswith(".py"):
            self.python(words)
        elif program in checks:
            checks[program](arguments)
        else:
            must(program in OTHER_PROGRAMS, f"{program} is no program that the documents may use")
            if program == "cd":
                self.folder = (self.folder / arguments[0]).resolve()
                must(self.folder.is_dir(), f"there is no folder {arguments[0]}")
            elif program == "airflow":
                self.airflow(arguments)

    def variable(self, name: str) -> None:
        """A variable of the environment that the project names is one that its code reads."""
        if name.startswith("LIFECYCLE_"):
            must(re.search(rf"\b{name}\b", code_of_the_project()), f"nothing reads {name}")

    def file(self, path: str) -> Path:
        """A file that a command names. Raises Wrong where it is not there."""
        path = path.removeprefix(INSTALLED_PROJECT)
        found = self.folder / path
        if not found.exists():
            found = project.ROOT / path
        must(found.exists(), f"there is no {path}")
        return found

    def paths(self, arguments: list[str]) -> None:
        """The files of the project that arguments name are there; what a run makes need not be."""
        for argument in arguments:
            path = argument.partition("=")[2] if argument.startswith("--") else argument
            if re.fullmatch(r"[\w./-]+/[\w./-]+", path) and not path.startswith(MADE) and not path.startswith("/"):
                self.file(path)

    def make(self, arguments: list[str]) -> None:
        """Its targets and variables are in the Makefile, and so is what it would run right."""
        makefile = (project.ROOT / "Makefile").read_text("utf-8")
        for argument in arguments:
            name, is_variable, _ = argument.partition("=")
            if is_variable:
                must(re.search(rf"^{name} \?=", makefile, re.MULTILINE), f"the Makefile has no variable {name}")
            elif not argument.startswith("-"):
                must(re.search(rf"^{name}:.*## ", makefile, re.MULTILINE), f"make has no target {name}")
        if not any(argument.startswith("PYTHON=") for argument in arguments):
            for line in self.made_by(arguments).splitlines():
                if re.match(r"\S+/(python|dbt|lifecycle) (?!-m (pip|venv) )", line):
                    self.command(shlex.split(line))

    def understood(self, command: click.Command, arguments: list[str]) -> click.Context:
        """What a program of click understands of arguments, down to the last subcommand. Raises Wrong where it does
        not."""
        context = parsed(command, arguments)
        try:
            while isinstance(command, click.Group):
                # until click 9 the command itself stands apart
                rest = [*getattr(context, "_protected_args", []), *context.args]

                must(rest, f"{command.name} without a command")
                _name, found, rest = command.resolve_command(context, rest)
                command = found or command
                context = parsed(command, rest, context)
        except click.UsageError as error:
            raise Wrong(error.format_message()) from None
        return context

    def dbt(self, arguments: list[str]) -> None:
        """dbt has the command and the options; vars are right; the target is in profiles.yml."""
        context = self.understood(dbt_cli, arguments)
        if given := context.params.get("vars"):
            problems = self.var_problems(given)
            must(not problems, "; ".join(problems))
        if target := context.params.get("target"):
            profile = yaml.safe_load((project.ROOT / "profiles.yml").read_text("utf-8"))
            must(target in profile["customer_lifecycle"]["outputs"], f"profiles.yml has no target {target}")
        if macro := context.params.get("macro"):
            must(f"macro.customer_lifecycle.{macro}" in self.manifest["macros"], f"there is no macro {macro}")

    def python(self, arguments: list[str]) -> None:
        """A script that is there and has the options; or a program of one line, which compiles."""
        must(arguments, "python without a script")
        if arguments[0] == "-c":
            try:
                compile(arguments[1], "-c", "exec")
            except SyntaxError as error:
                raise Wrong(str(error)) from None
        elif arguments[0] == "-m":
            must(arguments[1] in ("venv", "pip"), f"python -m {arguments[1]}")
        else:
            script = self.file(arguments[0])
            if script.name in SHIMS:
                self.lifecycle([*SHIMS[script.name], *arguments[1:]])
            else:
                source = source_of(script)
                for argument in arguments[1:]:
                    if argument.startswith("--"):
                        option = argument.partition("=")[0]
                        must(f'"{option}"' in source, f"{script.name} has no option {option}")
            self.paths(arguments[1:])

    def lifecycle(self, arguments: list[str]) -> None:
        """The project's command takes the arguments, and the vars in them are right."""
        # a sentence may speak of a command without its arguments
        if not arguments or (len(arguments) == 1 and arguments[0] in [*lifecycle.commands, "--help"]):
            return
        arguments = [argument for argument in arguments if argument != "--help"]
        context = self.understood(lifecycle, arguments)
        problems = self.var_problems(context.params.get("vars") or {})
        must(not problems, "; ".join(problems))

    def pip(self, arguments: list[str]) -> None:
        """The files of requirements are there."""
        for flag, value in itertools.pairwise(arguments):
            if flag in ("-r", "--requirement"):
                self.file(value)

    def ci(self, arguments: list[str]) -> None:
        """Steps of .ci/run."""
        steps = re.findall(r"^about (\w+) ", (project.ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
        for step in arguments:
            must(step in steps, f".ci/run has no step {step}")

    def metricflow(self, arguments: list[str]) -> None:
        """The metrics, saved queries and dimensions of a query are in the semantic layer."""
        known = {
            "--metrics": {node["name"] for node in self.manifest["metrics"].values()},
            "--saved-query": {node["name"] for node in self.manifest["saved_queries"].values()},
            "--group-by": {
                part["name"]
                for node in self.manifest["semantic_models"].values()
                for part in [*node["dimensions"], *node["entities"]]
            }
            | {node["primary_entity"] for node in self.manifest["semantic_models"].values()}
            | {"metric_time", "month", "quarter", "week", "year", "day"},
        }
        for flag, value in itertools.pairwise(arguments):
            if flag in known:
                for name in value.split(","):
                    parts = name.split("__") if flag == "--group-by" else [name]
                    for part in parts:
                        must(part in known[flag], f"the semantic layer has no {part}")
            elif flag == "--where":
                for name in re.findall(r"\b(?:Entity|Dimension|TimeDimension)\('(\w+)'", value):
                    for part in name.split("__"):
                        must(part in known["--group-by"], f"the semantic layer has no {part}")
            else:
                must(not flag.startswith("--"), f"{flag} is not known here")

    def airflow(self, arguments: list[str]) -> None:
        """Names of this project are those that its DAG uses."""
        source = "".join(
            path.read_text("utf-8") for path in (project.ROOT / "orchestration/airflow/dags").rglob("*.py")
        )
        for argument in arguments:
            if re.fullmatch(r"(customer_)?lifecycle\w*", argument):
                must(f'"{argument}"' in source, f"the DAG knows no {argument}")


def parsed(command: click.Command, arguments: list[str], parent: click.Context | None = None) -> click.Context:
    """What a command of click understands of arguments. Raises Wrong where it does not."""
    try:
        return command.make_context(command.name, list(arguments), parent=parent)
    except click.UsageError as error:
        raise Wrong(error.format_message()) from None


def source_of(script: Path) -> str:
    """The text of a script and of the modules beside it that it imports."""
    text = script.read_text("utf-8")
    for name in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE):
        for path in (script.with_name(f"{name}.py"), *script.with_name(name).glob("*.py")):
            if path.is_file() and path != script:
                text += path.read_text("utf-8")
    return text


_code: list[str] = []


def code_of_the_project() -> str:
    """All code and configuration that may read the environment, as one text."""
    if not _code:
        folders = ("macros", "models", "scripts", "src", "tools", "orchestration", "bi", "examples")
        files = [
            path
            for folder in folders
            for suffix in ("py", "sql", "yml")
            for path in (project.ROOT / folder).rglob(f"*.{suffix}")
        ]
        _code.append("".join(path.read_text("utf-8") for path in [*files, project.ROOT / "profiles.yml"]))
    return _code[0]


# Settings in YAML


def yaml_problems(
    settings: Any,
    manifest: dict[str, Any],
    brand_problems: Callable[[dict[str, Any]], list[str]],
    brand_settings: set[str],
) -> Iterator[str]:
    """What is wrong with a block of YAML: settings of a brand, or part of dbt_project.yml, profiles.yml, packages.yml.

    Takes what it holds; the manifest; a function that gives what is wrong with vars; the names of a brand's settings.
    """
    if not isinstance(settings, dict):
        yield "is no map"
        return
    if set(settings) <= brand_settings:
        yield from brand_problems({"brands": {"my_shop": settings}})
        return
    paths: dict[str, set[tuple[str, ...]]] = {}
    for kind, section in (
        ("models", "nodes"),
        ("seeds", "nodes"),
        ("metrics", "metrics"),
        ("semantic-models", "semantic_models"),
        ("saved-queries", "saved_queries"),
    ):
        paths[kind] = {
            tuple(node["fqn"])
            for node in manifest[section].values()
            if section != "nodes" or node["resource_type"] == kind[:-1]
        }
    for key, value in settings.items():
        if key == "vars":
            given = value.get("customer_lifecycle", value)
            yield from brand_problems(given)
        elif key in paths:
            for path in configured(value):
                if path[0] == "customer_lifecycle" and not any(fqn[: len(path)] == path for fqn in paths[key]):
                    yield f"{key}: nothing lies at {'.'.join(path)}"
        elif key == "flags":
            known = {option.name for option in dbt_cli.params} | {"require_ref_searches_node_package_before_root"}
            yield from (f"dbt has no flag {name}" for name in value if name not in known)
        elif key == "dispatch":
            known = {"macro_namespace", "search_order"}
            yield from (f"dispatch has no {name}" for rule in value for name in rule if name not in known)
        elif key == "packages":
            known = {"git", "revision", "local", "package", "version"}
            yield from (f"a package has no {name}" for package in value for name in package if name not in known)
        elif set(value) == {"target", "outputs"}:
            if value["target"] not in value["outputs"]:
                yield f"{value['target']} is not among the outputs"
        else:
            yield f"{key} is no setting of a brand, and of no file that the documents show"


def configured(section: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of folders and nodes in a section of dbt_project.yml, without their configurations."""
    for key, value in section.items():
        if not key.startswith("+"):
            yield (*path, key)
            yield from configured(value, (*path, key))
