"""What may lie in, or happen to, a folder of publications: others' files and logs, damage, clocks, names and modes.

The builds are those of test_publishing.py, which need no dbt; case 28 is built by dbt itself.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from test_publishing import (  # noqa: F401
    DAY,
    DEADLINE,
    NEXT_DAY,
    ROOT,
    ExitCode,
    PublishError,
    Workplace,
    another_program,
    check_next_run,
    cli,
    duckdb_store,
    files,
    folder,
    publish_in_a_process,
    publish_py,
    rules,
    wait_until,
    workplace,
)

CASE = Path(__file__).parents[1] / "data" / "cases" / "28_deleted_rows"

# what somebody who may write does to a database, and never finishes
WRITE_AND_DIE = """
import duckdb, os, sys
os.chmod(sys.argv[1], 0o644)
connection = duckdb.connect(sys.argv[1])
for table in ("customers", "lifecycle_alerts"):
    connection.execute(f"update marts.{table} set value = 'falsified'")
if len(sys.argv) > 2:
    connection.execute("checkpoint")
os._exit(0)
"""


def write_and_die(file: Path, *arguments: str) -> None:
    """Somebody changes a file and is killed: with an argument in the file, else in the log beside it."""
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(file), *arguments], check=True)


def listed(publish_py: Callable[..., int], capfd) -> dict[str, dict]:
    """What `list --json` says, by id."""
    capfd.readouterr()
    assert publish_py("list", "--json") == ExitCode.DONE
    return {found["publication_id"]: found for found in map(json.loads, capfd.readouterr().out.splitlines())}


# Files of one content have one name


def test_whoever_writes_to_what_is_shown_changes_no_history(workplace, publish_py, capfd):
    first = workplace.publish(DAY).publication_id
    assert (
        workplace.store.current_file.stat().st_ino
        != workplace.store._history_file(workplace.store.publications()[0]).stat().st_ino
    )
    write_and_die(workplace.store.current_file, "into the file")
    assert workplace.seen() == "falsified"
    assert "restore it" in listed(publish_py, capfd)[first]["damage"]
    assert workplace.publish(NEXT_DAY).is_current
    assert workplace.seen() == "2026-05-02" and workplace.history() == ["2026-05-01", "2026-05-02"]
    workplace.store.restore(first)
    assert workplace.seen() == "2026-05-01"
    assert not any(found["damage"] for found in listed(publish_py, capfd).values())


def test_a_publication_of_an_older_version_is_no_second_name_any_more_once_it_is_shown_again(workplace):
    published = workplace.publish(DAY)
    kept = workplace.store._history_file(published)
    workplace.store.current_file.unlink()
    os.link(kept, workplace.store.current_file)
    workplace.store._describe([replace(published, checksums={})])
    workplace.store.restore(published.publication_id)
    assert kept.stat().st_nlink == 1 and workplace.seen() == "2026-05-01"


# Logs that DuckDB would replay


def test_a_log_beside_what_is_shown_is_refused(workplace, publish_py, capfd):
    first = workplace.publish(DAY).publication_id
    workplace.build(NEXT_DAY)
    write_and_die(workplace.store.current_file)
    log = workplace.store.current_file.with_name("lifecycle.duckdb.wal")
    assert log.exists() and workplace.seen() == "falsified", "DuckDB replays it no more; are logs refused in vain?"
    content = log.read_bytes()
    for arguments in (["publish"], ["restore", first], ["run", "--as-of-date", "2026-05-02"], ["alerts"]):
        assert publish_py(*arguments) == ExitCode.WRONG_USAGE, arguments
        assert str(log) in capfd.readouterr().err
    found = listed(publish_py, capfd)
    assert list(found) == [first] and str(log) in found[first]["damage"] and found[first]["is_current"]
    assert log.read_bytes() == content
    log.rename(log.with_name("moved_away"))
    assert publish_py("publish") == ExitCode.DONE
    assert workplace.seen() == "2026-05-02"


@pytest.mark.parametrize("ending", files.LOGS)
def test_a_log_beside_a_kept_publication_is_not_taken_for_it(workplace, publish_py, capfd, ending):
    first, second = workplace.publish(DAY), workplace.publish(NEXT_DAY)
    log = Path(f"{workplace.store._history_file(first)}{ending}")
    log.write_bytes(b"whatever")
    assert publish_py("restore", first.publication_id) == ExitCode.WRONG_USAGE
    assert str(log) in capfd.readouterr().err and workplace.seen() == "2026-05-02"
    found = listed(publish_py, capfd)
    assert str(log) in found[first.publication_id]["damage"] and not found[second.publication_id]["damage"]
    # the state of the next build of the second day would come from it
    with pytest.raises(PublishError, match="start from its state"):
        workplace.store.reset_state(NEXT_DAY)
    assert log.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave a file of another user")
def test_a_log_of_another_user_beside_the_build_is_refused(workplace, publish_py, capfd):
    workplace.publish(DAY)
    write_and_die(workplace.build_file)
    log = Path(f"{workplace.build_file}.wal")
    os.chown(log, 12345, 12345)
    assert publish_py("run", "--as-of-date", "2026-05-02") == ExitCode.WRONG_USAGE
    assert "another user" in capfd.readouterr().err and log.exists()
    # what a killed build of one's own has left is replayed
    os.chown(log, os.geteuid(), -1)
    assert publish_py("run", "--as-of-date", "2026-05-02") == ExitCode.DONE
    assert workplace.seen() == "2026-05-02"


# Damage


def damage_a_byte(file: Path) -> None:
    """Changes one byte in the middle of a file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


