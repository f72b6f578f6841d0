"""Files as somebody landed them: read right, or refused with file, line and remedy.

The reader's macros are called straight (see raw_reader.py), and what they give
is held against a program of its own (oracle/csv_text.py).
"""

from __future__ import annotations

import gzip
import re
from collections import Counter

import duckdb
import pytest

import project
from oracle.csv_text import CannotRead, read_csv_text
from oracle.files import read_raw_folder
from raw_reader import RawReader, Refused

CASES = project.ROOT / "tests" / "data" / "cases"
HEADER = "brand_id,order_id,customer_id,ordered_at,status,gross_amount,note"
REQUIRED = HEADER.split(",")[:6]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    made = RawReader(tmp_path_factory.mktemp("reader"))
    yield made
    made.close()


def line(number, note="x"):
    """An order as a line of a file, without its end."""
    return f"b,{number},c{number},2024-03-01,paid,10,{note}"


def text_of(*notes, end="\n", header=HEADER):
    """A file with an order a note."""
    return end.join([header, *(line(number, note) for number, note in enumerate(notes, 1))]) + end


def land(folder, data, name="orders.csv"):
    """Writes a file; gives the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def contents(rows, columns=REQUIRED):
    """Rows without an order of their own."""
    return Counter(tuple(row.get(column) for column in columns) for row in rows)


def assert_read(reader, folder, data, **options):
    """Hold what the reader makes of a file against the program that reads it character by character; gives both."""
    expected = read_csv_text(data if isinstance(data, bytes) else data.encode(), **options)
    rows = reader.read(folder)
    assert contents(rows) == contents(expected.rows)
    total, malformed = reader.records(folder)
    assert malformed == Counter(expected.malformed)
    assert total == len(expected.rows) + len(expected.malformed)
    return rows, malformed


def assert_refused(reader, folder, *words, table="orders", data=None):
    """Hold the reader to a message with these words, and the other program to refusing the same line."""
    with pytest.raises(Refused) as caught:
        reader.read(folder, table)
    said = str(caught.value)
    for word in words:
        assert word in said, said
    if data is not None:
        with pytest.raises(CannotRead) as refused:
            read_csv_text(data if isinstance(data, bytes) else data.encode())
        assert f"line {refused.value.line}:" in said, said


# The cases that are kept


@pytest.mark.parametrize(
    "case, words",
    [
        (
            "F01_utf16_excel",
            ["orders.csv", "line 1", "UTF-16", "iconv -f UTF-16 -t UTF-8", "raw_csv: {encoding: utf-16}"],
        ),
        ("F02_cp949_korean", ["orders.csv", "line 2", "CP949", "iconv -f CP949 -t UTF-8"]),
        ("F03_cp1252_other_column", ["orders.csv", "line 2", "WINDOWS-1252", "raw_csv: {encoding: latin-1}"]),
        ("F08_header_with_spaces", ["orders.csv", "'order id' to order_id", "'customer id' to customer_id"]),
        ("F09_duplicate_headers", ["orders.csv", "the column status twice"]),
        ("F10_unclosed_quote", ["orders.csv, line 2:", "quote", 'twice ("3"" pipe")']),
        ("F12_unclosed_quote_in_coupon", ["orders.csv, line 2:", "quote", "twice"]),
    ],
)
def test_a_case_that_cannot_be_read(reader, case, words):
    assert_refused(reader, CASES / case, *words)


@pytest.mark.parametrize(
    "case, rows, malformed",
    [
        ("F13_backslash_quote", 1, ['b,1,x,2024-03-01,paid,10,"say \\"hi\\", ok"']),
        ("F17_mixed_crlf_lf", 3, []),
        ("F36_header_crlf_rows_lf", 10, []),
        ("F20_gzip", 3, []),
        ("F34_bool_words", 3, []),
    ],
)
def test_a_case_that_is_read(reader, case, rows, malformed):
    expected = read_raw_folder(CASES / case)["orders"]
    found = reader.read(CASES / case)
    assert len(found) == rows and reader.records(CASES / case) == (rows + len(malformed), Counter(malformed))
    assert contents(found) == contents(row for row in expected if "order_id" in row)


@pytest.mark.parametrize("case, rows", [("F21_parquet_float_ids", 3), ("F23_parquet_folder", 1)])
def test_a_case_of_parquet(reader, case, rows):
    assert contents(reader.read(CASES / case)) == contents(read_raw_folder(CASES / case)["orders"])
    assert len(reader.read(CASES / case)) == rows


# Records


WELL_FORMED = {
    "plain": ("x", "y"),
    "quoted": ('"a,b"', '"say ""hi"""', '""', '""""'),
    "marks": ("#1", "\\", "a\\", "'", "\t", "\u2028", "\x0b", "\x1c", "NULL", "\\N", " a "),
    "letters": ("é", "한국", "🛒", "\ufeff"),
    "lines within": ('"two\nlines"', "x", '"three\n\nlines\n"', '"\n"'),
    "lines of Windows within": ('"two\r\nlines"', '"a\rb"'),
    "commas in many lines": ('"Dear Sir,\nthanks, and more,\nbye"', "x"),
    "a quote alone in its line": ('"\n"', '"a\n""\n"'),
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("name", WELL_FORMED)
def test_well_formed_records(reader, tmp_path, name, end):
    data = text_of(*WELL_FORMED[name], end=end)
    rows, malformed = assert_read(reader, land(tmp_path, data), data)
    assert len(rows) == len(WELL_FORMED[name]) and not malformed


MALFORMED = {
    "too many fields": line(2, "x,y"),
    "one empty field too many": line(2, ""),
    "too few fields": "b,2,c2",
    "a blank": " ",
    "a thousands separator": "b,2,c2,2024-03-01,paid,2,000.00,x",
    "inches": line(2, '3" pipe'),
    "a quote after a blank": line(2, ' "x"'),
    "behind the quote": line(2, '"x"y'),
    "backslashes": line(2, '"say \\"hi\\""'),
    "a stray quote at the end": line(2, 'x"'),
    "three fields of quotes": '"b","2","c2"',
}
MALFORMED["one empty field too many"] += ","


@pytest.mark.parametrize("with_lines", [False, True], ids=["", "lines within"])
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_record_is_one_of_its_own(reader, tmp_path, name, with_lines):
    """Whether or not values of other records span lines."""
    data = "\n".join([HEADER, line(1), MALFORMED[name], line(3, '"a\nb, c"' if with_lines else '"c"'), line(4)])
    rows, malformed = assert_read(reader, land(tmp_path, data), data)
    assert len(rows) == 3 and malformed == {MALFORMED[name]: 1}


def test_a_malformed_record_of_many_lines(reader, tmp_path):
    data = text_of("x", '"a\r\n\r\nb",too,many', "y", end="\r\n")
    rows, malformed = assert_read(reader, land(tmp_path, data), data)
    assert len(rows) == 2 and list(malformed) == [line(2, '"a\nb",too,many')]


BROKEN = {
    "never closes": ("x", '"3 inch', "y", "z"),
    "never closes at the end": ("x", "y", '"3 inch'),
    "closes amid a value": ("x", '"3 inch\nof pipe', '"fine" not', "y"),
    "has swallowed rows": ("x", '"', "y", '"'),
    "has swallowed rows and a short one": ("x", '"\nshort', "y", '"'),
    "odd quotes in one line": ("x", '"a" b"', "y"),
    "a backslash": ("x", '"say \\"hi"', "y"),
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_quote_that_cannot_be_told(reader, tmp_path, name, end):
    data = text_of(*BROKEN[name], end=end)
    assert_refused(reader, land(tmp_path, data), "orders.csv, line", "quote", data=data)


@pytest.mark.parametrize("rows", [5, 2_500, 25_000])
@pytest.mark.parametrize("odd, refused", [('"3 inch', True), ("x,y", False), ('3" pipe', False), ('"a\nb"', False)])
def test_the_position_in_the_file_does_not_matter(reader, tmp_path, rows, odd, refused):
    """In DuckDB's sample, behind it, and beyond the first rows that a thread reads."""
    notes = ["x"] * rows
    notes.insert(rows - 2, odd)
    data = text_of(*notes)
    land(tmp_path, data)
    if refused:
        assert_refused(reader, tmp_path, f"line {rows}:", data=data)
    else:
        found, malformed = assert_read(reader, tmp_path, data)
        assert len(found) + sum(malformed.values()) == rows + 1


