//! 주식현재가 호가/예상체결 (order book and expected match), asked for with a [`QuoteQuery`](super::price::QuoteQuery). KIS
//! developers' portal, read 2026-07.

use super::super::record::records;
use super::envelope::{Answer, Nothing, One};

/// What `inquire-asking-price-exp-ccn` answers.
pub type InquireAskingPriceAnswer<'a> =
    Answer<'a, Nothing, One<InquireAskingPrice<'a>>, One<InquireExpectedMatch<'a>>>;

records! {
    /// 호가 (the book), ten levels a side; level 1 is the best.
    pub struct InquireAskingPrice {
        /// 호가접수시간 (quote reception time).
        aspr_acpt_hour,
        /// 매도호가1 (ask price 1).
        askp1,
        /// 매도호가2 (ask price 2).
        askp2,
        /// 매도호가3 (ask price 3).
        askp3,
        /// 매도호가4 (ask price 4).
        askp4,
        /// 매도호가5 (ask price 5).
        askp5,
        /// 매도호가6 (ask price 6).
        askp6,
        /// 매도호가7 (ask price 7).
        askp7,
        /// 매도호가8 (ask price 8).
        askp8,
        /// 매도호가9 (ask price 9).
        askp9,
        /// 매도호가10 (ask price 10).
        askp10,
        /// 매수호가1 (bid price 1).
        bidp1,
        /// 매수호가2 (bid price 2).
        bidp2,
        /// 매수호가3 (bid price 3).
        bidp3,
        /// 매수호가4 (bid price 4).
        bidp4,
        /// 매수호가5 (bid price 5).
        bidp5,
        /// 매수호가6 (bid price 6).
        bidp6,
        /// 매수호가7 (bid price 7).
        bidp7,
        /// 매수호가8 (bid price 8).
        bidp8,
        /// 매수호가9 (bid price 9).
        bidp9,
        /// 매수호가10 (bid price 10).
        bidp10,
        /// 매도호가잔량1 (ask size 1).
        askp_rsqn1,
        /// 매도호가잔량2 (ask size 2).
        askp_rsqn2,
        /// 매도호가잔량3 (ask size 3).
        askp_rsqn3,
        /// 매도호가잔량4 (ask size 4).
        askp_rsqn4,
        /// 매도호가잔량5 (ask size 5).
        askp_rsqn5,
        /// 매도호가잔량6 (ask size 6).
        askp_rsqn6,
        /// 매도호가잔량7 (ask size 7).
        askp_rsqn7,
        /// 매도호가잔량8 (ask size 8).
        askp_rsqn8,
        /// 매도호가잔량9 (ask size 9).
        askp_rsqn9,
        /// 매도호가잔량10 (ask size 10).
        askp_rsqn10,
        /// 매수호가잔량1 (bid size 1).
        bidp_rsqn1,
        /// 매수호가잔량2 (bid size 2).
        bidp_rsqn2,
        /// 매수호가잔량3 (bid size 3).
        bidp_rsqn3,
        /// 매수호가잔량4 (bid size 4).
        bidp_rsqn4,
        /// 매수호가잔량5 (bid size 5).
        bidp_rsqn5,
        /// 매수호가잔량6 (bid size 6).
        bidp_rsqn6,
        /// 매수호가잔량7 (bid size 7).
        bidp_rsqn7,
        /// 매수호가잔량8 (bid size 8).
        bidp_rsqn8,
        /// 매수호가잔량9 (bid size 9).
        bidp_rsqn9,
        /// 매수호가잔량10 (bid size 10).
        bidp_rsqn10,
        /// 매도호가잔량증감1 (ask size change 1).
        askp_rsqn_icdc1,
        /// 매도호가잔량증감2 (ask size change 2).
        askp_rsqn_icdc2,
        /// 매도호가잔량증감3 (ask size change 3).
        askp_rsqn_icdc3,
        /// 매도호가잔량증감4 (ask size change 4).
        askp_rsqn_icdc4,
        /// 매도호가잔량증감5 (ask size change 5).
        askp_rsqn_icdc5,
        /// 매도호가잔량증감6 (ask size change 6).
        askp_rsqn_icdc6,
        /// 매도호가잔량증감7 (ask size change 7).
        askp_rsqn_icdc7,
        /// 매도호가잔량증감8 (ask size change 8).
        askp_rsqn_icdc8,
        /// 매도호가잔량증감9 (ask size change 9).
        askp_rsqn_icdc9,
        /// 매도호가잔량증감10 (ask size change 10).
        askp_rsqn_icdc10,
        /// 매수호가잔량증감1 (bid size change 1).
        bidp_rsqn_icdc1,
        /// 매수호가잔량증감2 (bid size change 2).
        bidp_rsqn_icdc2,
        /// 매수호가잔량증감3 (bid size change 3).
        bidp_rsqn_icdc3,
        /// 매수호가잔량증감4 (bid size change 4).
        bidp_rsqn_icdc4,
        /// 매수호가잔량증감5 (bid size change 5).
        bidp_rsqn_icdc5,
        /// 매수호가잔량증감6 (bid size change 6).
        bidp_rsqn_icdc6,
        /// 매수호가잔량증감7 (bid size change 7).
        bidp_rsqn_icdc7,
        /// 매수호가잔량증감8 (bid size change 8).
        bidp_rsqn_icdc8,
        /// 매수호가잔량증감9 (bid size change 9).
        bidp_rsqn_icdc9,
        /// 매수호가잔량증감10 (bid size change 10).
        bidp_rsqn_icdc10,
        /// 총매도호가잔량 (total ask size).
        total_askp_rsqn,
        /// 총매수호가잔량 (total bid size).
        total_bidp_rsqn,
        /// 총매도호가잔량증감 (total ask size change).
        total_askp_rsqn_icdc,
        /// 총매수호가잔량증감 (total bid size change).
        total_bidp_rsqn_icdc,
        /// 시간외총매도호가증감 (after-hours total ask size change).
        ovtm_total_askp_icdc,
        /// 시간외총매수호가증감 (after-hours total bid size change).
        ovtm_total_bidp_icdc,
        /// 시간외총매도호가잔량 (after-hours total ask size).
        ovtm_total_askp_rsqn,
        /// 시간외총매수호가잔량 (after-hours total bid size).
        ovtm_total_bidp_rsqn,
        /// 순매수호가잔량 (net bid size).
        ntby_aspr_rsqn,
        /// 신장운영구분코드 (new market operation class code): two characters: 1st 1 before open,2 in session,3 after
        /// close,4 after-hours single,7 general buy-in,8 same-day buy-in; 2nd 0 normal,1 closing price,2 block,3
        /// basket,7 liquidation,8 buy-in; 00/49 in expected-match data.
        new_mkop_cls_code,
    }

    /// 예상체결 (the price, and the match a call auction would give now).
    pub struct InquireExpectedMatch {
        /// 예상장운영구분코드 (expected market operation class code): 112 pre-open expected end, 121 closing expected start,
        /// 129 closing expected end, 311 pre-open expected start.
        antc_mkop_cls_code,
        /// 주식현재가 (last price).
        stck_prpr,
        /// 주식시가2 (open price 2).
        stck_oprc,
        /// 주식최고가 (high price).
        stck_hgpr,
        /// 주식최저가 (low price).
        stck_lwpr,
        /// 주식기준가 (stock reference price).
        stck_sdpr,
        /// 예상체결가 (expected match price): means something in call auctions only; otherwise the price is 0 and the
        /// change is -100.00.
        antc_cnpr,
        /// 예상체결대비부호 (sign of expected change): 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
        antc_cntg_vrss_sign,
        /// 예상체결대비 (expected price change): means something in call auctions only; otherwise the price is 0 and the
        /// change is -100.00.
        antc_cntg_vrss,
        /// 예상체결전일대비율 (expected percent change): means something in call auctions only; otherwise the price is 0 and
        /// the change is -100.00.
        antc_cntg_prdy_ctrt,
        /// 예상거래량 (expected volume): means something in call auctions only; otherwise the price is 0 and the change
        /// is -100.00.
        antc_vol,
        /// 주식단축종목코드 (short symbol code).
        stck_shrn_iscd,
        /// VI적용구분코드 (VI applied flag): Y triggered, N released.
        vi_cls_code,
    }
}