def damage_a_row(file: Path) -> None:
    """Changes a value of a table of a file, as anybody may who may write."""
    write_and_die(file, "into the file")


@pytest.mark.parametrize("damage", [damage_a_byte, damage_a_row])
def test_a_damaged_publication_is_marked_and_not_restored(workplace, publish_py, capfd, damage):
    first = workplace.publish(DAY, with_parquet=True)
    second = workplace.publish(NEXT_DAY)
    damage(workplace.store._history_file(first))
    before = workplace.store.publications()
    assert publish_py("restore", first.publication_id) == ExitCode.WRONG_USAGE
    assert "damaged" in capfd.readouterr().err
    assert workplace.seen() == workplace.seen_in_parquet() == "2026-05-02"
    assert workplace.store.publications() == before and workplace.leftovers() == []
    found = listed(publish_py, capfd)
    assert "checksum" in found[first.publication_id]["damage"] and found[second.publication_id]["damage"] is None
    assert publish_py("list") == ExitCode.DONE
    lines = capfd.readouterr().out.splitlines()
    assert ["DAMAGED" in line for line in lines] == [False, True]
    assert publish_py("list", "--no-check") == ExitCode.DONE
    assert "DAMAGED" not in capfd.readouterr().out


def test_without_a_checksum_rows_are_counted(workplace):
    first = workplace.publish(DAY)
    workplace.publish(NEXT_DAY)
    # as an older version has published it
    workplace.store._describe([replace(first, checksums={})])
    file = workplace.store._history_file(first)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("delete from marts.customers where id = 0")
    with pytest.raises(PublishError, match=r"marts.customers has 2 rows, not 3"):
        workplace.store.restore(first.publication_id)
    assert workplace.seen() == "2026-05-02"


def test_a_copy_that_is_not_the_same_is_not_shown(workplace, monkeypatch):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)

    def copy_badly(source: Path, target: Path) -> None:
        files.copy_file(source, target)
        damage_a_byte(target)

    monkeypatch.setattr(duckdb_store, "copy_file", copy_badly)
    with pytest.raises(OSError, match="checksum"):
        workplace.store.publish(None, 7, False)
    assert workplace.seen() == "2026-05-01" and workplace.leftovers() == []


def test_what_readers_see_puts_the_history_right(workplace, capsys):
    first = workplace.publish(DAY)
    damage_a_byte(workplace.store._history_file(first))
    workplace.publish(NEXT_DAY)
    assert "put back" in capsys.readouterr().out
    assert workplace.history() == ["2026-05-01", "2026-05-02"]
    assert not any(map(workplace.store.damage_of, workplace.store.publications()))


# Files of others, and descriptions that are lost


FOREIGN = [
    "history/.DS_Store",
    "history/._20260501_20260501000000000.json",
    "history/Thumbs.db",
    "history/notes.txt",
    "history/notes.json",
    "history/mine.duckdb",
    "history/unfinished-business.duckdb",
    "history/folder.json/file",
    "history/20260501.json",
    "parquet/.DS_Store",
    "parquet/._current",
    "parquet/Thumbs.db",
    "parquet/notes.txt",
    "parquet/mine/table.parquet",
    "parquet/20260501/table.parquet",
    "unfinished-letter.txt",
    ".DS_Store",
    "notes.txt",
    "mine.duckdb",
    "brands/.DS_Store",
    "brands/notes.txt",
]


