"""What a publication is, and the rules that hold wherever it is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timezone
from typing import Any, Iterable, Sequence

# what BI reads; `state` goes along for the next build, not for readers (see state_before)
READ_SCHEMAS = ("marts", "reference", "quality")
STATE_SCHEMA = "state"
KEPT = 7

# the alerts, with what a message about them says beside
ALERTS_QUERY = """
select alerts.*, actions.value_at_stake, settings.value as currency, publication.as_of_date
from {marts}.lifecycle_alerts as alerts
cross join {reference}.publication as publication
left join {marts}.customer_actions as actions
    on alerts.brand_id = actions.brand_id and alerts.customer_id = actions.customer_id
left join {reference}.brand_settings as settings
    on alerts.brand_id = settings.brand_id and settings.setting = 'currency'
"""


class ExitCode:
    """What the command ends with, for schedulers."""

    DONE = 0
    BUILD_FAILED = 1
    WRONG_USAGE = 2
    NOTHING_TO_PUBLISH = 3
    PUBLISHING_FAILED = 4
    NOT_ALL_SENT = 5
    LOCKED = 75  # EX_TEMPFAIL of sysexits.h: try again later


class PublishError(Exception):
    """What the user is told, without a traceback, and the exit code that goes with it."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Relation:
    """A table or view of the build, and the schema of the publication that takes it."""

    schema: str
    name: str
    published_schema: str

    @property
    def published_name(self) -> str:
        return f"{self.published_schema}.{self.name}"


@dataclass(frozen=True)
class BuildRecord:
    """What dbt recorded at the end of a build of everything that passed all its tests (macros/publishing)."""

    invocation_id: str
    as_of_date: date
    only_brand: str | None
    relations: tuple[Relation, ...]

    @classmethod
    def of_rows(cls, rows: Sequence[tuple]) -> BuildRecord:
        """The record in the rows of `publishing.last_build`. Raises where there are none, or no date."""
        if not rows:
            raise PublishError(
                "There is no complete, tested build to publish: the last one failed, was stopped, or built a part. "
                "Nothing was published; build first.",
                ExitCode.NOTHING_TO_PUBLISH,
            )
        invocation_id, as_of_date, only_brand = rows[0][:3]
        if as_of_date is None:
            raise PublishError(
                "The build has no as_of_date: there is not one order in it. Nothing was published.",
                ExitCode.NOTHING_TO_PUBLISH,
            )
        return cls(invocation_id, as_of_date, only_brand or None, tuple(Relation(*row[3:]) for row in rows))


RECORD_QUERY = (
    "select invocation_id, as_of_date, only_brand, relation_schema, relation_name, published_schema from {table} "
    "order by published_schema, relation_name"
)


