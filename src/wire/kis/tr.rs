//! 거래ID (TR ids): what a call does. The path alone does not say it; buying and selling share one.
//!
//! Ids that begin with T, J or C begin with V on the paper server; quotations (FH…) have one id for both. The older ids
//! were still taken when last seen (2026-06), and common libraries still send them, but the portal warns that they may
//! be blocked without notice. The portal, and the vendor's list of its 338 calls (2026-05-29), which says what exists on
//! paper.

/// Which of the two servers. Keys, accounts and limits are separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// 실전 (real money).
    Real,
    /// 모의 (paper).
    Paper,
}

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The fields are the query.
    Get,
    /// The fields are a JSON body.
    Post,
}

/// Everything about a call. An empty id means that there is none.
struct Row {
    tr: Tr,
    method: Method,
    path: &'static str,
    ids: [&'static str; 2],
    old_ids: [&'static str; 2],
    page_rows: [u16; 2],
}

macro_rules! trs {
    ($(
        $(#[$meta:meta])*
        $tr:ident => $method:ident $group:ident / $call:literal, $real:literal / $paper:literal,
            old $old_real:literal / $old_paper:literal $(, rows $rows_real:literal / $rows_paper:literal)?;
    )*) => {
        /// A call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Tr {
            $( $(#[$meta])* $tr, )*
        }

        impl Tr {
            /// All calls, in the order of the manual.
            pub const ALL: &'static [Self] = &[$(Self::$tr),*];
        }

        /// In the order of the variants of [`Tr`].
        const ROWS: &[Row] = &[$( Row {
            tr: Tr::$tr,
            method: Method::$method,
            path: concat!("/uapi/domestic-stock/v1/", stringify!($group), "/", $call),
            ids: [$real, $paper],
            old_ids: [$old_real, $old_paper],
            page_rows: [0 $(+ $rows_real)?, 0 $(+ $rows_paper)?],
        } ),*];
    };
}

trs! {
    /// 주식주문(현금) (cash order), buying.
    OrderCashBuy => Post trading / "order-cash", "TTTC0012U"/"VTTC0012U", old "TTTC0802U"/"VTTC0802U";
    /// 주식주문(현금) (cash order), selling.
    OrderCashSell => Post trading / "order-cash", "TTTC0011U"/"VTTC0011U", old "TTTC0801U"/"VTTC0801U";
    /// 주식주문(정정취소) (amendment or cancellation).
    OrderRvsecncl => Post trading / "order-rvsecncl", "TTTC0013U"/"VTTC0013U", old "TTTC0803U"/"VTTC0803U";
    /// 주식주문(신용) (margin order), buying.
    OrderCreditBuy => Post trading / "order-credit", "TTTC0052U"/"", old "TTTC0852U"/"";
    /// 주식주문(신용) (margin order), selling.
    OrderCreditSell => Post trading / "order-credit", "TTTC0051U"/"", old "TTTC0851U"/"";
    /// 주식예약주문 (reserve an order).
    OrderResv => Post trading / "order-resv", "CTSC0008U"/"", old ""/"";
    /// 주식예약주문정정취소 (cancel a reserved order).
    OrderResvCancel => Post trading / "order-resv-rvsecncl", "CTSC0009U"/"", old ""/"";
    /// 주식예약주문정정취소 (amend a reserved order).
    OrderResvModify => Post trading / "order-resv-rvsecncl", "CTSC0013U"/"", old ""/"";
    /// 주식예약주문조회 (list of reserved orders).
    OrderResvCcnl => Get trading / "order-resv-ccnl", "CTSC0004R"/"", old ""/"", rows 20/0;
    /// 주식정정취소가능주문조회 (orders that can be amended or cancelled).
    InquirePsblRvsecncl => Get trading / "inquire-psbl-rvsecncl", "TTTC0084R"/"", old "TTTC8036R"/"", rows 50/0;
    /// 주식일별주문체결조회 (orders and executions by day), of the last three months.
    InquireDailyCcld => Get trading / "inquire-daily-ccld", "TTTC0081R"/"VTTC0081R", old "TTTC8001R"/"VTTC8001R", rows 100/15;
    /// 주식일별주문체결조회 (orders and executions by day), of the time before.
    InquireDailyCcldBefore => Get trading / "inquire-daily-ccld", "CTSC9215R"/"VTSC9215R", old "CTSC9115R"/"VTSC9115R", rows 100/15;
    /// 주식잔고조회 (holdings and cash).
    InquireBalance => Get trading / "inquire-balance", "TTTC8434R"/"VTTC8434R", old ""/"", rows 50/20;
    /// 주식잔고조회_실현손익 (holdings with realised profit).
    InquireBalanceRlzPl => Get trading / "inquire-balance-rlz-pl", "TTTC8494R"/"", old ""/"";
    /// 투자계좌자산현황조회 (assets of an account).
    InquireAccountBalance => Get trading / "inquire-account-balance", "CTRP6548R"/"", old ""/"";
    /// 매수가능조회 (what may be bought).
    InquirePsblOrder => Get trading / "inquire-psbl-order", "TTTC8908R"/"VTTC8908R", old ""/"";
    /// 매도가능수량조회 (what may be sold).
    InquirePsblSell => Get trading / "inquire-psbl-sell", "TTTC8408R"/"", old ""/"";
    /// 신용매수가능조회 (what a margin order may buy).
    InquireCreditPsamount => Get trading / "inquire-credit-psamount", "TTTC8909R"/"", old ""/"";
    /// 주식통합증거금 현황 (margin over all currencies).
    IntgrMargin => Get trading / "intgr-margin", "TTTC0869R"/"", old ""/"";
    /// 기간별손익일별합산조회 (profit by day).
    InquirePeriodProfit => Get trading / "inquire-period-profit", "TTTC8708R"/"", old ""/"";
    /// 기간별매매손익현황조회 (profit by symbol).
    InquirePeriodTradeProfit => Get trading / "inquire-period-trade-profit", "TTTC8715R"/"", old ""/"";
    /// 주식현재가 시세 (the price now).
    InquirePrice => Get quotations / "inquire-price", "FHKST01010100"/"FHKST01010100", old ""/"";
    /// 주식현재가 시세2 (the price now, other fields).
    InquirePrice2 => Get quotations / "inquire-price-2", "FHPST01010000"/"", old ""/"";
    /// 주식현재가 호가/예상체결 (order book and expected match).
    InquireAskingPriceExpCcn => Get quotations / "inquire-asking-price-exp-ccn", "FHKST01010200"/"FHKST01010200", old ""/"";
    /// 주식현재가 체결 (last trades).
    InquireCcnl => Get quotations / "inquire-ccnl", "FHKST01010300"/"FHKST01010300", old ""/"", rows 30/30;
    /// 주식현재가 당일시간대별체결 (trades of the day back from a time).
    InquireTimeItemconclusion => Get quotations / "inquire-time-itemconclusion", "FHPST01060000"/"FHPST01060000", old ""/"";
    /// 주식현재가 일자별 (the last 30 days, weeks or months).
    InquireDailyPrice => Get quotations / "inquire-daily-price", "FHKST01010400"/"FHKST01010400", old ""/"", rows 30/30;
    /// 국내주식기간별시세 (candles of a range of dates).
    InquireDailyItemchartprice => Get quotations / "inquire-daily-itemchartprice", "FHKST03010100"/"FHKST03010100", old ""/"", rows 100/100;
    /// 주식당일분봉조회 (minutes of today).
    InquireTimeItemchartprice => Get quotations / "inquire-time-itemchartprice", "FHKST03010200"/"FHKST03010200", old ""/"", rows 30/30;
    /// 주식일별분봉조회 (minutes of a past day).
    InquireTimeDailychartprice => Get quotations / "inquire-time-dailychartprice", "FHKST03010230"/"", old ""/"", rows 120/0;
    /// 주식기본조회 (share).
    SearchStockInfo => Get quotations / "search-stock-info", "CTPF1002R"/"", old ""/"";
    /// 상품기본조회 (product).
    SearchInfo => Get quotations / "search-info", "CTPF1604R"/"", old ""/"";
    /// 국내휴장일조회 (calendar).
    ChkHoliday => Get quotations / "chk-holiday", "CTCA0903R"/"", old ""/"";
    /// 변동성완화장치(VI) 현황 (volatility interruptions).
    InquireViStatus => Get quotations / "inquire-vi-status", "FHPST01390000"/"", old ""/"", rows 30/0;
    /// 관심종목(멀티종목) 시세조회 (prices of up to 30 symbols).
    IntstockMultprice => Get quotations / "intstock-multprice", "FHKST11300006"/"", old ""/"";
}

impl Tr {
    fn row(self) -> &'static Row {
        // The table has a row for each variant, in order; a test walks it.
        &ROWS[self as usize]
    }

    /// The method.
    pub fn method(self) -> Method {
        self.row().method
    }

    /// The path, from the root.
    pub fn path(self) -> &'static str {
        self.row().path
    }

    /// The id. `None`: the call does not exist there.
    pub fn id(self, environment: Environment) -> Option<&'static str> {
        some(self.row().ids[environment as usize])
    }

    /// The id that came before it and is still sent by common libraries.
    pub fn old_id(self, environment: Environment) -> Option<&'static str> {
        some(self.row().old_ids[environment as usize])
    }