def test_files_of_others_stay_and_are_in_nobodys_way(workplace, publish_py, capfd):
    workplace.publish(DAY, with_parquet=True)
    for name in FOREIGN:
        file = workplace.publications / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"mine")
    for day in ("2026-05-02", "2026-05-03", "2026-05-04"):
        assert publish_py("run", "--as-of-date", day, "--keep", "1") == ExitCode.DONE, capfd.readouterr()
    assert workplace.seen() == workplace.seen_in_parquet() == "2026-05-04"
    assert len(listed(publish_py, capfd)) == 1
    assert publish_py("restore", workplace.ids()[0]) == ExitCode.DONE
    for name in FOREIGN:
        assert (workplace.publications / name).read_bytes() == b"mine", name


def test_a_file_in_a_folder_of_parquet_stays(workplace):
    workplace.publish(DAY, with_parquet=True, keep=1)
    folder = (workplace.store.parquet / "current").resolve()
    for name in ("notes.txt", "marts/notes.txt", ".DS_Store", "marts/._customers.parquet"):
        (folder / name).write_text("mine")
    for ahead in range(1, 4):
        workplace.publish(DAY + timedelta(days=ahead), keep=1)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == [
        "marts",
        "marts/notes.txt",
        "notes.txt",
    ]


def test_somebodys_own_file_called_current_is_left_alone(workplace):
    workplace.publish(DAY)
    workplace.store.parquet.mkdir()
    (workplace.store.parquet / "current").write_text("mine")
    workplace.build(NEXT_DAY)
    with pytest.raises(PublishError, match="left alone"):
        workplace.store.publish(None, 7, False)
    assert (workplace.store.parquet / "current").read_text() == "mine"


@pytest.mark.parametrize(
    "torn, of",
    [
        ("", "the current one"),
        ('{"publication_id": "2026', "one that is withdrawn"),
        ("[]", "an earlier day"),
        ('{"publication_id": 1}', "the current one"),
        ("gone", "one that is withdrawn"),
        ("null", "the current one"),
    ],
)
def test_a_description_that_is_torn_or_gone_is_written_again(workplace, publish_py, capfd, torn, of):
    earlier = workplace.publish(DAY - timedelta(days=1))
    current = workplace.publish(DAY)
    withdrawn = workplace.publish(NEXT_DAY)
    workplace.store.restore(current.publication_id)
    before = workplace.store.publications()
    chosen = {"the current one": current, "one that is withdrawn": withdrawn, "an earlier day": earlier}[of]
    file = workplace.store.history / f"{chosen.publication_id}.json"
    file.unlink() if torn == "gone" else file.write_text(torn)
    assert workplace.store.publications() == before
    assert len(listed(publish_py, capfd)) == 3
    workplace.publish(NEXT_DAY, "again")
    assert workplace.store.publications()[1:] == [replace(found, is_current=False) for found in before]
    assert rules.Publication.from_json(file.read_text()) == replace(
        chosen, is_current=False, is_withdrawn=chosen == withdrawn
    )
    assert workplace.history() == ["2026-04-30", "2026-05-01", "again"]


@pytest.mark.parametrize("content", ["", "{"])
def test_a_description_that_was_being_written_is_in_nobodys_way(workplace, publish_py, content):
    published = workplace.publish(DAY)
    left = workplace.store.history / f"unfinished-{published.publication_id}.json"
    for arguments in (["list"], ["run", "--as-of-date", "2026-05-02"]):
        left.write_text(content)
        assert publish_py(*arguments) == ExitCode.DONE
    assert not left.exists() and workplace.seen() == "2026-05-02"


def test_what_is_neither_described_nor_a_publication_is_nobodys_to_delete(workplace):
    workplace.publish(DAY)
    file = workplace.store.history / "20260401_20260401000000000.duckdb"
    file.write_bytes(b"not a database")
    published = workplace.publish(NEXT_DAY, keep=1)
    assert file.exists() and workplace.ids() == [published.publication_id]