def test_an_unclosed_quote_in_a_column_that_is_not_read(reader, tmp_path):
    """Line 2,502 of 3,002: DuckDB's reader loses 500 orders."""
    data = text_of(*["x"] * 2_500, '"3 inch', *["x"] * 500)
    assert_refused(reader, land(tmp_path, data), "orders.csv, line 2502:", data=data)


def test_a_file_that_is_larger_than_a_buffer(reader, tmp_path):
    """40 MB, with records at either side of 32 MB that are of no use."""
    filler = "x" * 2000
    notes = [filler] * 20_000
    notes[3], notes[15_500], notes[19_998] = "a,b", '"two\nlines"', '3" pipe'
    data = text_of(*notes)
    rows, malformed = assert_read(reader, land(tmp_path, data), data)
    assert len(rows) == 19_998 and len(malformed) == 2


@pytest.mark.parametrize(
    "data, read",
    [
        (HEADER, 0),
        (HEADER + "\n\n\n", 0),
        ("\n\n" + text_of("x"), 1),
        ("\ufeff" + text_of("x"), 1),
        (text_of("x").rstrip(), 1),
        (text_of("x").replace("\n", "\n\n\r\n"), 1),
        (text_of("x", header=",".join(f'"{name.upper()} "' for name in HEADER.split(","))), 1),
        (text_of("x,1,2", header=HEADER + ",note,"), 1),
        (text_of("x").replace("\n", "\r\n", 1), 1),
    ],
)
def test_headers_and_blank_lines(reader, tmp_path, data, read):
    rows, _ = assert_read(reader, land(tmp_path, data), data)
    assert len(rows) == read