@dataclass(frozen=True)
class Publication:
    """A publication as it is listed. `state_schemas` says which schema of the build each table of state belongs to."""

    publication_id: str
    as_of_date: date
    published_at: datetime
    invocation_id: str
    rows: dict[str, int] = field(default_factory=dict)
    state_schemas: dict[str, str] = field(default_factory=dict)
    is_current: bool = False
    is_withdrawn: bool = False

    def to_json(self) -> str:
        """The publication as one line of JSON; `is_current` is left to the store, which knows."""
        values = asdict(self)
        values.pop("is_current")
        return json.dumps(values, default=_json_value, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Publication:
        """The publication that to_json wrote. Raises ValueError or KeyError where the text is not one."""
        values = json.loads(text)
        values["as_of_date"] = date.fromisoformat(values["as_of_date"])
        values["published_at"] = datetime.fromisoformat(values["published_at"])
        return cls(**values)


def _json_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def new_publication(record: BuildRecord, earlier: Iterable[Publication]) -> Publication:
    """The publication that a build becomes: its id sorts by date, then by when it was published, and is new."""
    taken = {publication.publication_id for publication in earlier}
    while True:
        now = datetime.now(timezone.utc)
        publication_id = f"{record.as_of_date:%Y%m%d}_{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
        if publication_id not in taken:
            return Publication(publication_id, record.as_of_date, now, record.invocation_id)


def with_contents(publication: Publication, record: BuildRecord, counts: dict[str, int]) -> Publication:
    """The publication with what was copied into it: the rows of what readers see, and where state belongs.

    Takes: the build that was copied; the number of rows of each relation by its published name. Raises: where there is
    no customer at all.
    """
    if counts.get("marts.customers") == 0:
        raise PublishError(
            "There is not one customer in the build: the raw tables are others than were meant, or all their rows were "
            "rejected, or lie after as_of_date. Nothing was published.",
            ExitCode.NOTHING_TO_PUBLISH,
        )
    state = [relation for relation in record.relations if relation.published_schema == STATE_SCHEMA]
    state_names = {relation.published_name for relation in state}
    return replace(
        publication,
        rows={name: count for name, count in counts.items() if name not in state_names},
        state_schemas={relation.name: relation.schema for relation in state},
    )


def shown_next(candidate: Publication, current: Publication | None) -> bool:
    """Whether readers should see this publication: never one of an earlier day than they see now."""
    return current is None or candidate.as_of_date >= current.as_of_date


def state_before(publications: Iterable[Publication], as_of_date: date | None) -> Publication | None:
    """The publication whose state a build of this day starts from.

    State is what one build hands to the next: the history of loyalty classes, fitted parameters. A build of a day takes
    it from the newest day before, so that the same day built twice starts, and ends, the same. Where none before is
    kept, the same day's is taken, which holds the history too. Withdrawn publications count no more.
    Takes: what is published; the day, or none where the data decide it. Gives: a publication, or none.
    """
    usable = [publication for publication in publications if not publication.is_withdrawn]
    if as_of_date is None:
        usable = [publication for publication in usable if publication.is_current]
    before = [publication for publication in usable if as_of_date is None or publication.as_of_date < as_of_date]
    same = [publication for publication in usable if publication.as_of_date == as_of_date]
    return max(before or same, key=lambda found: (found.as_of_date, found.published_at), default=None)


def to_drop(publications: Iterable[Publication], keep: int) -> list[Publication]:
    """Those that are kept no longer: all but the `keep` published last, and never the one that readers see."""
    by_age = sorted(publications, key=lambda publication: publication.published_at, reverse=True)
    return [publication for publication in by_age[keep:] if not publication.is_current]


def withdrawn_by(restored: Publication, publications: Iterable[Publication]) -> list[Publication]:
    """Those that restoring this one takes back: what was published after it."""
    return [other for other in publications if other.published_at > restored.published_at]


def the_publication(publications: Iterable[Publication], publication_id: str) -> Publication:
    """The publication of this id. Raises where it is not kept, naming those that are."""
    found = {publication.publication_id: publication for publication in publications}
    if publication_id not in found:
        raise PublishError(
            f"There is no publication {publication_id}; kept are: {', '.join(sorted(found)) or 'none'}.",
            ExitCode.WRONG_USAGE,
        )
    return found[publication_id]


def check_meant(record: BuildRecord, as_of_date: date | None, only_brand: str | None) -> None:
    """Raises where the build that is there is of another day, or of other brands, than was meant."""
    if record.only_brand != only_brand:
        built, meant = (f"brand {name} by itself" if name else "all brands" for name in (record.only_brand, only_brand))
        raise PublishError(
            f"The last complete build is of {built}, not of {meant}. Nothing was published.", ExitCode.NOTHING_TO_PUBLISH
        )
    if as_of_date is not None and record.as_of_date != as_of_date:
        raise PublishError(
            f"The last complete build is of {record.as_of_date}, not of {as_of_date}. Nothing was published.",
            ExitCode.NOTHING_TO_PUBLISH,
        )
