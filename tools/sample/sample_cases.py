"""Hand-written rows of the sample's brand `atelier`: edge cases of the definitions, and rows that must be rejected.

The cases are at the end of every file of the sample, after the simulated rows. Valid cases use identifiers from 9000;
rows that must be rejected use identifiers that begin with `X`. `docs/sample.md` explains them.
"""

from __future__ import annotations

TABLES = {
    "orders": "brand_id order_id customer_id ordered_at status gross_amount discount_amount refund_amount currency "
    "coupon_code channel updated_at",
    "customers": "brand_id customer_id signed_up_at acquisition_channel referred_by_customer_id membership_joined_at "
    "contactable updated_at",
    "interactions": "brand_id interaction_id customer_id occurred_at interaction_type duration_seconds amount",
    "subscriptions": "brand_id subscription_id customer_id subscription_kind started_at ended_at monthly_amount "
    "updated_at",
    "feedback": "brand_id feedback_id customer_id submitted_at feedback_kind score",
    "marketing_spend": "brand_id spend_date channel purpose amount impressions clicks",
}
TABLES = {table: columns.split() for table, columns in TABLES.items()}

# One line per row, columns in the table's order, `|` between them; a comment says what the row is for.
CASES = {
    "customers": """
        atelier|A9001|2025-05-02T09:00:00Z|instagram_ads|A9001||true|          # refers themselves: no referral
        atelier|A9002|2025-05-03T09:00:00Z|친구추천|A0000||true|                # referred by someone unknown
        atelier|A9003|2025-05-04T09:00:00Z|친구추천|A9004||yes|                 # two who name each other: both count
        atelier|A9004|2025-05-05T09:00:00Z|친구추천|A9003||1|
        atelier|A9005|||||t|                                                    # a row alone makes nobody known
        atelier|A9006|2026-07-02T01:00:00Z|naver_search|||true|                 # signed up after the date: row left out
        atelier|A9007|2025-09-01|오프라인 팝업🛍️|||f|                           # a day without a time is not shifted
        atelier|  A9008  | 2025-09-02 03:00:00+09 |naver_search||  |  true  |   # every text is trimmed
        atelier|A9009|2025-06-10T00:00:00Z|tiktok_ads|||true|2025-06-10T00:00:00Z
        atelier|A9009|2025-06-10T00:00:00Z|tiktok_ads|||false|2026-07-03T00:00:00Z   # changed after the date: it counts
        atelier|A9010|2025-03-01T00:00:00Z|naver_search|||true|
        atelier|A9016|2025-03-01T00:00:00Z|naver_search|||true|
        atelier|A9017|2025-03-01T00:00:00Z|naver_search|||true|
        atelier|A9017|2025-03-01T00:00:00Z|instagram_ads|||true|                # a tie: the greater text stays (naver_search)
    """,
    "orders": """
        atelier|O90001|A9003|2025-05-20T20:00:00+09:00|delivered|89000|0||KRW||app|
        atelier|O90002|A9004|2025-05-21T20:00:00+09:00|delivered|79000|0||KRW||app|
        atelier|O90003|A9006|2026-06-20T20:00:00+09:00|delivered|59000|0||KRW||online_store|
        atelier|O90004|A9010|2025-03-02T12:00:00+09:00|completed|0|||KRW||app|                    # nothing charged
        atelier|O90005|A9010|2025-03-03T12:00:00+09:00|completed|39000|39000||KRW|GIFT39|app|      # paid by coupon alone
        atelier|O90006|A9010|2025-03-04T12:00:00+09:00|delivered|59000||59000|KRW||app|            # wholly refunded
        atelier|O90007|A9010|2025-03-05T12:00:00+09:00|delivered|59000|9000|59000|KRW||app|        # net below zero
        atelier|O90008|A9016|2025-01-01T00:05:00+09:00|delivered|129000|||KRW||online_store|       # the day before, by UTC
        atelier|O90009|A9016|2026-06-30T23:59:59.999999+09:00|shipped|89000|||KRW||app|            # the last moment that counts
        atelier|O90011|A9016|2026-06-30|delivered|49000|||KRW||성수 쇼룸|                           # a day is the brand's own
        atelier|O90012|A9016|2025-07-01 03:00|  Delivered |1.29e+5|+0||krw||  app |                 # trimmed, read without case
        atelier|O90013|A9017|2025-04-01T10:00:00+09:00|paid|69000|||KRW||app|2025-04-01T01:05:00Z
        atelier|O90013|A9017|2025-04-01T10:00:00+09:00|delivered|69000|||KRW||app|2025-04-04T10:05:00+09:00   # later by instant
        atelier|O90014|A9017|2025-05-01T10:00:00+09:00|delivered|69000|||KRW||app|2025-05-03T00:00:00Z
        atelier|O90014|A9017|2025-05-01T10:00:00+09:00|delivered|79000|||KRW||app|2025-05-03T00:00:00Z        # a tie: the greater text
        atelier|O90016|A9008|2025-09-05T11:00:00+0900|pre_order|159000|||KRW||app|                 # a status the brand does not count
        atelier|O90017|A9007|2025-09-01|completed|198000|||KRW||성수 쇼룸|
        atelier|O90018|A9007|2025-09-01|completed|45000|||KRW||성수 쇼룸|                           # the second on one day
    """,
    "interactions": """
        atelier|I90001|A9008|2025-09-02T10:00:00Z|Membership_Join||                      # a member by this row alone
        atelier|I90002|A9016|2026-06-29T22:00:00+09:00|cart_abandoned||188000            # the last cart before an order of a day
        atelier|I90003|A9016|2026-06-30T16:00:00Z|site_visit|60|                         # after the date in Seoul
        atelier|I90004|A9009|2026-06-26T21:00:00+09:00|cart_abandoned||99000             # open at the date
        atelier|I90005|A9017|2025-06-01T12:00:00+09:00|site_visit|35|
        atelier|I90005|A9017|2025-06-01T12:00:00+09:00|site_visit|350|                   # a tie: the greater text stays
        atelier|I90006|A9017|2025-06-02T12:00:00+09:00|product_view||
        atelier|I90006|A9017|2025-06-02T12:00:00+09:00|product_view||                    # delivered twice
        atelier|I90007|A9002|2026-06-25T12:00:00+09:00|lookbook_download||               # a type that no one described
    """,
    "subscriptions": """
        atelier|S9001|A9011|product|2025-06-01|2025-08-30|33000|                         # 90 days: ended on the renewal day
        atelier|S9002|A9012|product|2025-06-01|2025-08-29|33000|                         # 89 days: one short
        atelier|S9003|A9013|service|2025-07-10|2025-07-10|4900|                          # ended on the day it began
        atelier|S9004|A9013|service|2025-07-10|2025-07-11|4900|                          # and was replaced by this
        atelier|S9005|A9014|product|2026-02-01|2026-08-01|33000|                         # runs at the date, ends after it
        atelier|S9006|A9015|service|2026-07-01|2026-08-01|4900|                          # begins after the date: left out
        atelier|S9007|A9015|Service|2026-03-01T00:30:00+09:00|||                         # runs, and has no price
        atelier|S9008|A9014|service|2026-04-01|2026-06-27|4900|                          # cancelled in the last week
    """,
    "feedback": """
        atelier|F9001|A9018|2025-08-01T12:00:00+09:00|nps|9             # a score alone makes nobody known
        atelier|F9002|A9016|2026-06-20T12:00:00+09:00|nps|2             # open and not answered at the date
        atelier|F9003|A9003|2025-05-25|csat|6
        atelier|F9004|A9004|2025-05-26T09:00:00Z|NPS| 1e+1              # ten
        atelier|F9005|A9016|2026-07-01T09:00:00+09:00|nps|1             # after the date
        atelier|F9006|A9003|2025-06-25T12:00:00+09:00||5                # of no kind
    """,
    "marketing_spend": """
        atelier|2026-06-24|naver_search|acquisition|0|0|0
        atelier|2026-06-24|naver_search|Acquisition|15000|500|16        # adds to the row above
        atelier|2026-06-24T00:30:00+09:00|email|retention|12000||       # a time with an offset is a day in Seoul
    """,
}

