"""How publishing and restoring go, wherever publications are kept."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from customer_lifecycle.alerting.sender import Record

from . import publication as rules
from .erasure import Customer, Erased, alert_ids_of, ids_in
from .files import write_to_disk
from .publication import AcceptedRows, BuildRecord, ExitCode, Publication, PublishError

SECONDS_TO_WAIT = 600  # for another publication, which is a matter of moments


class Store(Record):
    """Where builds are made and publications kept: DuckDB files, or a Postgres database.

    `only_brand` is the brand that is published by itself, or none; `schema_prefix` what the build's schemas begin with.
    """

    only_brand: str | None
    schema_prefix: str
    has_parquet = False

    def publish(
        self, as_of_date: date | None, keep: int, with_parquet: bool, accept_row_drop: bool = False
    ) -> Publication:
        """Publishes the last build. The caller holds the build lock.

        Takes: the day that it must be of, or none; how many publications are kept; whether as Parquet files too (and so
        from then on); whether it may have far fewer rows than the publication before. Gives: the publication, current
        or not (rules.shown_next); for a build that is published already, that one. Raises: where there is no complete,
        tested build, or of another day; where rows are missing; where something that is no publication has the name of
        one.
        """
        if with_parquet and not self.has_parquet:
            raise PublishError("Parquet files are published from DuckDB alone.", ExitCode.WRONG_USAGE)
        with self._changing():
            record = self._record()
            rules.check_meant(record, as_of_date, self.only_brand)
            earlier = self.publications()
            published = next((found for found in earlier if found.invocation_id == record.invocation_id), None)
            if published is None:
                rules.check_start(self._start(), earlier)
                if not accept_row_drop:
                    self._check_rows(record, earlier)
                published = self._write(record, rules.new_publication(record, earlier))
            current = next((found for found in earlier if found.is_current), None)
            with self._saying_what_is_shown(published, current):
                if not published.is_withdrawn and rules.shown_next(published, current):
                    self._show(published, with_parquet)
                    published = replace(published, is_current=True)
                self._drop(rules.to_drop(self.publications(), keep))
            return published

    def restore(self, publication_id: str, wait: float = SECONDS_TO_WAIT) -> Publication:
        """Shows an earlier publication again and withdraws those after it; does all of it, or, where it raises,
        nothing.

        Takes: its id; the seconds to wait for a publication under way. Raises where it is not kept, or is damaged.
        """
        with self._changing(wait):
            kept = self.publications()
            restored = replace(rules.the_publication(kept, publication_id), is_withdrawn=False)
            current = next((found for found in kept if found.is_current), None)
            with self._saying_what_is_shown(restored, current):
                self._restore(
                    restored, [replace(other, is_withdrawn=True) for other in rules.withdrawn_by(restored, kept)]
                )
            return replace(restored, is_current=True)

    def _check_rows(self, record: BuildRecord, earlier: Sequence[Publication]) -> None:
        """Raises where far fewer rows were accepted than in the publication that this build is compared with."""
        compared = rules.compared_with(record.as_of_date, earlier)
        if compared is None or rules.RECONCILIATION not in compared.rows:
            return
        reconciliation = next(
            (found for found in record.relations if found.published_name == rules.RECONCILIATION), None
        )
        if reconciliation is not None:
            now, before = self._accepted_rows(reconciliation, compared)
            rules.check_rows(record, now, compared, before)

    def _noted_alerts(self, stores: Iterable[Store], customer: Customer, noted: Path) -> set[str]:
        """The ids of alerts about a customer that are on record. A file notes them until they are gone from the record,
        as the publications that know them, of all these stores, are rewritten before."""
        alerts: set[str] = set()
        types: set[str] = set()
        with suppress(FileNotFoundError, ValueError, TypeError):
            alerts |= set(json.loads(noted.read_text(encoding="utf-8")))
        for store in stores:
            for publication in store.publications():
                if "marts.lifecycle_alerts" in publication.rows:
                    of_customer, all_types = store._alerts_of(publication, customer)
                    alerts |= of_customer
                    types |= all_types
        alerts |= alert_ids_of(customer, types, date.today())
        alerts &= self.sent_alerts() | ids_in(self.alert_events())
        if alerts:
            write_to_disk(noted, json.dumps(sorted(alerts)))
        return alerts

    @contextmanager
    def _saying_what_is_shown(self, publication: Publication, before: Publication | None) -> Iterator[None]:
        """Lets errors pass, and says so where the publication is shown for all that."""
        try:
            yield
        except Exception as error:
            is_shown = False
            with suppress(Exception):
                is_shown = any(
                    found.is_current and found.publication_id == publication.publication_id
                    for found in self.publications()
                )
            if not is_shown or (before is not None and before.publication_id == publication.publication_id):
                raise
            raise PublishError(
                f"{type(error).__name__}: {error}; but readers see {publication.publication_id} already, and all of "
                "it. "
                "The next command does what is left.",
                ExitCode.PUBLISHING_FAILED,
            ) from error

    @abstractmethod
    def build_lock(self, wait: float, to_write: bool = True) -> AbstractContextManager[int | None]:
        """The right to build; it ends with this process, however that ends.

        Takes: the seconds to wait for it; whether the build is to be written, or only read. Gives: a descriptor that
        holds it, for dbt to hold too, where there is one. Raises: where somebody else has it, or has the build open.
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
    def damage_of(self, publication: Publication) -> str:
        """What is wrong with what is kept of a publication; nothing where it is as it was published. Reads all of
        it."""

    @abstractmethod
    def alerts(self) -> list[dict[str, Any]]:
        """The alerts of the current publication, the gravest first. Raises where nothing is published."""

    @abstractmethod
    def forget(self, customer: Customer, build_schemas: Sequence[str], wait: float) -> Erased:
        """Removes a customer from the build, from all publications, and from the record of sent alerts.

        The caller holds the build lock. Stopped on the way, it goes on where it was when it is called again. Takes: the
        customer; the schemas that dbt builds in; the seconds to wait for those who would still see them.
        """

    def _alerts_of(self, publication: Publication, customer: Customer) -> tuple[set[str], set[str]]:
        """The ids of a publication's alerts about a customer, and the types of all its alerts."""
        raise NotImplementedError

    @abstractmethod
    def _changing(self, wait: float = SECONDS_TO_WAIT) -> AbstractContextManager[None]:
        """The right to change publications, for one at a time."""

    @abstractmethod
    def _record(self) -> BuildRecord:
        """What dbt recorded of the last build. Raises where there is nothing."""

    @abstractmethod
    def _start(self) -> str | None:
        """The id of the publication whose state the build started from; none where there was none."""

    @abstractmethod
    def _accepted_rows(
        self, reconciliation: rules.Relation, compared: Publication
    ) -> tuple[AcceptedRows, AcceptedRows]:
        """The accepted rows of the build, of which the reconciliation is given, and of a publication."""

    @abstractmethod
    def _write(self, record: BuildRecord, publication: Publication) -> Publication:
        """Writes a publication where nobody reads it yet. Gives it with its counts of rows."""

    @abstractmethod
    def _show(self, publication: Publication, with_parquet: bool) -> None:
        """Makes a kept publication the one that readers see, all of it at once. Raises, changing nothing, where it is
        not as it was published."""

    @abstractmethod
    def _restore(self, restored: Publication, withdrawn: Iterable[Publication]) -> None:
        """Shows a kept publication again and records which are withdrawn: both or nothing, however it is stopped."""

    @abstractmethod
    def _drop(self, publications: Iterable[Publication]) -> None:
        """Drops publications that nobody is shown."""
