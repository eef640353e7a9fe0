//! Code tables of domestic stocks. The portal and the samples, read 2026-07; what else is a source is said.

macro_rules! codes {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* #[doc = concat!("Code `", $code, "`.")] $variant, )*
        }

        impl $name {
            /// All of them, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What stands on the wire.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// What a code means. `None`: it is not in the table.
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )* };
}

codes! {
    /// ORD_DVSN, 주문구분 (order division): kind and time in force in one.
    pub enum OrdDvsn {
        /// 지정가 (limit).
        Limit = "00",
        /// 시장가 (market).
        Market = "01",
        /// 조건부지정가 (conditional limit): turns into a market order in the closing auction.
        ConditionalLimit = "02",
        /// 최유리지정가 (best limit): the best price of the other side.
        BestLimit = "03",
        /// 최우선지정가 (top-priority limit): the best price of the own side.
        PriorityLimit = "04",
        /// 장전 시간외 (before the open, at the closing price of the day before): 08:30 to 08:40.
        BeforeOpenClosingPrice = "05",
        /// 장후 시간외 (after the close, at the closing price): 15:40 to 16:00. A price here answers IGW00007.
        AfterCloseClosingPrice = "06",
        /// 시간외 단일가 (after-hours auctions): 16:00 to 18:00.
        AfterHoursAuction = "07",
        /// IOC지정가 (limit, immediate or cancel).
        LimitIoc = "11",
        /// FOK지정가 (limit, fill or kill).
        LimitFok = "12",
        /// IOC시장가 (market, immediate or cancel).
        MarketIoc = "13",
        /// FOK시장가 (market, fill or kill).
        MarketFok = "14",
        /// IOC최유리 (best limit, immediate or cancel).
        BestIoc = "15",
        /// FOK최유리 (best limit, fill or kill).
        BestFok = "16",
        /// 중간가 (midpoint).
        Midpoint = "21",
        /// 스톱지정가 (stop limit): needs CNDT_PRIC.
        StopLimit = "22",
        /// 중간가IOC (midpoint, immediate or cancel).
        MidpointIoc = "23",
        /// 중간가FOK (midpoint, fill or kill).
        MidpointFok = "24",
    }

    /// EXCG_ID_DVSN_CD, 거래소ID구분코드 (venue). Missing in an order means KRX; the paper server knows no other.
    pub enum Exchange {
        /// 한국거래소 (Korea Exchange).
        Krx = "KRX",
        /// 넥스트레이드 (Nextrade).
        Nxt = "NXT",
        /// Smart order routing.
        Sor = "SOR",
        /// All, in inquiries only.
        All = "ALL",
    }

    /// SLL_BUY_DVSN_CD, 매도매수구분코드 (side).
    pub enum SllBuyDvsn {
        /// 전체 (both), in inquiries only.
        Both = "00",
        /// 매도 (sell).
        Sell = "01",
        /// 매수 (buy).
        Buy = "02",
    }

    /// RVSE_CNCL_DVSN_CD, 정정취소구분코드 (amend or cancel).
    pub enum RvseCnclDvsn {
        /// 정정 (amend).
        Modify = "01",
        /// 취소 (cancel).
        Cancel = "02",
    }

    /// SLL_TYPE, 매도유형 (kind of sale); empty on purchases, and an ordinary sale when empty on sales.
    pub enum SllType {
        /// 일반매도 (ordinary).
        Ordinary = "01",
        /// 임의매매 (discretionary).
        Discretionary = "02",
        /// 대차매도 (sale of borrowed shares).
        Borrowed = "05",
    }

    /// CRDT_TYPE, 신용유형 (kind of margin order). 자기 is the broker's own money, 유통 the market's.
    pub enum CrdtType {
        /// 자기융자신규 (buy on a new loan of the broker).
        HouseLoan = "21",
        /// 유통대주신규 (sell on a new stock loan of the market).
        MarketShort = "22",
        /// 유통융자신규 (buy on a new loan of the market).
        MarketLoan = "23",
        /// 자기대주신규 (sell on a new stock loan of the broker).
        HouseShort = "24",
        /// 자기융자상환 (sell and repay a loan of the broker).
        HouseLoanRepaid = "25",
        /// 유통대주상환 (buy and return a stock loan of the market).
        MarketShortReturned = "26",
        /// 유통융자상환 (sell and repay a loan of the market).
        MarketLoanRepaid = "27",
        /// 자기대주상환 (buy and return a stock loan of the broker).
        HouseShortReturned = "28",
    }

    /// FID_COND_MRKT_DIV_CODE, 조건시장분류코드 (market of a quotation).
    pub enum MarketDiv {
        /// KRX.
        Krx = "J",
        /// Nextrade.
        Nxt = "NX",
        /// 통합 (both, as one).
        Unified = "UN",
        /// ELW, on some quotations.
        Elw = "W",
        /// 업종 (index), on quotations of indices.
        Index = "U",
    }

    /// FID_PERIOD_DIV_CODE, 기간분류코드 (length of a candle).
    pub enum Period {
        /// 일 (day).
        Day = "D",
        /// 주 (week).
        Week = "W",
        /// 월 (month).
        Month = "M",
        /// 년 (year), in `inquire-daily-itemchartprice` only.
        Year = "Y",
    }

    /// prdy_vrss_sign, 전일대비부호 (sign of the change since the day before). The change itself carries a minus too.
    pub enum ChangeSign {
        /// 상한 (at the upper limit).
        UpperLimit = "1",
        /// 상승 (up).
        Up = "2",
        /// 보합 (unchanged).
        Flat = "3",
        /// 하한 (at the lower limit).
        LowerLimit = "4",
        /// 하락 (down).
        Down = "5",
    }

    /// hour_cls_code, 시간구분코드 (what a price belongs to).
    pub enum HourClass {
        /// 장중 (in session).
        Session = "0",
        /// 장후예상 (expected, after the close).
        AfterCloseExpected = "A",
        /// 장전예상 (expected, before the open).
        BeforeOpenExpected = "B",
        /// 9시이후의 예상가, VI발동 (expected, after 09:00, also in a volatility interruption).
        SessionExpected = "C",
        /// 시간외 단일가 예상 (expected, in after-hours auctions).
        AfterHoursExpected = "D",
    }

    /// CCLD_DVSN, 체결구분 (which orders `inquire-daily-ccld` lists).
    pub enum CcldDvsn {
        /// 전체 (all).
        All = "00",
        /// 체결 (executed).
        Executed = "01",
        /// 미체결 (not executed).
        Open = "02",
    }

    /// mrkt_warn_cls_code, 시장경고코드 (market warning), also of the master files.
    pub enum MarketWarning {
        /// 없음 (none).
        None = "00",
        /// 투자주의 (caution).
        Caution = "01",
        /// 투자경고 (warning).
        Warning = "02",
        /// 투자위험 (risk).
        Risk = "03",
    }

    /// scty_grp_id_cd, 증권그룹ID코드 (kind of security), also of the master files.
    pub enum SecurityGroup {
        /// 주권 (stock).
        Stock = "ST",
        /// 증권투자회사 (mutual fund).
        MutualFund = "MF",
        /// 부동산투자회사 (REIT).
        Reit = "RT",
        /// 선박투자회사 (ship fund).
        ShipFund = "SC",
        /// 사회간접자본투융자회사 (infrastructure fund).
        InfrastructureFund = "IF",
        /// 주식예탁증서 (depositary receipt).
        DepositaryReceipt = "DR",
        /// ELW.
        Elw = "EW",
        /// ETF.
        Etf = "EF",
        /// 신주인수권증권 (warrant).
        Warrant = "SW",
        /// 신주인수권증서 (subscription right).
        SubscriptionRight = "SR",
        /// 수익증권 (beneficiary certificate).
        Beneficiary = "BC",
        /// 해외ETF (foreign ETF).
        ForeignEtf = "FE",
        /// 외국주권 (foreign stock).
        ForeignStock = "FS",
        /// ETN.
        Etn = "EN",
    }
}

