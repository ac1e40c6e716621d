-- Amounts are in hundredths of their currency.
CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (
    number TEXT PRIMARY KEY,        -- as it is written
    code TEXT NOT NULL UNIQUE,      -- its letters and digits, by which it is found
    customer_id TEXT NOT NULL REFERENCES customers,
    item_zh TEXT NOT NULL,
    item_en TEXT NOT NULL,
    price INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('preparing', 'shipped', 'delivered', 'cancelled', 'returning')),
    expected TEXT NOT NULL,         -- the day it is due, or the day it was delivered
    tracking TEXT UNIQUE,
    returnable_until TEXT           -- NULL: it cannot be returned
);
CREATE TABLE accounts (
    number TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    currency TEXT NOT NULL
);
CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    allowance TEXT NOT NULL,
    price INTEGER NOT NULL,
    currency TEXT NOT NULL
);
CREATE TABLE contracts (
    customer_id TEXT PRIMARY KEY REFERENCES customers,
    plan_id TEXT NOT NULL REFERENCES plans,
    used TEXT NOT NULL,
    period_end TEXT NOT NULL,
    next_plan_id TEXT REFERENCES plans
);
CREATE TABLE loans (
    reference TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    months INTEGER NOT NULL
);
-- What was done under an idempotency key, and what was answered.
CREATE TABLE answers (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,          -- a digest, so that a key is not used for something else
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
-- Every movement of money, with the key it was moved under. No key is unique here: the ledger is
-- there to show it if money moves twice.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    action TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL
);