@pytest.mark.parametrize(
    "header, words",
    [
        (HEADER.replace("order_id", "Order-ID"), ["'order-id' to order_id"]),
        (HEADER.replace("order_id", "orderId"), ["'orderid' to order_id"]),
        (
            HEADER.replace("customer_id", "customer"),
            ["no column customer_id", "it has: brand_id, order_id, customer, "],
        ),
        (HEADER.replace(",", ";"), ["delimiter", "raw_csv: {delimiter: ';'}"]),
        (HEADER.replace(",", "\t"), ["delimiter", 'raw_csv: {delimiter: "\\t"}']),
        (HEADER.replace(",", "|"), ["raw_csv: {delimiter: '|'}"]),
        (HEADER + ",Status ", ["status twice"]),
        (HEADER + ',"GROSS_AMOUNT"', ["gross_amount twice"]),
        (HEADER + ",coupon_code,coupon_code", ["coupon_code twice"]),
        (HEADER.replace("status", 'sta"tus'), ["line 1", "header"]),
        (HEADER + ',"two\nlines"', ["line 1", "header"]),
    ],
)
def test_a_header_that_cannot_be_read(reader, tmp_path, header, words):
    assert_refused(reader, land(tmp_path, text_of("x", header=header)), "orders.csv", *words)


@pytest.mark.parametrize(
    "data, words",
    [
        (text_of("x", "카페", "안녕하세요").encode("cp949"), ["line 3", "CP949"]),
        (text_of("x", "汉字在这里").encode("gb18030"), ["line 3", "iconv -f GB18030"]),
        (text_of("x", "ひらがなカタカナ").encode("shift_jis"), ["line 3", "iconv -f SHIFT_JIS"]),
        (text_of("x", "x", "café", end="\r\n").encode("cp1252"), ["line 4", "WINDOWS-1252"]),
        (text_of("x", "“curly” €").encode("cp1252"), ["line 3", "WINDOWS-1252"]),
        (text_of("한").encode("utf-16-le"), ["line 1", "UTF-16"]),
        (text_of("x").encode("utf-16"), ["line 1", "UTF-16"]),
        (b"\xfe\xff" + text_of("x").encode("utf-16-be"), ["line 1", "iconv -f UTF-16BE"]),
        (text_of("x").encode("utf-16").replace(b"\n", b"\n\n", 1), ["line 1", "UTF-16"]),
        (HEADER.encode() + b"\nb,1,\xff\n" + b"b,2,c\n", ["line 2"]),
        (text_of("x", "y" * 2_000_000), ["line 3", "2,000,000 bytes"]),
    ],
)
def test_bytes_that_are_not_utf_8(reader, tmp_path, data, words):
    assert_refused(reader, land(tmp_path, data), "orders.csv", *words)