    /// How many rows an answer holds at most. `None`: the manual does not say.
    pub fn page_rows(self, environment: Environment) -> Option<u16> {
        Some(self.row().page_rows[environment as usize]).filter(|rows| *rows > 0)
    }

    /// The call that an id, old or new, means on that server.
    pub fn from_id(id: &str, environment: Environment) -> Option<Self> {
        let column = environment as usize;
        ROWS.iter()
            .find(|row| !id.is_empty() && (row.ids[column] == id || row.old_ids[column] == id))
            .map(|row| row.tr)
    }
}

fn some(id: &'static str) -> Option<&'static str> {
    Some(id).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const BOTH: [Environment; 2] = [Environment::Real, Environment::Paper];

    #[test]
    fn every_call_has_its_row() {
        assert_eq!(ROWS.len(), Tr::ALL.len());
        for tr in Tr::ALL {
            assert_eq!(tr.row().tr, *tr);
        }
    }

    #[test]
    fn an_id_leads_back_to_its_call() {
        for environment in BOTH {
            let mut seen = BTreeSet::new();
            for tr in Tr::ALL {
                for id in [tr.id(environment), tr.old_id(environment)]
                    .into_iter()
                    .flatten()
                {
                    assert_eq!(Tr::from_id(id, environment), Some(*tr));
                    assert!(seen.insert(id), "{id} stands twice");
                }
            }
            assert_eq!(Tr::from_id("", environment), None);
            assert_eq!(Tr::from_id("TTTC9999U", environment), None);
        }
    }

    #[test]
    fn paper_ids_follow_the_rule_of_the_first_letter() {
        for tr in Tr::ALL {
            for id in [Tr::id, Tr::old_id] {
                let (Some(real), Some(paper)) =
                    (id(*tr, Environment::Real), id(*tr, Environment::Paper))
                else {
                    continue;
                };
                if real.starts_with("FH") {
                    assert_eq!(paper, real);
                } else {
                    assert!(real.starts_with(['T', 'C']), "{real}");
                    assert_eq!(paper, format!("V{}", &real[1..]));
                }
            }
        }
    }

    #[test]
    fn ids_that_change_something_end_in_u_and_are_posted() {
        for tr in Tr::ALL {
            let id = tr.id(Environment::Real).unwrap();
            assert_eq!(tr.method() == Method::Post, id.ends_with('U'), "{id}");
        }
    }

    #[test]
    fn a_real_order_is_not_known_on_paper() {
        assert_eq!(Tr::from_id("TTTC0012U", Environment::Paper), None);
        assert_eq!(Tr::from_id("VTTC0012U", Environment::Real), None);
        assert_eq!(Tr::OrderCreditBuy.id(Environment::Paper), None);
    }
}
