"""pykis 0.7.0 against the emulator, unchanged but for its address. Every step is asserted.

Run by run.sh with the file of `gwanmun emulate kis --json` as its argument. It sends a hash key with every order, and no
stream is part of it.
"""

import json
import sys
import time

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)

from pykis import Api, DomainInfo



class Paced:
    """The client, at a pace that KIS takes: it knows no limits of its own."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        time.sleep(0.12)
        return getattr(self.client, name)


cano, product = FACTS["account"].split("-")
api = Paced(
    Api(
        {"appkey": FACTS["app_key"], "appsecret": FACTS["app_secret"]},
        DomainInfo(url=FACTS["rest"]),
        {"account_code": cano, "product_code": product},
    )
)
api.create_token()

# Price, candles, cash.
price = int(api.get_kr_current_price("005930"))
assert price > 0
lower = int(api.get_kr_min_price("005930"))
assert lower < price < int(api.get_kr_max_price("005930"))
candles = api.get_kr_ohlcv("005930", "D")
assert len(candles) == 30, candles
assert (candles["Low"].astype(int) <= candles["Close"].astype(int)).all()
assert int(api.get_kr_deposit()) == 100_000_000
assert len(api.get_kr_stock_balance()) == 0

# Buy, list, modify, cancel.
api.buy_kr_stock("005930", 10, lower)
orders = api.get_kr_orders()
assert len(orders) == 1, orders
number = orders.index[0]
api.revise_kr_order(number, lower + 100)
orders = api.get_kr_orders()
assert len(orders) == 1 and orders.index[0] != number, orders
api.cancel_kr_order(orders.index[0])
assert len(api.get_kr_orders()) == 0
api.buy_kr_stock("005930", 1, lower)
api.buy_kr_stock("005930", 2, lower)
assert len(api.get_kr_orders()) == 2
api.cancel_all_kr_orders()
assert len(api.get_kr_orders()) == 0

# A market order is filled at once.
api.buy_kr_stock("005930", 10, 0)
balance = api.get_kr_stock_balance()
assert len(balance) == 1 and int(balance.iloc[0]["보유수량"]) == 10, balance
api.sell_kr_stock("005930", 10, 0)
print("pykis 0.7.0: token, hash keys, price, candles, cash, balance, buy, modify, cancel, cancel all, fill, sell")
