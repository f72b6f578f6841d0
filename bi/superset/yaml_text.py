"""YAML as the committed export has it."""

from __future__ import annotations

from typing import Any

import yaml


class Dumper(yaml.SafeDumper):
    """YAML with text of several lines as such, and no references, which Superset does not write either."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a list out wherever it is, though it is one and the same."""
        return True


def write_text(dumper: Dumper, text: str) -> yaml.Node:
    """A string, as a block where it has several lines."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, write_text)


def dump(content: Any) -> str:
    """Content as YAML text."""
    return yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
