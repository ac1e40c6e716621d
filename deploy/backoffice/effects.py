"""What each action does to the data. Each looks first and changes last, so a refused one has
changed nothing; the transaction around it is the caller's."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from decimal import Decimal

from deploy.backoffice.requests import Refused, Request

_PAYEE = re.compile(r"(?=(?:[A-Z]*[0-9]){6})[A-Z0-9]{8,34}")
"""An account number: an IBAN has up to 34 letters and digits; no words are one."""
MOST_LOAN = 50_000_000
MOST_MONTHS = 360
Fields = dict[str, str]


def order_status(db: sqlite3.Connection, request: Request) -> Fields:
    order = _order(db, request)
    return _shown(order) | {"status": order["status"], "expected": order["expected"]}


def order_cancel(db: sqlite3.Connection, request: Request) -> Fields:
    order = _order(db, request)
    if order["status"] == "cancelled":
        raise Refused(409, "already_cancelled", "the order was cancelled before")
    if order["status"] != "preparing":
        raise Refused(409, "too_late_to_cancel", "the order has been sent")
    db.execute("UPDATE orders SET status = 'cancelled' WHERE number = ?", (order["number"],))
    price = order["price"], order["currency"]
    _move(db, request, action="order_cancel", ends=("shop", request.customer_id), money=price)
    return _shown(order) | {"refund": _written(*price)}


def return_open(db: sqlite3.Connection, request: Request) -> Fields:
    order = _order(db, request)
    if order["status"] == "returning":
        raise Refused(409, "already_returning", "the order is being returned")
    if order["status"] != "delivered":
        raise Refused(409, "not_delivered", "the order has not been delivered")
    if order["returnable_until"] is None:
        raise Refused(409, "not_returnable", "goods of this kind cannot be returned")
    db.execute("UPDATE orders SET status = 'returning' WHERE number = ?", (order["number"],))
    return _shown(order) | {
        "return": f"R-{request.reference}",
        "send_by": order["returnable_until"],
    }


def balance(db: sqlite3.Connection, request: Request) -> Fields:
    account = _account(db, request, request.arguments.get("account", ""))
    available = _written(account["balance"], account["currency"])
    return {"account": account["number"][-4:], "available": available}


def transfer(db: sqlite3.Connection, request: Request) -> Fields:
    amount, currency = request.money("amount")
    payee = _code(request.argument("payee"))
    account = _account(db, request, "")
    if not _PAYEE.fullmatch(payee):
        raise Refused(422, "invalid_payee", "the payee is no account")
    if payee == account["number"]:
        raise Refused(422, "same_account", "the payee is the account to pay from")
    if currency != account["currency"]:
        raise Refused(409, "currency_mismatch", "the account is kept in another currency")
    if amount > account["balance"]:
        raise Refused(409, "insufficient_funds", "the balance is too low")
    for change, number in ((-amount, account["number"]), (amount, payee)):
        # A payee elsewhere has no row here, and no other currency is paid in to one that has.
        db.execute(
            "UPDATE accounts SET balance = balance + ? WHERE number = ? AND currency = ?",
            (change, number, currency),
        )
    ends = account["number"], payee
    _move(db, request, action="transfer", ends=ends, money=(amount, currency))
    left = _written(account["balance"] - amount, currency)
    return {"reference": f"T-{request.reference}", "balance": left}


def loan_request(db: sqlite3.Connection, request: Request) -> Fields:
    amount, currency = request.money("amount")
    term = request.argument("term")
    if not term.isdecimal() or not 0 < int(term) <= MOST_MONTHS:
        raise Refused(422, "invalid_arguments", "the term is no number of months")
    if amount > MOST_LOAN:
        raise Refused(409, "amount_too_high", "nobody gets that much")
    if _row(db, "SELECT 1 FROM loans WHERE customer_id = ?", request.customer_id):
        raise Refused(409, "loan_open", "an application is open already")
    reference = f"L-{request.reference}"
    values = (reference, request.customer_id, amount, currency, int(term))
    db.execute("INSERT INTO loans VALUES (?, ?, ?, ?, ?)", values)
    return {"reference": reference}


def plan_usage(db: sqlite3.Connection, request: Request) -> Fields:
    contract = _contract(db, request)
    return _plan(db, contract["plan_id"]) | {
        "used": contract["used"],
        "period_end": contract["period_end"],
    }


def plan_change(db: sqlite3.Connection, request: Request) -> Fields:
    contract = _contract(db, request)
    wanted = request.argument("plan")
    plan = _plan(db, wanted)
    if wanted in (contract["plan_id"], contract["next_plan_id"]):
        raise Refused(409, "already_on_plan", "the customer has this plan")
    db.execute(
        "UPDATE contracts SET next_plan_id = ? WHERE customer_id = ?", (wanted, request.customer_id)
    )
    return plan | {"starts": contract["period_end"]}


EFFECTS: Mapping[str, Callable[[sqlite3.Connection, Request], Fields]] = {
    effect.__name__: effect
    for effect in (
        order_status,
        order_cancel,
        return_open,
        balance,
        transfer,
        loan_request,
        plan_usage,
        plan_change,
    )
}


def _order(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    code = _code(request.argument("order"))
    order = _row(db, "SELECT * FROM orders WHERE code = ? OR tracking = ?", code, code)
    if order is None:
        raise Refused(404, "order_not_found", "there is no such order")
    if order["customer_id"] != request.customer_id:
        raise Refused(403, "not_yours", "the order is another customer's")
    return order


def _account(db: sqlite3.Connection, request: Request, number: str) -> sqlite3.Row:
    """The customer's account with this number or these last digits; the only one without."""
    account = _row(
        db,
        "SELECT * FROM accounts WHERE customer_id = ? AND (? = '' OR number = ?"
        " OR (length(?) = 4 AND substr(number, -4) = ?)) ORDER BY number",
        request.customer_id,
        *[_code(number)] * 4,
    )
    if account is None:
        raise Refused(404, "account_not_found", "the customer has no such account")
    return account


def _contract(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    contract = _row(db, "SELECT * FROM contracts WHERE customer_id = ?", request.customer_id)
    if contract is None:
        raise Refused(404, "no_contract", "the customer has no contract")
    return contract


def _plan(db: sqlite3.Connection, plan_id: str) -> Fields:
    plan = _row(db, "SELECT * FROM plans WHERE id = ?", plan_id)
    if plan is None:
        raise Refused(404, "plan_not_found", "there is no such plan")
    return {
        "plan_zh": plan["name_zh"],
        "plan_en": plan["name_en"],
        "allowance": plan["allowance"],
        "price": _written(plan["price"], plan["currency"]),
    }


def _shown(order: sqlite3.Row) -> Fields:
    return {"order": order["number"], "item_zh": order["item_zh"], "item_en": order["item_en"]}


def _move(
    db: sqlite3.Connection,
    request: Request,
    *,
    action: str,
    ends: tuple[str, str],
    money: tuple[int, str],
) -> None:
    """Note that money went from one end to the other."""
    db.execute(
        "INSERT INTO ledger (key, action, source, target, amount, currency)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (request.key, action, *ends, *money),
    )


def _row(db: sqlite3.Connection, query: str, *values: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(query, values).fetchone()
    return row


def _code(written: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", written.upper())


def _written(hundredths: int, currency: str) -> str:
    return f"{Decimal(hundredths).scaleb(-2):.2f} {currency}"