def test_a_description_of_another_version_is_read(workplace):
    published = workplace.publish(DAY)
    values = json.loads(published.to_json())
    for name in ("checksums", "rewritten", "raw_settings"):
        values.pop(name)
    assert (
        rules.Publication.from_json(json.dumps(values | {"of_tomorrow": 1})).publication_id == published.publication_id
    )


# Others at work


HOLD_TO_READ = (
    "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print('ready', flush=True); input()"
)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("command", ["run", "build", "prepare", "freshness"])
def test_a_reader_of_the_build_is_waited_for_as_long_as_asked(publish_py, workplace, capfd, command, is_first):
    if is_first:
        workplace.build(DAY)
    else:
        workplace.publish(DAY)
    arguments = [command, "--as-of-date", "2026-05-02"]
    with another_program(HOLD_TO_READ, workplace.build_file) as reader:
        assert publish_py(*arguments) == ExitCode.LOCKED
        start = time.monotonic()
        assert publish_py(*arguments, "--wait", "0.5") == ExitCode.LOCKED
        assert time.monotonic() - start >= 0.5
        assert "Another program" in capfd.readouterr().err
        threading.Timer(0.5, reader.kill).start()
        assert publish_py(*arguments, "--wait", str(DEADLINE)) == ExitCode.DONE


def test_a_reader_of_the_build_keeps_nobody_from_publishing_it(publish_py, workplace):
    workplace.build(DAY)
    with another_program(HOLD_TO_READ, workplace.build_file):
        assert publish_py("publish") == ExitCode.DONE
    assert workplace.seen() == "2026-05-01"


def test_restoring_waits_for_a_publication_as_long_as_asked(publish_py, workplace):
    first = workplace.publish(DAY).publication_id
    workplace.publish(NEXT_DAY)
    with files.file_lock(workplace.publications / ".lock", 0, "publication"):
        assert publish_py("restore", first, "--wait", "0.3") == ExitCode.LOCKED
    assert workplace.seen() == "2026-05-02"
    # a build under way does not hold it up
    with workplace.store.build_lock(0):
        assert publish_py("restore", first, "--wait", "0") == ExitCode.DONE
    assert workplace.seen() == "2026-05-01"


def test_a_build_whose_start_was_withdrawn_meanwhile_is_not_published(publish_py, workplace, capfd):
    first = workplace.publish(DAY).publication_id
    second = workplace.publish(NEXT_DAY, "wrong").publication_id
    assert publish_py("build", "--as-of-date", "2026-05-03") == ExitCode.DONE
    workplace.store.restore(first)
    assert publish_py("publish") == ExitCode.NOTHING_TO_PUBLISH
    assert second in capfd.readouterr().err and workplace.seen() == "2026-05-01"
    assert publish_py("run", "--as-of-date", "2026-05-03") == ExitCode.DONE
    assert workplace.history() == ["2026-05-01", "2026-05-03"]


def test_a_clock_that_goes_back_does_not_put_later_publications_first(workplace, monkeypatch):
    clock = [datetime(2026, 6, 1, 12, tzinfo=timezone.utc)]

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return clock[0]

    monkeypatch.setattr(rules, "datetime", Clock)
    ids = []
    for value, back in (("first", 0), ("second", 24), ("third", 1), ("fourth", 0)):
        clock[0] = datetime(2026, 6, 1, 12, tzinfo=timezone.utc) - timedelta(hours=back)
        ids.append(workplace.publish(DAY, value, keep=3).publication_id)
        assert workplace.seen() == value
    assert ids == sorted(set(ids)) and workplace.ids() == ids[:0:-1]
    workplace.store.restore(ids[1])
    assert [found.is_withdrawn for found in workplace.store.publications()] == [True, True, False]


# Modes, names


@pytest.mark.parametrize("umask, readable", [(0o022, 0o444), (0o077, 0o400), (0o002, 0o444), (0o027, 0o440)])
def test_modes_follow_the_umask(workplace, umask, readable):
    before = os.umask(umask)
    try:
        published = workplace.publish(DAY, with_parquet=True)
        with workplace.store.build_lock(0):
            pass
    finally:
        os.umask(before)

    def mode(file: Path) -> int:
        return stat.S_IMODE(file.stat().st_mode)

    assert mode(workplace.store.current_file) == mode(workplace.store._history_file(published)) == readable
    for file in (
        workplace.publications / ".lock",
        workplace.build_file.with_name("lifecycle.duckdb.lock"),
        workplace.store.history / f"{published.publication_id}.json",
        workplace.store.parquet / "current" / "marts" / "customers.parquet",
    ):
        assert mode(file) == 0o666 & ~umask, file
    assert mode(workplace.store.history) == 0o777 & ~umask


