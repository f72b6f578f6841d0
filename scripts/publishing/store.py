"""How publishing and restoring go, wherever publications are kept."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any, Iterable

from alerting.sender import Record

from . import publication as rules
from .publication import BuildRecord, ExitCode, Publication, PublishError


class Store(Record):
    """Where builds are made and publications kept: DuckDB files, or a Postgres database.

    `only_brand` is the brand that is published by itself, or none; `schema_prefix` what the build's schemas begin with.
    """

    only_brand: str | None
    schema_prefix: str
    has_parquet = False

    def publish(self, as_of_date: date | None, keep: int, with_parquet: bool) -> Publication:
        """Publishes the last build. The caller holds the build lock.

        Takes: the day that it must be of, or none; how many publications are kept; whether as Parquet files too (and so
        from then on). Gives: the publication, current or not (rules.shown_next); for a build that is published already,
        that one. Raises: where there is no complete, tested build, or of another day; where something that is no
        publication has the name of one.
        """
        if with_parquet and not self.has_parquet:
            raise PublishError("Parquet files are published from DuckDB alone.", ExitCode.WRONG_USAGE)
        with self._changing():
            record = self._record()
            rules.check_meant(record, as_of_date, self.only_brand)
            earlier = self.publications()
            published = next((found for found in earlier if found.invocation_id == record.invocation_id), None)
            if published is None:
                published = self._write(record, rules.new_publication(record, earlier))
            current = next((found for found in earlier if found.is_current), None)
            if not published.is_withdrawn and rules.shown_next(published, current):
                self._show(published, with_parquet)
                published = replace(published, is_current=True)
            self._drop(rules.to_drop(self.publications(), keep))
            return published

    def restore(self, publication_id: str) -> Publication:
        """Shows an earlier publication again and withdraws those after it. Raises where it is not kept."""
        with self._changing():
            kept = self.publications()
            restored = replace(rules.the_publication(kept, publication_id), is_withdrawn=False)
            withdrawn = [replace(other, is_withdrawn=True) for other in rules.withdrawn_by(restored, kept)]
            self._describe([*withdrawn, restored])
            self._show(restored, with_parquet=False)
            return replace(restored, is_current=True)

    @abstractmethod
    def build_lock(self, wait: float) -> AbstractContextManager[int | None]:
        """The right to build; it ends with this process, however that ends.

        Takes: the seconds to wait for it. Gives: a descriptor that holds it, for dbt to hold too, where there is one.
        Raises: where somebody else has it.
        """

    @abstractmethod
    def reset_state(self, as_of_date: date | None) -> None:
        """Puts the state that a build of this day starts from into the build; see rules.state_before.

        What a failed build, or one of another day, left of it is gone then, and with it the record of a build that had
        another. Before the first publication nothing changes.
        """

    @abstractmethod
    def publications(self) -> list[Publication]:
        """All that are kept, the newest first."""

    @abstractmethod
    def alerts(self) -> list[dict[str, Any]]:
        """The alerts of the current publication, the gravest first. Raises where nothing is published."""

    @abstractmethod
    def _changing(self) -> AbstractContextManager[None]:
        """The right to change publications, for one at a time."""

    @abstractmethod
    def _record(self) -> BuildRecord:
        """What dbt recorded of the last build. Raises where there is nothing."""

    @abstractmethod
    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        """Writes a publication where nobody reads it yet. Gives it with its counts of rows."""

    @abstractmethod
    def _describe(self, publications: Iterable[Publication]) -> None:
        """Writes anew what is said of publications."""

    @abstractmethod
    def _show(self, publication: Publication, with_parquet: bool) -> None:
        """Makes a kept publication the one that readers see, all of it at once."""

    @abstractmethod
    def _drop(self, publications: Iterable[Publication]) -> None:
        """Drops publications that nobody is shown."""
