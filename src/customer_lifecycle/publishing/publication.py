"""What a publication is, and the rules that hold wherever it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

# what BI reads; `state` goes along for the next build, not for readers (see state_before)
READ_SCHEMAS = ("marts", "reference", "quality")
STATE_SCHEMA = "state"
KEPT = 7
ID = re.compile(r"\d{8}_\d{17}")
RECONCILIATION = "quality.input_reconciliation"
# what decides over which rows of which brand a build reads; see the macro record_build
RAW_SETTINGS = ("raw_dir", "raw_schema", "raw_database", "raw_project")

# why a damaged publication stops a command
START_FROM = (
    "The build would start from its state. Nothing was changed. Restore a publication before it, which withdraws it, "
    "or put its tables back."
)
REWRITE = "It could not be said any more what was published. Nothing was changed."
SHOW = "Nothing was changed; readers see what they saw before."

# the alerts, with what a message about them says beside
ALERTS_QUERY = """
select
    alerts.*,
    actions.value_at_stake,
    currencies.value as currency,
    languages.value as language,
    names.value as display_name,
    publication.as_of_date
from {marts}.lifecycle_alerts as alerts
cross join {reference}.publication as publication
left join {marts}.customer_actions as actions
    on alerts.brand_id = actions.brand_id and alerts.customer_id = actions.customer_id
left join {reference}.brand_settings as currencies
    on alerts.brand_id = currencies.brand_id and currencies.setting = 'currency'
left join {reference}.brand_settings as languages
    on alerts.brand_id = languages.brand_id and languages.setting = 'language'
left join {reference}.brand_settings as names
    on alerts.brand_id = names.brand_id and names.setting = 'display_name'
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
    """A table or view of the build, the schema of the publication that takes it, and its columns that tests hold to be
    never null."""

    schema: str
    name: str
    published_schema: str
    never_null: frozenset[str] = frozenset()

    @property
    def published_name(self) -> str:
        return f"{self.published_schema}.{self.name}"


@dataclass(frozen=True)
class BuildRecord:
    """What dbt recorded at the end of a build of everything that passed all its tests (macros/publishing)."""

    invocation_id: str
    as_of_date: date
    only_brand: str | None
    max_row_drop_share: float
    raw_settings: str
    relations: tuple[Relation, ...]

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[Any, ...]]) -> BuildRecord:
        """The record in the rows of `publishing.last_build`. Raises where there are none, or no date."""
        if not rows:
            raise PublishError(
                "There is no complete, tested build to publish: the last one failed, was stopped, built a part, or "
                "is of "
                "an older version of this project. Nothing was published; build first.",
                ExitCode.NOTHING_TO_PUBLISH,
            )
        invocation_id, as_of_date, only_brand, max_row_drop_share, raw_settings = rows[0][:5]
        if as_of_date is None:
            raise PublishError(
                "The build has no as_of_date: there is not one order in it. Nothing was published.",
                ExitCode.NOTHING_TO_PUBLISH,
            )
        return cls(
            invocation_id,
            as_of_date,
            only_brand or None,
            float(max_row_drop_share),
            raw_settings,
            tuple(
                Relation(schema, name, published_schema, frozenset(filter(None, never_null.split(","))))
                for *_, schema, name, published_schema, never_null in rows
            ),
        )


RECORD_QUERY = (
    "select invocation_id, as_of_date, only_brand, max_row_drop_share, raw_settings, relation_schema, relation_name, "
    "published_schema, never_null from {table} order by published_schema, relation_name"
)

AcceptedRows = dict[tuple[str, str], int]
"""From a raw table and a brand to how many of its rows were accepted."""

ACCEPTED_QUERY = "select source_table, brand_id, accepted_rows from {table}"