# Files and folders


def test_compressed_files(reader, tmp_path):
    data = text_of("x", '"a\nb"', "c,d")
    land(tmp_path / "gz", gzip.compress(data.encode()), "orders.csv.gz")
    duckdb.sql(
        "copy (select 'b' as brand_id, range as order_id, 'c' as customer_id, '2024-03-01' as ordered_at, 'paid' as "
        "status, "
        f"1 as gross_amount from range(5)) to '{tmp_path}/orders.csv.zst' (format csv, header, compression zstd)"
    )
    rows, malformed = assert_read(reader, tmp_path / "gz", data)
    assert len(rows) == 2 and sum(malformed.values()) == 1
    assert len(reader.read(tmp_path)) == 5
    land(tmp_path / "bad", gzip.compress(text_of("x", "caf\xe9").encode("latin-1")), "orders.csv.gz")
    assert_refused(reader, tmp_path / "bad", "orders.csv.gz, line 3", "UTF-8")
    land(tmp_path / "quote", gzip.compress(text_of("x", '"', "y", "z").encode()), "orders.csv.gz")
    assert_refused(reader, tmp_path / "quote", "orders.csv.gz, line 3", "quote")


def test_folders_of_parts(reader, tmp_path):
    """Columns by name, in whatever order; folders that give a column; notes of programs that are no parts."""
    land(tmp_path, text_of("x"), "orders/part-1.csv")
    land(
        tmp_path,
        gzip.compress(
            b"gross_amount,status,ordered_at,customer_id,order_id,brand_id,channel\n1,paid,2024-01-01,c,9,b,web\n1\n"
        ),
        "orders/more/part-2.csv.gz",
    )
    land(
        tmp_path,
        "order_id,customer_id,ordered_at,status,gross_amount\n10,c,2024-01-01,paid,3\n",
        "orders/Brand_ID=a%20b/part.csv",
    )
    for note in ("orders/_SUCCESS", "orders/.part-1.csv.crc", "orders/_temporary/x.csv"):
        land(tmp_path, "nothing", note)
    assert contents(reader.read(tmp_path), [*REQUIRED, "channel"]) == contents(
        (row for row in read_raw_folder(tmp_path)["orders"] if "order_id" in row), [*REQUIRED, "channel"]
    )
    assert reader.records(tmp_path) == (4, Counter(["1"]))
    assert_refused(reader, land(tmp_path, "x", "orders/part-3.tsv"), "part-3.tsv", "neither Parquet nor CSV")


def test_folders_of_parquet_parts(reader, tmp_path):
    folder = tmp_path / "x=1" / "[a]*?"
    for columns, path in [
        ("'b' as brand_id, 1 as order_id", "part-1.parquet"),
        ("2 as order_id, 'web' as channel, 'b' as brand_id", "p2.parquet"),
        ("3 as order_id", "brand_id=a%2Fb/p3.parquet"),
    ]:
        (folder / "orders.parquet" / path).parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"select {columns}, 'c' as customer_id").write_parquet(str(tmp_path / "part"))
        (tmp_path / "part").rename(folder / "orders.parquet" / path)
    rows = reader.read(folder)
    assert contents(rows, ["brand_id", "order_id", "channel"]) == contents(
        read_raw_folder(folder)["orders"], ["brand_id", "order_id", "channel"]
    )
    assert {row["brand_id"] for row in rows} == {"b", "a/b"} and "x" not in rows[0]
    (folder.parent / "ab").mkdir()
    land(folder.parent / "ab", text_of("x"))
    assert len(reader.read(folder)) == 3