BRANDS = [
    "Shop",
    "shop",
    "SHOP",
    "shop ",
    "shop.",
    " shop",
    "con",
    "CON",
    "Con",
    "nul",
    "com1",
    "con.txt",
    "..",
    ".",
    "a/b",
    "a\\b",
    "a:b",
    "a%2Fb",
    "🛍️",
    "뷰티",
    "\u00e9",
    "e\u0301",
    "ß",
    "a" * 300,
    "a" * 301,
    "가" * 300,
    "A" * 300,
    "🛍" * 75 + "x",
    "%63on",
    "history",
    "-",
    "a\nb",
]


def test_every_brand_has_a_folder_of_its_own_everywhere(tmp_path):
    names = [duckdb_store.brand_folder(tmp_path, brand).name for brand in BRANDS]
    assert len({name.casefold() for name in names}) == len(BRANDS)
    for name in names:
        assert re.fullmatch(r"[a-zA-Z0-9_%-]+", name) and len(name) <= 255, name
        assert not duckdb_store.RESERVED.fullmatch(name), name
    assert duckdb_store.brand_folder(tmp_path, "shop_1").name == "shop_1"


def test_a_folder_of_a_brand_of_an_older_version_goes_on(tmp_path):
    (tmp_path / "Shop").mkdir()
    assert duckdb_store.brand_folder(tmp_path, "Shop").name == "Shop"
    (tmp_path / "%53hop").mkdir()
    assert duckdb_store.brand_folder(tmp_path, "Shop").name == "%53hop"


@pytest.mark.parametrize("brand", ["🛍️ 뷰티", "x" * 300, "a'b\"c\\"])
def test_any_brand_on_the_command_line(publish_py, workplace, monkeypatch, tmp_path, brand):
    from dbt.config.utils import parse_cli_yaml_string

    monkeypatch.setenv("FAKE_DBT_VARS", str(tmp_path / "vars"))
    assert publish_py("run", "--as-of-date", "2026-05-01", f"--brand={brand}") == ExitCode.DONE
    # as dbt reads them: as YAML, in which an emoji that JSON has made two halves of stays two halves
    assert parse_cli_yaml_string((tmp_path / "vars").read_text(encoding="utf-8"), "vars")["only_brand"] == brand
    assert len(Workplace(workplace.folder, brand).store.publications()) == 1
    assert not workplace.store.publications()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--brand", ""],
        ["publish", "--brand", "  "],
        ["list", "--brand="],
        ["restore", "x", "--brand", ""],
        ["forget", "--brand", "", "--customer", "c"],
        ["forget", "--brand", "shop", "--customer", ""],
        ["forget", "--brand", "shop"],
        ["forget", "--customer", "c"],
        ["run", "--wait", "-1"],
        ["run", "--wait", "nan"],
        ["restore", "x", "--wait", "soon"],
    ],
)
def test_what_is_empty_or_no_time_is_wrong_usage(arguments, capsys):
    assert cli.main(arguments, project_dir=ROOT) == ExitCode.WRONG_USAGE
    assert "Error: " in capsys.readouterr().err


# One brand by itself


