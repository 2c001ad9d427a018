"""What the demo's columns mean: the comment that each has, unless a table's spec says otherwise."""

from __future__ import annotations

from typing import Final

GLOSSARY: Final = {
    "account_id": "The account that the booking belongs to.",
    "amount": "The amount in euros; negative for a refund.",
    "booked_on": "The day on which it was booked.",
    "booking_id": "Identifies the booking.",
    "campaign_id": "Identifies the campaign.",
    "city": "The city that it comes from or goes to.",
    "currency": "The currency of the statement, by its number in ISO 4217.",
    "customer_id": "The customer, as the web shop numbers them.",
    "day": "The day for which the rate holds.",
    "destination": "Where the shipment goes.",
    "faulty": "Whether the check found a fault.",
    "kilograms": "The weight in whole kilograms.",
    "lot_id": "The lot of coffee, from the purchase to the bag.",
    "machine_id": "The machine that it was measured at.",
    "member_id": "The member of the loyalty programme.",
    "month": "The month of the order, as 2026-01.",
    "note_id": "Identifies the note.",
    "order_id": "The order, as the customer sees it.",
    "ordered_on": "The day of the order, in the time of the web shop.",
    "points": "The points that the member has collected.",
    "price": "The price in euros for a kilogram, without tax.",
    "rate": "Euros for one unit of the currency.",
    "read_at": "When it was measured, in UTC.",
    "reading_id": "Identifies the reading.",
    "roast": "How dark the coffee is roasted.",
    "shipment_id": "Identifies the shipment.",
    "shipped_at": "When the shipment left the house, in UTC.",
    "since": "The day of the customer's first order.",
    "starts_on": "The first day of the campaign.",
    "status": "How far the order has come, from open to shipped or cancelled.",
    "supplier_id": "Who sold us the lot.",
    "total": "What the customer paid, in euros, with tax.",
    "value": "What was measured, in the machine's own unit.",
}
"""Name of a column to its comment."""
