"""Work orders and credential sheets as the record tells them: folds over its events, and nothing else. Pure."""

from reconciler.orders.fold import orders
from reconciler.orders.order import (
    Lack,
    Lateness,
    Means,
    Order,
    OrderKey,
    OrderState,
    Telling,
    asked,
    by_oficio,
    missing,
    movement_of,
    new_order,
)
from reconciler.orders.sheets import OneTarget, SheetRecord, latest, sheets

__all__ = [
    "Lack",
    "Lateness",
    "Means",
    "OneTarget",
    "Order",
    "OrderKey",
    "OrderState",
    "SheetRecord",
    "Telling",
    "asked",
    "by_oficio",
    "latest",
    "missing",
    "movement_of",
    "new_order",
    "orders",
    "sheets",
]