/// What ORD_UNPR holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceField {
    /// The price.
    Price,
    /// "0".
    Zero,
}

impl OrdDvsn {
    /// Whether a venue takes it, by the portal's table. Paper is a matter of its own: 00 and 01 work there, the rest is
    /// UNCONFIRMED.
    pub const fn is_taken_by(self, exchange: Exchange) -> bool {
        match self {
            Self::Limit
            | Self::BestLimit
            | Self::PriorityLimit
            | Self::LimitIoc
            | Self::LimitFok
            | Self::MarketIoc
            | Self::MarketFok
            | Self::BestIoc
            | Self::BestFok => !matches!(exchange, Exchange::All),
            Self::Market => matches!(exchange, Exchange::Krx | Exchange::Sor),
            Self::Midpoint | Self::StopLimit | Self::MidpointIoc | Self::MidpointFok => {
                matches!(exchange, Exchange::Krx | Exchange::Nxt)
            }
            Self::ConditionalLimit
            | Self::BeforeOpenClosingPrice
            | Self::AfterCloseClosingPrice
            | Self::AfterHoursAuction => matches!(exchange, Exchange::Krx),
        }
    }

    /// What ORD_UNPR holds. UNCONFIRMED for the three midpoint kinds.
    pub const fn price_field(self) -> PriceField {
        match self {
            Self::Limit
            | Self::ConditionalLimit
            | Self::AfterHoursAuction
            | Self::LimitIoc
            | Self::LimitFok
            | Self::StopLimit => PriceField::Price,
            Self::Market
            | Self::BestLimit
            | Self::PriorityLimit
            | Self::BeforeOpenClosingPrice
            | Self::AfterCloseClosingPrice
            | Self::MarketIoc
            | Self::MarketFok
            | Self::BestIoc
            | Self::BestFok
            | Self::Midpoint
            | Self::MidpointIoc
            | Self::MidpointFok => PriceField::Zero,
        }
    }

