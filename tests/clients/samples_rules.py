"""What the vendor's own samples need of a server, and nothing but that.

The samples (github.com/koreainvestment/open-trading-api, folder examples_llm) are not on PyPI, so they cannot be
installed here. Their rules can be tried: response headers are collected by lower-case name into a named tuple, the body's
top level too, every call needs `tr_cont`; PINGPONG is answered with a WebSocket PONG frame; notices are decrypted with
AES-256-CBC by the key of the subscription's answer; records of a feed are named by position. Run by run.sh with the file of
`gwanmun emulate kis --layout mid-2026 --json` as its argument.
"""

import asyncio
import base64
import json
import sys
import time
from collections import namedtuple
from datetime import datetime, timedelta, timezone

import requests
import websockets
from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)

CANO, PRODUCT = FACTS["account"].split("-")
QUOTES = "/uapi/domestic-stock/v1/quotations/"
TRADING = "/uapi/domestic-stock/v1/trading/"
ACCOUNT = {"CANO": CANO, "ACNT_PRDT_CD": PRODUCT}
BASE = {"Content-Type": "application/json", "Accept": "text/plain", "charset": "UTF-8", "User-Agent": "sample"}

answer = requests.post(
    FACTS["rest"] + "/oauth2/tokenP",
    data=json.dumps({"grant_type": "client_credentials", "appkey": FACTS["app_key"], "appsecret": FACTS["app_secret"]}),
    headers=BASE,
)
assert answer.status_code == 200, answer.text
token = answer.json()
datetime.strptime(token["access_token_token_expired"], "%Y-%m-%d %H:%M:%S")


def named(answer):
    """Header and body as the samples make them."""
    lower = {name: value for name, value in answer.headers.items() if name.islower()}
    header = namedtuple("header", lower.keys())(**lower)
    fields = answer.json()
    body = namedtuple("body", fields.keys())(**fields)
    return header, body


