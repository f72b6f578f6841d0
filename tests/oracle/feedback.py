"""What came of referrals and of poor feedback.

The marts `advocate_value` and `feedback_loop`.
"""

from __future__ import annotations

from typing import Any

from .arithmetic import money
from .facts import Brand, Feedback, Interaction, referrals_of

POOR_SCORE = 6
DAYS_TO_ANSWER = 30


def advocate_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `advocate_value`: a row for everyone who referred anyone."""
    result = []
    for customer_id, referred in referrals_of(brand).items():
        own = brand.customers[customer_id].orders
        orders = [order for person in referred for order in person.orders]
        result.append(
            {
                "brand_id": brand.brand_id,
                "customer_id": customer_id,
                "referrals": len(referred),
                "converted_referrals": sum(bool(p.orders) for p in referred),
                "referred_net_revenue": money(o.net_revenue for o in orders),
                "own_net_revenue": money(order.net_revenue for order in own),
            }
        )
    return result


def is_answer(contact: Interaction, feedback: Feedback) -> bool:
    """Whether an interaction of the customer comes in time after feedback."""
    if contact.group not in ("support", "contact"):
        return False
    days = (contact.day - feedback.day).days
    if contact.has_time_of_day and feedback.has_time_of_day:
        return contact.instant > feedback.instant and days <= DAYS_TO_ANSWER
    return 0 < days <= DAYS_TO_ANSWER


def loop_rows(brand: Brand) -> list[dict[str, Any]]:
    """The mart `feedback_loop`: a row for all feedback of a poor score."""
    result = []
    for feedback in brand.feedback:
        if feedback.score > POOR_SCORE:
            continue
        customer = brand.customers.get(feedback.customer_id)
        contacts = customer.interactions if customer else []
        orders = customer.orders if customer else []
        answered_on = min((c.day for c in contacts if is_answer(c, feedback)), default=None)
        result.append(
            {
                "brand_id": brand.brand_id,
                "feedback_id": feedback.feedback_id,
                "customer_id": feedback.customer_id,
                "submitted_on": feedback.day,
                "score": float(feedback.score),
                "answered_on": answered_on,
                "days_to_answer": (None if answered_on is None else (answered_on - feedback.day).days),
                "bought_again": any(o.day > feedback.day for o in orders),
                "is_open": answered_on is None,
            }
        )
    return result