# Reason, then the row as above. A row is counted under the first reason that applies to it.
REJECTED = {
    "orders": """
        missing_brand_id: |X0001|A0001|2025-06-01T10:00:00Z|completed|49000|||KRW||app|
        missing_order_id: atelier||A0001|2025-06-01T10:00:00Z|completed|49000|||KRW||app|
        missing_customer_id: atelier|X0004||2025-06-01T10:00:00Z|completed|49000|||KRW||app|
        missing_ordered_at: atelier|X0005|A0001||completed|49000|||KRW||app|
        missing_status: atelier|X0006|A0001|2025-06-01T10:00:00Z||49000|||KRW||app|
        missing_gross_amount: atelier|X0007|A0001|2025-06-01T10:00:00Z|completed||||KRW||app|
        missing_gross_amount: atelier|X0008|A0001|2025-13-01|completed||||KRW||app|
        invalid_ordered_at: atelier|X0009|A0001|2025-02-29T10:00:00Z|completed|49000|||KRW||app|
        invalid_ordered_at: atelier|X0010|A0001|2025-06-01T24:00:00Z|completed|49000|||KRW||app|
        invalid_ordered_at: atelier|X0011|A0001|01/06/2025|completed|49000|||KRW||app|
        invalid_gross_amount: atelier|X0012|A0001|2025-06-01T10:00:00Z|completed|129,000|||KRW||app|
        invalid_gross_amount: atelier|X0013|A0001|2025-06-01T10:00:00Z|refund|-49000|||KRW||app|
        invalid_gross_amount: atelier|X0014|A0001|2025-06-01T10:00:00Z|completed|NaN|||KRW||app|
        invalid_gross_amount: atelier|O90013|A9017|2025-04-01T10:00:00+09:00|delivered|6900O|||KRW||app|2025-04-05T00:00:00Z   # the latest version: supersedes nothing
        invalid_discount_amount: atelier|X0015|A0001|2025-06-01T10:00:00Z|completed|49000|10%||KRW||app|
        invalid_refund_amount: atelier|X0016|A0001|2025-06-01T10:00:00Z|completed|49000||-5000|KRW||app|
        invalid_updated_at: atelier|X0017|A0001|2025-06-01T10:00:00Z|completed|49000|||KRW||app|yesterday
        unknown_brand: atelier_outlet|X0018|A0001|2025-06-01T10:00:00Z|completed|49000|||KRW||app|
        unknown_brand: Atelier|X0019|A0001|2025-06-01T10:00:00Z|completed|49000|||KRW||app|
        currency_mismatch: atelier|X0020|A0001|2025-06-01T10:00:00Z|completed|35|||USD||app|
    """,
    "customers": """
        missing_brand_id: |X0001|2025-06-01T10:00:00Z|naver_search|||true|
        missing_customer_id: atelier||2025-06-01T10:00:00Z|naver_search|||true|
        invalid_signed_up_at: atelier|X0003|2025-06-31|naver_search|||true|
        invalid_membership_joined_at: atelier|X0004|2025-06-01T10:00:00Z|naver_search||soon|true|
        invalid_contactable: atelier|X0005|2025-06-01T10:00:00Z|naver_search|||maybe|
        invalid_updated_at: atelier|X0006|2025-06-01T10:00:00Z|naver_search|||true|2025-06-01T10:61:00Z
        unknown_brand: atelier_outlet|X0007|2025-06-01T10:00:00Z|naver_search|||true|
    """,
    "interactions": """
        missing_brand_id: |X0001|A0001|2025-06-01T10:00:00Z|site_visit||
        missing_interaction_id: atelier||A0001|2025-06-01T10:00:00Z|site_visit||
        missing_customer_id: atelier|X0003||2025-06-01T10:00:00Z|site_visit||
        missing_occurred_at: atelier|X0004|A0001||site_visit||
        missing_interaction_type: atelier|X0005|A0001|2025-06-01T10:00:00Z|||
        invalid_occurred_at: atelier|X0006|A0001|2025-06-01T10:00:00+9|site_visit||
        invalid_occurred_at: atelier|X0007|A0001|20250601T100000Z|site_visit||
        invalid_duration_seconds: atelier|X0008|A0001|2025-06-01T10:00:00Z|site_visit|-20|
        invalid_duration_seconds: atelier|X0009|A0001|2025-06-01T10:00:00Z|site_visit|1m20|
        invalid_amount: atelier|X0010|A0001|2025-06-01T10:00:00Z|cart_abandoned||89.000 원
        unknown_brand: atelier_outlet|X0011|A0001|2025-06-01T10:00:00Z|site_visit||
    """,
    "subscriptions": """
        missing_brand_id: |X0001|A0001|product|2025-06-01||33000|
        missing_subscription_id: atelier||A0001|product|2025-06-01||33000|
        missing_customer_id: atelier|X0003||product|2025-06-01||33000|
        missing_subscription_kind: atelier|X0004|A0001||2025-06-01||33000|
        missing_started_at: atelier|X0005|A0001|product|||33000|
        invalid_subscription_kind: atelier|X0006|A0001|bundle|2025-06-01||33000|
        invalid_started_at: atelier|X0007|A0001|product|2025-6-1||33000|
        invalid_ended_at: atelier|X0008|A0001|product|2025-06-01|never|33000|
        invalid_ended_at: atelier|X0012|A9013|service|2025-06-10|2025-06-01|4900|
        invalid_monthly_amount: atelier|X0009|A0001|product|2025-06-01||free|
        invalid_updated_at: atelier|X0010|A0001|product|2025-06-01||33000|2025-06-01 25:00
        unknown_brand: atelier_outlet|X0011|A0001|product|2025-06-01||33000|
    """,
    "feedback": """
        missing_brand_id: |X0001|A0001|2025-06-01T10:00:00Z|nps|9
        missing_feedback_id: atelier||A0001|2025-06-01T10:00:00Z|nps|9
        missing_customer_id: atelier|X0003||2025-06-01T10:00:00Z|nps|9
        missing_submitted_at: atelier|X0004|A0001||nps|9
        missing_score: atelier|X0005|A0001|2025-06-01T10:00:00Z|nps|
        invalid_submitted_at: atelier|X0006|A0001|June 2025|nps|9
        invalid_feedback_kind: atelier|X0007|A0001|2025-06-01T10:00:00Z|stars|9
        invalid_score: atelier|X0008|A0001|2025-06-01T10:00:00Z|nps|11
        invalid_score: atelier|X0009|A0001|2025-06-01T10:00:00Z|review|five
        unknown_brand: atelier_outlet|X0010|A0001|2025-06-01T10:00:00Z|nps|9
    """,
    "marketing_spend": """
        missing_brand_id: |2025-06-04|naver_search|acquisition|100000|3000|90
        missing_spend_date: atelier||naver_search|acquisition|100000|3000|90
        missing_channel: atelier|2025-06-04||acquisition|100000|3000|90
        missing_purpose: atelier|2025-06-04|naver_search||100000|3000|90
        missing_amount: atelier|2025-06-04|naver_search|acquisition||3000|90
        invalid_spend_date: atelier|2025/06/04|naver_search|acquisition|100000|3000|90
        invalid_purpose: atelier|2025-06-04|naver_search|branding|100000|3000|90
        invalid_amount: atelier|2025-06-04|naver_search|acquisition|-100000|3000|90
        invalid_impressions: atelier|2025-06-04|naver_search|acquisition|100000|many|90
        invalid_clicks: atelier|2025-06-04|naver_search|acquisition|100000|3000|-1
        unknown_brand: atelier_outlet|2025-06-04|naver_search|acquisition|100000|3000|90
    """,
}


def _row(table: str, line: str) -> dict[str, str]:
    """A written line as a row of its table."""
    values = line.split("|")
    columns = TABLES[table]
    if len(values) != len(columns):
        raise ValueError(f"{table}: {len(values)} values for {len(columns)} columns in {line!r}")
    return dict(zip(columns, values))


def _lines(block: str) -> list[str]:
    """The lines of a block without indentation and comments (a comment begins with a blank and `# `)."""
    return [line.split(" # ")[0].strip(" \n") for line in block.splitlines() if line.strip()]


def cases(table: str) -> list[dict[str, str]]:
    """Rows at the edges of the definitions."""
    return [_row(table, line) for line in _lines(CASES.get(table, ""))]


def rejected(table: str) -> list[tuple[str, dict[str, str]]]:
    """Rows that must be rejected, each with its expected reason."""
    found = []
    for line in _lines(REJECTED[table]):
        reason, row = line.split(": ", 1)
        found.append((reason, _row(table, row)))
    return found