def write_brands(file: Path) -> None:
    """Adds two brands to the tables of a build, and to its state, as a build of all brands leaves it."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("alter table facts.loyalty_snapshot add column if not exists brand_id varchar")
        connection.execute(
            "insert into facts.loyalty_snapshot by name "
            "select * from (values ('shop', date '2026-01-01', 'of shop'), ('rival', date '2026-01-01', 'of rival')) "
            "as rows (brand_id, day, value)"
        )
        connection.execute("create or replace view marts.loyalty_history as select * from facts.loyalty_snapshot")
        connection.execute(
            "create or replace table reference.playbook as "
            "select * from (values (null, 'for all'), ('shop', 'for shop'), ('rival', 'for rival')) as rows "
            "(brand_id, action)"
        )
        connection.execute(
            "insert into publishing.last_build by name select * replace ('reference' as relation_schema, "
            "'playbook' as relation_name, 'reference' as published_schema) from publishing.last_build limit 1"
        )


def cells(file: Path) -> Iterator[tuple[str, object]]:
    """Every value of every table of a file, with its place."""
    with duckdb.connect(str(file), read_only=True) as connection:
        for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            for row in connection.execute(f'from "{schema}"."{table}"').fetchall():
                yield from ((f"{schema}.{table}", value) for value in row)


def test_a_brand_by_itself_holds_nothing_of_others(folder):
    workplace = Workplace(folder, "shop")
    workplace.build(DAY)
    write_brands(workplace.build_file)
    workplace.store.publish(None, 7, True)
    found = list(cells(workplace.store.current_file))
    assert ("reference.playbook", "for shop") in found and ("reference.playbook", "for all") in found
    assert ("state.loyalty_snapshot", "of shop") in found
    assert not [place for place, value in found if "rival" in str(value)]
    for file in [*workplace.publications.rglob("*.duckdb"), *workplace.publications.rglob("*.parquet")]:
        assert b"rival" not in file.read_bytes(), file


# Rows that are gone


def write_rows(file: Path, accepted: dict[tuple[str, str], int], share: float = 0.2) -> None:
    """Adds to a build how many rows of which table and brand were accepted, and the share that may be missing."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create or replace table quality.input_reconciliation (source_table varchar, brand_id varchar, "
            "accepted_rows bigint)"
        )
        for (table, brand), count in accepted.items():
            connection.execute("insert into quality.input_reconciliation values ($1, $2, $3)", [table, brand, count])
        connection.execute(
            "insert into publishing.last_build by name select * replace ('quality' as relation_schema, "
            "'input_reconciliation' as relation_name, 'quality' as published_schema) from publishing.last_build limit 1"
        )
        connection.execute("update publishing.last_build set max_row_drop_share = $1", [share])


ORDERS, SPEND = ("orders", "shop"), ("marketing_spend", "shop")


@pytest.mark.parametrize(
    "before, now, share, fallen",
    [
        ({ORDERS: 5009}, {ORDERS: 1737}, 0.2, ["orders, brand shop: 5,009 before, 1,737 now: 65.3% fewer"]),
        ({ORDERS: 100}, {ORDERS: 80}, 0.2, []),
        ({ORDERS: 100}, {ORDERS: 79}, 0.2, ["orders, brand shop: 100 before, 79 now: 21.0% fewer"]),
        ({ORDERS: 100}, {ORDERS: 0}, 1, []),
        ({ORDERS: 100}, {ORDERS: 99}, 0, ["1.0% fewer"]),
        (
            {ORDERS: 100, SPEND: 10},
            {ORDERS: 100},
            0.2,
            ["marketing_spend, brand shop: 10 before, 0 now: 100.0% fewer, all of them"],
        ),
        ({ORDERS: 100, ("orders", "gone"): 1}, {ORDERS: 100}, 0.2, ["orders, brand gone: 1 before, 0 now"]),
        ({ORDERS: 100, SPEND: 0}, {ORDERS: 1000}, 0.2, []),
        ({}, {ORDERS: 1}, 0.2, []),
    ],
)
def test_rows_that_are_gone(workplace, publish_py, capfd, before, now, share, fallen):
    workplace.build(DAY)
    write_rows(workplace.build_file, before)
    assert publish_py("publish") == ExitCode.DONE
    workplace.build(NEXT_DAY)
    write_rows(workplace.build_file, now, share)
    capfd.readouterr()
    assert publish_py("publish") == (ExitCode.BUILD_FAILED if fallen else ExitCode.DONE)
    told = capfd.readouterr().err
    assert workplace.seen() == ("2026-05-01" if fallen else "2026-05-02")
    assert all(line in told for line in fallen) and told.count("before,") == len(fallen), told
    if fallen:
        assert "--accept-row-drop" in told and "20260501_" in told
        assert publish_py("publish", "--accept-row-drop") == ExitCode.DONE
        assert workplace.seen() == "2026-05-02"


