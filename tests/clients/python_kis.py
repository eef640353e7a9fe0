"""python-kis 2.1.6 against the emulator, unchanged but for its addresses. Every step is asserted.

Run by run.sh with the file of `gwanmun emulate kis --layout 2023 --json` as its argument: this client takes records of
2023 only.
"""

import json
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)

import pykis.client.websocket as websocket
import pykis.kis

pykis.kis.REAL_DOMAIN = FACTS["rest"]
websocket.WEBSOCKET_REAL_DOMAIN = FACTS["websocket"]

from pykis import PyKis

KST = timezone(timedelta(hours=9))
kis = PyKis(
    id=FACTS["hts_id"],
    account=FACTS["account"],
    appkey=FACTS["app_key"],
    secretkey=FACTS["app_secret"],
)
stock, account = kis.stock("005930"), kis.account()


def until(what, found, seconds=15):
    """Waits until `found` returns something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {seconds} s")


# Price, book, chart.
quote = stock.quote()
assert quote.symbol == "005930" and quote.name == "삼성전자", quote
assert quote.low_limit < quote.price < quote.high_limit, quote
book = stock.orderbook()
assert len(book.asks) == 10 and len(book.bids) == 10, book
assert book.ask_price.price > book.bid_price.price, book
chart = stock.chart("1y")
assert 240 <= len(chart.bars) <= 265, len(chart.bars)
assert all(bar.low <= bar.close <= bar.high for bar in chart.bars)
assert [bar.time for bar in chart.bars] == sorted(bar.time for bar in chart.bars)

# Buying power and balance.
power = stock.orderable_amount(price=70000)
assert power.qty > 1000 and power.amount > 0, power
before = account.balance(country="KR")
assert before.deposits["KRW"].amount == 100_000_000, before
assert len(before.stocks) == 0, before

# Streams before the first order, so that nothing is missed.
prices, books, news = [], [], []
lock = threading.Lock()


def keep(into):
    def keeper(_, event):
        with lock:
            into.append(event.response)

    return keeper


tickets = [
    stock.on("price", keep(prices)),
    stock.on("orderbook", keep(books)),
    account.on("execution", keep(news)),
]

low = stock.quote().low_limit


def noticed():
    """Whether notices come: a subscription takes effect some time after it was asked for."""
    stock.buy(price=low, qty=1).cancel()
    time.sleep(0.2)
    return news


until("a price", lambda: prices)
until("a book", lambda: books)
until("a notice", noticed)

# Buy, list, modify, cancel.
order = stock.buy(price=low, qty=10)
assert order.number.isdigit() and len(order.number) == 10, order
pending = account.pending_orders(country="KR")
found = pending.order(order)
assert found is not None and found.qty == 10 and found.pending_qty == 10, pending
tick = 100
changed = order.modify(price=low + tick)
assert changed.number != order.number, changed
found = account.pending_orders(country="KR").order(changed)
assert found is not None and found.price == low + tick, found
changed.cancel()
assert len(account.pending_orders(country="KR").orders) == 0

# A market order is filled at once.
market = stock.buy(price=None, qty=10)
held = until("the shares", lambda: account.balance(country="KR").stocks)
assert held[0].symbol == "005930" and held[0].qty == 10, held
assert account.balance(country="KR").deposits["KRW"].amount == 100_000_000, "settled cash moves on T+2"
today = datetime.now(KST).date()
daily = account.daily_orders(today, country="KR")
filled = daily.order(market)
assert filled is not None and filled.executed_qty == 10, daily
assert filled.executed_amount > 0 and filled.pending_quantity == 0, filled
numbers = {row.order_number.number for row in daily.orders}
assert {order.number, changed.number, market.number} <= numbers, numbers

# What is left is sold.
sold = stock.sell(price=None, qty=10)
until("the sale", lambda: len(account.balance(country="KR").stocks) == 0 or account.balance(country="KR").stocks[0].qty == 0)

# The streams.
with lock:
    price, seen_book = prices[-1], books[-1]
assert price.symbol == "005930" and price.price > 0 and price.volume > 0, price
assert len(seen_book.asks) == 10 and seen_book.ask_price.price > seen_book.bid_price.price, seen_book


def executed(number):
    with lock:
        return [event for event in news if event.order_number.number == number and event.executed_quantity]


bought = until("the notice of the buy", lambda: sum(event.executed_quantity for event in executed(market.number)) == 10)
until("the notice of the sale", lambda: sum(event.executed_quantity for event in executed(sold.number)) == 10)
assert all(isinstance(event.price, Decimal) and event.price > 0 for event in executed(market.number))
for ticket in tickets:
    ticket.unsubscribe()
print("python-kis 2.1.6: token, price, book, chart, buying power, balance, buy, modify, cancel, fill, lists, streams")