def test_a_column_of_parquet_twice(reader, tmp_path):
    duckdb.sql("select 1 as status, 2 as other").write_parquet(str(tmp_path / "orders.parquet"))
    data = (tmp_path / "orders.parquet").read_bytes().replace(b"other", b"statu")
    (tmp_path / "orders.parquet").write_bytes(data)
    assert "status" in set(reader.read(tmp_path)[0])
    duckdb.sql("select 1 as status, 2 as statuz").write_parquet(str(tmp_path / "orders.parquet"))
    data = (tmp_path / "orders.parquet").read_bytes().replace(b"statuz", b"STATUS")
    (tmp_path / "orders.parquet").write_bytes(data)
    assert_refused(reader, tmp_path, "orders.parquet", "the column status twice")


@pytest.mark.parametrize(
    "name, table",
    [
        ("Customers.csv", "customers"),
        ("customers.tsv", "customers"),
        ("customer.csv", "customers"),
        ("customers (1).csv", "customers"),
        ("customers - copy.parquet", "customers"),
        ("orders.CSV", "orders"),
        ("orders.xlsx", "orders"),
        ("order.csv", "orders"),
        ("Marketing Spend.csv", "marketing_spend"),
        ("marketing-spend.json", "marketing_spend"),
        ("ORDERS/part-0.csv", "orders"),
        ("Feedback.parquet", "feedback"),
        ("subscription.csv.gz", "subscriptions"),
        ("interactions.csv.zip", "interactions"),
        ("orders.csv.bz2", "orders"),
        ("feedback", "feedback"),
    ],
)
def test_a_file_that_is_not_read(reader, tmp_path, name, table):
    land(tmp_path, text_of("x"))
    land(tmp_path, "x", name)
    assert_refused(reader, tmp_path, name.split("/")[0], f"looks like the table {table}", "rename it", table=table)
    for other in project.COLUMNS.keys() - {table, "orders"}:
        assert reader.source(tmp_path, other) is None


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "README.md",
        "orders.sql",
        "orders.csv.bak",
        ".DS_Store",
        "._orders.csv",
        "refunds.csv",
        "folders.csv",
        "order_lines.csv",
        "archive/orders.csv",
        "orders.yml",
    ],
)
def test_a_file_that_means_no_table(reader, tmp_path, name):
    land(tmp_path, text_of("x"))
    land(tmp_path, "x", name)
    assert len(reader.read(tmp_path)) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["orders.csv", "orders.parquet"],
        ["orders.csv", "orders.csv.gz"],
        ["orders.csv", "orders/part.csv"],
    ],
)
def test_a_table_in_two_forms(reader, tmp_path, names):
    for name in names:
        land(tmp_path, text_of("x"), name)
    assert_refused(reader, tmp_path, "orders", "more than once", *(name.split("/")[0] for name in names))


@pytest.mark.parametrize(
    "options, raw_csv",
    [
        ({"delimiter": ";"}, {"delimiter": ";", "decimal": ","}),
        ({"delimiter": "\t"}, {"delimiter": "\t"}),
        ({"delimiter": "|", "encoding": "latin-1"}, {"delimiter": "|", "encoding": "Latin-1"}),
        ({"encoding": "utf-16"}, {"encoding": "utf-16"}),
    ],
    ids=str,
)
def test_other_delimiters_and_encodings(tmp_path, options, raw_csv):
    reader = RawReader(tmp_path / "work", raw_csv=raw_csv)
    delimiter, encoding = options.get("delimiter", ","), options.get("encoding", "utf-8")
    written = text_of("é", f'"a{delimiter}b"', '"two\nlines"', f"too{delimiter}many", 'x"')
    data = re.sub(",", lambda _: delimiter, written)
    rows, malformed = assert_read(reader, land(tmp_path, data.encode(encoding)), data.encode(encoding), **options)
    assert len(rows) == 3 and len(malformed) == 2
    land(tmp_path, data.replace('x"', '"x').encode(encoding))
    assert_refused(reader, tmp_path, "orders.csv, line 7", "quote")
    if encoding == "latin-1":
        assert_refused(reader, land(tmp_path, data.replace("é", "€").encode("cp1252")), "line 2", "WINDOWS-1252")
    reader.close()