def test_rows_are_compared_with_the_nearest_day_that_is_not_later(workplace):
    def publish(day: date, count: int, **options: bool) -> rules.Publication:
        workplace.build(day, str(count))
        write_rows(workplace.build_file, {ORDERS: count})
        return workplace.store.publish(None, 9, False, **options)

    publish(DAY, 100)
    publish(NEXT_DAY + timedelta(days=3), 200)
    assert not publish(NEXT_DAY, 90).is_current
    # a day before all others has nothing to be compared with
    publish(DAY - timedelta(days=9), 10)
    with pytest.raises(PublishError, match="70 now") as raised:
        publish(NEXT_DAY, 70)
    assert "90 before" in str(raised.value)
    # what was accepted once is what the next is compared with
    publish(NEXT_DAY, 70, accept_row_drop=True)
    publish(NEXT_DAY, 60)
    # what was withdrawn is compared with nothing
    first = next(found for found in workplace.store.publications() if found.as_of_date == DAY)
    workplace.store.restore(first.publication_id)
    with pytest.raises(PublishError, match="100 before, 70 now"):
        publish(NEXT_DAY, 70)


def test_case_28_rows_vanish_from_one_night_to_the_next(workplace, tmp_path):
    import project

    project_vars = json.loads((CASE / "vars.json").read_text())

    def publish(raw: str, **options: bool) -> rules.Publication:
        built = project.build(tmp_path / "built", {**project_vars, "raw_dir": str(CASE / raw)}, "+input_reconciliation")
        assert built.succeeded, built.messages
        workplace.build(date.fromisoformat(project_vars["as_of_date"]), raw)
        with duckdb.connect(str(workplace.build_file)) as connection:
            connection.execute(f"attach '{built.database}' as built (read_only)")
            rows = {
                (table, brand): count
                for table, brand, count in connection.execute(
                    "select source_table, brand_id, accepted_rows from built.quality.input_reconciliation"
                ).fetchall()
            }
        write_rows(workplace.build_file, rows)
        return workplace.store.publish(None, 7, False, **options)

    publish("raw_before")
    with pytest.raises(PublishError) as raised:
        publish("raw")
    assert raised.value.exit_code == ExitCode.BUILD_FAILED
    told = str(raised.value)
    assert "orders, brand saas: 2 before, 1 now: 50.0% fewer" in told
    assert "subscriptions, brand saas: 2 before, 1 now: 50.0% fewer" in told
    assert workplace.seen() == "raw_before"
    assert publish("raw", accept_row_drop=True).is_current and workplace.seen() == "raw"


# A disk that is full or cannot be written


def publish_as(folder: Path, environment: dict[str, str], first: str) -> subprocess.CompletedProcess:
    """The command `publish` in a process of its own, after some Python."""
    script = (
        "import sys; sys.path[:0] = sys.argv[1:3]; from pathlib import Path; from customer_lifecycle import cli; "
        "from customer_lifecycle.publishing import commands; import os, resource; "
        f"import duckdb; {first}; sys.exit(cli.main(['publish'], Path({str(ROOT)!r})))"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "src"), str(Path(__file__).parent)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "first, expected",
    [
        ("resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))", "too large"),
        (
            # root may write anywhere: by the time that it publishes it is somebody else
            "found = commands.store_of; "
            "commands.store_of = lambda *given: (found(*given), os.geteuid() or os.setuid(65534))[0]",
            "ermission denied",
        ),
    ],
)
def test_a_disk_that_takes_nothing_is_a_failed_publication(workplace, publish_py, first, expected):
    workplace.publish(DAY)
    workplace.build(NEXT_DAY)
    with duckdb.connect(str(workplace.build_file)) as connection:
        connection.execute(
            "create or replace table marts.customers as select '2026-05-02' as value, uuid() as id from range(100000)"
        )
    before = workplace.store.publications()
    for path in [workplace.folder.parent, *workplace.folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    workplace.build_file.with_name("lifecycle.duckdb.lock").touch(0o666)
    workplace.build_file.with_name("lifecycle.duckdb.lock").chmod(0o666)
    if "FSIZE" in first or os.geteuid():
        workplace.publications.chmod(0o755)
    ended = publish_as(workplace.folder, {"HOME": "/nonexistent"}, first)
    for path in [workplace.folder.parent, *workplace.folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert ended.returncode == ExitCode.PUBLISHING_FAILED, ended.stderr
    assert expected in ended.stderr and "Traceback" not in ended.stderr
    assert workplace.seen() == "2026-05-01" and workplace.store.publications() == before
    assert publish_py("publish") == ExitCode.DONE
    assert workplace.seen() == "2026-05-02"