def call(tr_id, path, params, post=False, tr_cont=""):
    headers = {
        **BASE,
        "authorization": f"Bearer {token['access_token']}",
        "appkey": FACTS["app_key"],
        "appsecret": FACTS["app_secret"],
        "tr_id": tr_id,
        "custtype": "P",
        "tr_cont": tr_cont,
    }
    time.sleep(0.06)
    if post:
        answer = requests.post(FACTS["rest"] + path, headers=headers, data=json.dumps(params))
    else:
        answer = requests.get(FACTS["rest"] + path, headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    names = [name for name in answer.headers]
    assert "Content-Type" in names and "tr_id" in names and "gt_uid" in names, names
    header, body = named(answer)
    assert header.tr_cont in ("", "F", "M", "D", "E"), header
    assert body.rt_cd == "0" and body.msg_cd and body.msg1, body
    return header, body


def buy(division, qty, price):
    order = {
        **ACCOUNT,
        "PDNO": "005930",
        "ORD_DVSN": division,
        "ORD_QTY": str(qty),
        "ORD_UNPR": str(price),
        "EXCG_ID_DVSN_CD": "KRX",
        "SLL_TYPE": "",
        "CNDT_PRIC": "",
    }
    return call("TTTC0012U", TRADING + "order-cash", order, post=True)[1].output["ODNO"]


_, price = call("FHKST01010100", QUOTES + "inquire-price", {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": "005930"})
lower = int(price.output["stck_llam"])
header, balance = call(
    "TTTC8434R",
    TRADING + "inquire-balance",
    {
        **ACCOUNT,
        "AFHR_FLPR_YN": "N",
        "OFL_YN": "",
        "INQR_DVSN": "02",
        "UNPR_DVSN": "01",
        "FUND_STTL_ICLD_YN": "N",
        "FNCG_AMT_AUTO_RDPT_YN": "N",
        "PRCS_DVSN": "00",
        "CTX_AREA_FK100": "",
        "CTX_AREA_NK100": "",
    },
)
assert header.tr_cont == "D" and balance.output2[0]["dnca_tot_amt"] == "100000000", balance
number = buy("00", 10, lower)


def open_orders():
    params = {**ACCOUNT, "INQR_DVSN_1": "1", "INQR_DVSN_2": "0", "CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
    return [row["odno"] for row in call("TTTC0084R", TRADING + "inquire-psbl-rvsecncl", params)[1].output]


assert open_orders() == [number]
change = {
    **ACCOUNT,
    "KRX_FWDG_ORD_ORGNO": "06010",
    "ORGN_ODNO": number,
    "ORD_DVSN": "00",
    "RVSE_CNCL_DVSN_CD": "02",
    "ORD_QTY": "10",
    "ORD_UNPR": "0",
    "QTY_ALL_ORD_YN": "Y",
    "EXCG_ID_DVSN_CD": "KRX",
    "CNDT_PRIC": "",
}
call("TTTC0013U", TRADING + "order-rvsecncl", change, post=True)
assert open_orders() == []
today = datetime.now(timezone(timedelta(hours=9))).strftime("%Y%m%d")


def daily():
    params = {
        **ACCOUNT,
        "INQR_STRT_DT": today,
        "INQR_END_DT": today,
        "SLL_BUY_DVSN_CD": "00",
        "PDNO": "",
        "ORD_GNO_BRNO": "",
        "ODNO": "",
        "CCLD_DVSN": "00",
        "INQR_DVSN": "00",
        "INQR_DVSN_1": "",
        "INQR_DVSN_3": "00",
        "EXCG_ID_DVSN_CD": "KRX",
        "CTX_AREA_FK100": "",
        "CTX_AREA_NK100": "",
    }
    return {row["odno"]: row for row in call("TTTC0081R", TRADING + "inquire-daily-ccld", params)[1].output1}


assert daily()[number]["cncl_yn"] == "Y"

approval = requests.post(
    FACTS["rest"] + "/oauth2/Approval",
    data=json.dumps(
        {"grant_type": "client_credentials", "appkey": FACTS["app_key"], "secretkey": FACTS["app_secret"]}
    ),
    headers=BASE,
).json()["approval_key"]


def subscription(tr_id, key):
    return json.dumps(
        {
            "header": {"content-type": "utf-8", "approval_key": approval, "tr_type": "1", "custtype": "P"},
            "body": {"input": {"tr_id": tr_id, "tr_key": key}},
        }
    )


async def stream():
    seen, keys, notices, pings = {}, {}, [], 0
    async with websockets.connect(FACTS["websocket"] + "/tryitout", ping_interval=20) as socket:
        for tr_id, key in [("H0STCNI0", FACTS["hts_id"]), ("H0STCNT0", "005930"), ("H0STASP0", "005930")]:
            await socket.send(subscription(tr_id, key))
            await asyncio.sleep(0.05)
        number = None
        end = time.monotonic() + 40
        while time.monotonic() < end:
            message = await asyncio.wait_for(socket.recv(), 20)
            if message[0] in "01":
                flag, tr_id, count, payload = message.split("|", 3)
                if flag == "1":
                    key, iv = keys[tr_id]
                    cipher = AES.new(key.encode(), AES.MODE_CBC, iv.encode())
                    payload = unpad(cipher.decrypt(base64.b64decode(payload)), AES.block_size).decode()
                    notices.append(payload.split("^"))
                else:
                    seen[tr_id] = (int(count), payload.split("^"))
            else:
                control = json.loads(message)
                if control["header"]["tr_id"] == "PINGPONG":
                    pings += 1
                    await socket.pong(message)
                else:
                    assert control["body"]["rt_cd"] == "0", control
                    output = control["body"]["output"]
                    keys[control["header"]["tr_id"]] = (output["key"], output["iv"])
            if len(keys) == 3 and number is None:
                # In a thread: the socket must go on being read.
                number = await asyncio.to_thread(buy, "01", 10, 0)
            filled = sum(int(row[9]) for row in notices if row[2] == number and row[13] == "2")
            # Four heartbeats: the server would have closed before, had it not taken PONG frames as answers.
            if filled == 10 and len(seen) == 2 and pings >= 4:
                return number, seen, notices
    raise AssertionError((number, seen, notices, pings))


number, seen, notices = asyncio.run(stream())
count, trade = seen["H0STCNT0"]
assert len(trade) == 46 * count and trade[0] == "005930" and int(trade[2]) > 0, trade
count, book = seen["H0STASP0"]
assert len(book) == 62 * count and int(book[3]) > int(book[13]) > 0, book
receipt = next(row for row in notices if row[2] == number and row[13] == "1")
assert len(receipt) == 26 and receipt[1] == CANO + PRODUCT and int(receipt[9]) == int(receipt[16]) == 10, receipt
assert daily()[number]["tot_ccld_qty"] == "10"
print("rules of the official samples: header case, named tuples, lists, PONG frames, records of 46 and 62, notices")