    /// Whether CNDT_PRIC must hold a price.
    pub const fn needs_condition_price(self) -> bool {
        matches!(self, Self::StopLimit)
    }
}

/// Codes of ORD_DVSN that no order of ours can have, but that lists may show: treasury shares, blocks and baskets.
pub const ORD_DVSN_OF_LISTS: [(&str, &str); 13] = [
    ("08", "자기주식 (treasury)"),
    ("09", "자기주식S-Option (treasury, stock option)"),
    ("10", "자기주식금전신탁 (treasury, trust)"),
    ("51", "장중대량 (block, in session)"),
    ("52", "장중바스켓 (basket, in session)"),
    ("62", "장개시전 시간외대량 (block, before the open)"),
    ("63", "장개시전 시간외바스켓 (basket, before the open)"),
    (
        "67",
        "장개시전 금전신탁자사주 (treasury, trust, before the open)",
    ),
    ("69", "장개시전 자기주식 (treasury, before the open)"),
    ("72", "시간외대량 (block, after hours)"),
    ("77", "시간외자사주신탁 (treasury, trust, after hours)"),
    ("79", "시간외대량자기주식 (treasury block, after hours)"),
    ("80", "바스켓 (basket, after hours)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_what_they_mean() {
        for dvsn in OrdDvsn::ALL {
            assert_eq!(OrdDvsn::from_code(dvsn.code()), Some(*dvsn));
        }
        for group in SecurityGroup::ALL {
            assert_eq!(SecurityGroup::from_code(group.code()), Some(*group));
        }
        assert_eq!(OrdDvsn::from_code("0"), None);
        assert_eq!(OrdDvsn::from_code(""), None);
        assert_eq!(Exchange::from_code("krx"), None);
    }

    /// The portal's table, row by row: code, then which of KRX, NXT and SOR take it, then whether it has a price.
    #[test]
    fn venues_take_what_the_table_says() {
        let table = "00 KNS p|01 K-S 0|02 K-- p|03 KNS 0|04 KNS 0|05 K-- 0|06 K-- 0|07 K-- p|11 KNS p|12 KNS p|\
                     13 KNS 0|14 KNS 0|15 KNS 0|16 KNS 0|21 KN- 0|22 KN- p|23 KN- 0|24 KN- 0";
        let rows = table.split('|').collect::<Vec<_>>();
        assert_eq!(rows.len(), OrdDvsn::ALL.len());
        for (row, dvsn) in rows.iter().zip(OrdDvsn::ALL) {
            let taken = |exchange, letter| {
                if dvsn.is_taken_by(exchange) {
                    letter
                } else {
                    '-'
                }
            };
            let price = match dvsn.price_field() {
                PriceField::Price => 'p',
                PriceField::Zero => '0',
            };
            let shown = format!(
                "{} {}{}{} {price}",
                dvsn.code(),
                taken(Exchange::Krx, 'K'),
                taken(Exchange::Nxt, 'N'),
                taken(Exchange::Sor, 'S'),
            );
            assert_eq!(shown, *row);
            assert!(!dvsn.is_taken_by(Exchange::All));
        }
    }

    #[test]
    fn codes_of_lists_are_none_of_ours() {
        for (code, _) in ORD_DVSN_OF_LISTS {
            assert_eq!(OrdDvsn::from_code(code), None, "{code}");
        }
    }
}