@dataclass(frozen=True)
class Publication:
    """A publication as it is listed.

    `rows` are those of each table that readers see; `state_schemas` says which schema of the build each table of state
    belongs to; `raw_settings` where its rows were read from. `checksums` are of its file, or of each of its tables.
    While a publication is rewritten, `rewritten` has the rows and the checksums that it will have.
    """

    publication_id: str
    as_of_date: date
    published_at: datetime
    invocation_id: str
    rows: dict[str, int] = field(default_factory=dict)
    state_schemas: dict[str, str] = field(default_factory=dict)
    raw_settings: str = ""
    checksums: dict[str, str] = field(default_factory=dict)
    rewritten: dict[str, Any] | None = None
    is_current: bool = False
    is_withdrawn: bool = False

    def to_json(self) -> str:
        """The publication as one line of JSON; `is_current` is left to the store, which knows."""
        values = asdict(self)
        values.pop("is_current")
        return json.dumps(values, default=_json_value, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Publication:
        """The publication that to_json wrote, of an older or a newer version too. Raises ValueError where the text is
        none."""
        values = json.loads(text)
        try:
            known = {name: values[name] for name in (found.name for found in fields(cls)) if name in values}
            known["as_of_date"] = date.fromisoformat(values["as_of_date"])
            known["published_at"] = datetime.fromisoformat(values["published_at"])
            return cls(**known)
        except (TypeError, KeyError) as error:
            raise ValueError(f"no publication: {error}") from None


def _json_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def new_publication(record: BuildRecord, earlier: Iterable[Publication]) -> Publication:
    """The publication that a build becomes: its id sorts by date, then by when it was published, and is new.

    Where the clock has gone back, it is published a millisecond after the latest: that one came first, whatever clocks
    say.
    """
    now = datetime.now(timezone.utc)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    latest = max((publication.published_at for publication in earlier), default=None)
    if latest is not None and now <= latest:
        now = latest.replace(microsecond=latest.microsecond // 1000 * 1000) + timedelta(milliseconds=1)
    day = record.as_of_date.isoformat().replace("-", "")
    publication_id = f"{day}_{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return Publication(publication_id, record.as_of_date, now, record.invocation_id, raw_settings=record.raw_settings)


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


def check_undamaged(publication: Publication, damage: str, otherwise: str) -> None:
    """Raises where a publication is damaged. Takes: what is wrong with it, or nothing; what would follow, and what can
    be done."""
    if damage:
        raise PublishError(f"{publication.publication_id} is damaged: {damage}. {otherwise}", ExitCode.WRONG_USAGE)


def check_meant(record: BuildRecord, as_of_date: date | None, only_brand: str | None) -> None:
    """Raises where the build that is there is of another day, or of other brands, than was meant."""
    if record.only_brand != only_brand:
        built, meant = (f"brand {name} by itself" if name else "all brands" for name in (record.only_brand, only_brand))
        raise PublishError(
            f"The last complete build is of {built}, not of {meant}. Nothing was published.",
            ExitCode.NOTHING_TO_PUBLISH,
        )
    if as_of_date is not None and record.as_of_date != as_of_date:
        raise PublishError(
            f"The last complete build is of {record.as_of_date}, not of {as_of_date}. Nothing was published.",
            ExitCode.NOTHING_TO_PUBLISH,
        )


def check_start(start_id: str | None, publications: Iterable[Publication]) -> None:
    """Raises where the build started from the state of a publication that has been withdrawn since."""
    if any(found.publication_id == start_id and found.is_withdrawn for found in publications):
        raise PublishError(
            f"The build started from the state of {start_id}, which a restore has withdrawn since. Nothing was "
            "published; "
            "build again.",
            ExitCode.NOTHING_TO_PUBLISH,
        )


def compared_with(as_of_date: date, publications: Iterable[Publication]) -> Publication | None:
    """The publication that the rows of a build of this day are compared with: the last one of the nearest day that is
    not later. Rows of a later day may be more without anything being wrong; withdrawn ones were wrong themselves."""
    usable = [found for found in publications if not found.is_withdrawn and found.as_of_date <= as_of_date]
    return max(usable, key=lambda found: (found.as_of_date, found.published_at), default=None)


def check_rows(record: BuildRecord, now: AcceptedRows, compared: Publication, before: AcceptedRows) -> None:
    """Raises where fewer rows of a table and brand were accepted than the share that may be missing allows.

    Takes: the build; the rows that it accepted; the publication that it is compared with, and those of that one.
    """
    fallen = []
    for (table, brand), count in sorted(before.items()):
        left = now.get((table, brand), 0)
        if count - left > record.max_row_drop_share * count:
            gone = ", all of them" if not left else ""
            fallen.append(
                f"    {table}, brand {brand}: {count:,} before, {left:,} now: {(count - left) / count:.1%} fewer{gone}"
            )
    if fallen:
        raise PublishError(
            f"Rows are missing: fewer were accepted than in {compared.publication_id}, as of {compared.as_of_date}, "
            "by more "
            f"than the var max_row_drop_share ({record.max_row_drop_share:g}) allows:\n"
            + "\n".join(fallen)
            + "\nNothing was published. Was an export cut short? If they are gone on purpose, such as those of a brand "
            "that "
            "was taken out of the settings, publish the build with: lifecycle publish --accept-row-drop",
            ExitCode.BUILD_FAILED,
        )
