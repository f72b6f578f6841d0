"""An independent program that recomputes the marts from raw rows.

It follows the written definitions by brute force and shares nothing with the
SQL: plain Python over lists of rows, every customer looked at in every period.
`compute` gives the marts of `KEYS`; `differences` compares two sets of rows.

Left out: the predictions (see `oracle.clv`), so of `customers` the columns
p_alive, p_order_*, churn_probability, churn_risk, expected_orders_*,
expected_order_value, predicted_clv_365d and clv_fit_status, of
active_vs_inactive and rfm_segments average_predicted_clv_365d, of
advocate_value referred_predicted_clv_365d; where rows of customers are given
with predictions, they are used for what rests on them in the loyalty marts
and in lifecycle_alerts; of rejected_rows raw_row; of input_findings hint, and
so of the alert input_finding the English message.

Where the definitions leave a choice, this is what is taken.

Values
- Trimmed are tab, line feed, vertical tab, form feed, carriage return, space,
  U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and
  U+3000; the separators U+001C to U+001F are not.
- An offset stands only after a time of day. Seconds are 00 to 59, offsets
  00 to 23 hours and 00 to 59 minutes. Year 0000 does not exist. `T` and `Z`
  are capitals. Digits are ASCII.
- An exponent is a small `e`, a sign, one or two digits; `5.` is no number.
- Numbers are rounded before their sign and size are checked: durations to six
  decimals (and below 10^12), scores to twelve. Impressions and clicks are
  whole to eighteen decimals (12.0 is) and fit a bigint.
- A float stands for its shortest decimal form. A naive datetime is UTC.
- Lower case is that of Python's `str.lower`.
- Words of `contactable` compare without case.
- A business date before year 1 or after 9999 is the nearest date inside.

Rows
- Row text (for row_id and ties) is of the values as they arrived, untrimmed,
  null as `\\N`, joined with `|`; byte for byte only where the input is text.
- Occurrences of a row_id are counted within one source table.
- The brand_id of a rejected row is trimmed, and null where there is none.
- A brand's key in the settings equals the trimmed brand_id exactly.
- A null currency of an order is no mismatch.
- An `updated_at` without a time of day is midnight UTC.
- A version after `as_of_date` that supersedes an earlier one removes the key.
- Without `as_of_date` and without an order to give one, only rejected_rows
  and input_reconciliation have rows: rows with a date lie after it, those of
  `customers` without `signed_up_at` are accepted.
- input_reconciliation has rows for what occurs: no brand without raw rows.

Customers
- Orders follow one another by business date, then instant (midnight UTC for
  a value without a time of day), then order_id by bytes; the latest feedback
  likewise, by feedback_id.
- Interactions of any type make a customer known, also types the seed lacks.
- `membership_joined_at` and `ended_at` count by their business date.
- is_contactable is true without a `customers` row, accepted or not. A rejected
  row gives way to an accepted one only where both have an updated_at that
  reads and its own is the earlier; one without a brand_id is weighed in every
  brand, one without a customer_id in none. referred_by_customer_id is
  what the row says, also where it is no referral.
- A brand's own weight counts also for a type that the seed lacks; `sns_`
  types count also when the seed lacks them.
- `reviews` are interactions of type `review`. Feedback averages are over all
  kinds of feedback.
- engagement_score is worked out in double precision in the written order.
- Expected days between orders, the overdue ratio and the next order date are
  exact fractions, rounded once at the end.
- A subscription that ended on its start is cancelled like any other; whether
  another goes on in its place is judged by business dates, as of the day.
- active_until does not ask whether the customer is in the base.
- `repeat` does not ask whether the customer is in the base.

Loyalty
- Rules compare doubles, truth as 1 and 0. An empty `all` holds, an empty
  `any` does not. Tiers are tried for every known customer.
- criteria_met and criteria_total count for every known customer, also class
  `none`; under a `not` a leaf is met when its own comparison holds.
- The shortfall of a strict comparison is 0 at equality, though not met.
- A leaf without a name is `metric op value`, the value as Python's `str`
  gives it, truth values in lower case.
- loyalty_summary and loyalty_tiers have their rows for brands with a known
  customer. Discounted shares are of the group's orders; overdue shares are of
  its customers in the base, also those without an overdue ratio.

Periods
- Sums are 0 and not null where nothing happened. Spend, costs and net values
  are null for a brand without one accepted row of spend, in every period; with
  one, a period without spend has 0, also where the row's amount is 0.
- A brand that has spent money and has no customer has its periods of
  brand_metrics and its rows of acquisition_channels, and no other mart's.
- clv_formula is null in a period without orders (its order value is null).
- nps counts all of the brand's nps feedback, also of customers not known.
- Cohorts exist where someone bought first, and by channel where someone's
  first order came through it; their rows run without a gap.
  second_purchase has all months from the brand's first order, also those
  without first buyers.
- sales_channels has every month from the brand's first order with every
  channel that ever had an order; revenue_share is of the month.
- Figures of the year before are null where that month is before the brand's
  first. A month that begins on the first order date lies wholly after it.

The customer base
- A ladder's `all` and its rungs have rows only where they have gaps; the summary
  has all six rungs. Shares are compared within 1e-9. advised_active_window_days
  is null where nobody has ordered again. churn_window_off calls the advice into
  question first, the false churns only where the advice does not.

- revenue_bridge has one trailing year; years and months from the first order on.
- Equal effects of revenue_drivers are equal within 1e-9.
- A year without an order has no tenths and no concentration, but has its moves.

Lifecycle stages
- A referral is a signal on its conversion also where the referrer is known
  only later. Interactions of a group count whatever the churn signals are.
- lifecycle_stages and lifecycle_transitions have rows for brands with a known
  customer. What happened on a day is of the stage at the close of that day.

Segments, kinds and actions
- rfm_segments, active_vs_inactive and active_kinds have their rows for brands
  with a known customer. Prospects are neither active nor inactive, and their
  revenue is part of the brand's. rfm_segment is null for a pair of scores
  that the seed lacks.
- Values at stake are ranked as doubles. A customer for whom no line of the
  playbook is gets action `none`, as does who is not contactable.

Channels, carts and feedback
- acquisition_channels has rows only for what occurred, at zero spend too;
  orders before the acquisition date count for revenue and payback. Impressions
  and clicks are 0, not null, without any.
- cart_recovery has a brand's rows from its first order month; an order takes
  one cart only, the others of the customer stay abandoned.
- Answers come at most 30 days of business dates after the feedback;
  answered_on is the earliest business date among them.

Alerts
- "In the last N days" is a window of N days ending at `as_of_date`.
- The percentile, the drops and the rejected share are exact fractions,
  compared with the setting as it is written.
- `since` of about_to_churn is not before the base span, where the window is
  shorter than the days ahead.
- The last complete month is the brand's latest month that is complete; a rate
  or a month before it that is null raises nothing.
- rejected_rows_high is also for brands without a customer; shares are of all
  raw rows of the brand in the table.

Findings
- Orders are purchases for ids_never_meet and one_customer_dominates, all
  accepted ones for the two findings of statuses. A brand of which no order
  counts has no status_does_not_count.
- Identifiers never meet where fewer than one in a hundred of the smaller side
  are on both, and two or more are on either.
- Midnight is that of UTC. Zones that are UTC by another name are UTC.
- Versions are compared with the one that is accepted, by the instant of
  `updated_at`; no amount counts as 0.
- Channels are those of acquisition spend. Names are near from two fifths of
  letter pairs in common on.
- The first bad value is that of the row which sorts first as JSON, byte by
  byte; a missing value shows that row.
"""

from .compare import differences
from .compute import KEYS, compute
from .files import (
    read_interaction_types,
    read_message_texts,
    read_playbook,
    read_raw_folder,
    read_rfm_segments,
)

__all__ = [
    "KEYS",
    "compute",
    "differences",
    "read_interaction_types",
    "read_message_texts",
    "read_playbook",
    "read_raw_folder",
    "read_rfm_segments",
]
