//! What the house does around a price: where it quotes, and when it trades.
//!
//! Pure data: a seeded plan for each point of a price path, which the market model carries out. The path's price is
//! always one of the two best quotes: after a buyer came in it is the best ask, after a seller the best bid, and a take
//! at that price prints it.

use std::ops::Range;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::book::Tick;
use crate::domain::{Qty, Side, ValueError};

/// How thick the house's quotes are and how often it trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityParams {
    /// The seed of sizes and times.
    pub seed: u64,
    /// Price levels a side that hold a quote, from 1 to [`LiquidityParams::LEVELS_MAX`].
    pub levels: u32,
    /// Smallest quote in shares, at least 1.
    pub quote_qty_min: u64,
    /// Largest quote in shares, at least the smallest, at most 1,000,000.
    pub quote_qty_max: u64,
    /// Largest take in shares, from 1 to 1,000,000.
    pub take_qty_max: u64,
    /// Points without a move at which the house takes, in 1/1,000. At a move it always does, and where the path says so.
    pub takes_per_mille: u32,
}

impl LiquidityParams {
    /// The most price levels a side.
    pub const LEVELS_MAX: u32 = 50;

    /// Ten levels of 100 to 2,000 shares a side, a take of up to 500 shares at every second point.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            levels: 10,
            quote_qty_min: 100,
            quote_qty_max: 2_000,
            take_qty_max: 500,
            takes_per_mille: 500,
        }
    }

    fn check(&self) -> Result<(), ValueError> {
        const QTY_MAX: u64 = 1_000_000;
        let error = |what, found: u64, expected: &str| Err(ValueError::new(what, found, expected));
        if !(1..=Self::LEVELS_MAX).contains(&self.levels) {
            return error("levels", self.levels.into(), "1 to 50 levels a side");
        }
        if !(1..=QTY_MAX).contains(&self.quote_qty_min) {
            return error("quote_qty_min", self.quote_qty_min, "1 to 1000000 shares");
        }
        if !(self.quote_qty_min..=QTY_MAX).contains(&self.quote_qty_max) {
            let expected = "quote_qty_min to 1000000 shares";
            return error("quote_qty_max", self.quote_qty_max, expected);
        }
        if !(1..=QTY_MAX).contains(&self.take_qty_max) {
            return error("take_qty_max", self.take_qty_max, "1 to 1000000 shares");
        }
        if self.takes_per_mille > 1_000 {
            return error("takes_per_mille", self.takes_per_mille.into(), "0 to 1000");
        }
        Ok(())
    }
}

/// What the house wants at a point of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The levels that hold a bid; the last is the best.
    pub bids: Range<Tick>,
    /// The levels that hold an ask; the first is the best.
    pub asks: Range<Tick>,
    /// An order of the house that comes in, after the quotes stand.
    pub take: Option<Take>,
}

impl Plan {
    /// The levels that hold a quote of that side.
    pub const fn levels(&self, side: Side) -> &Range<Tick> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }
}

/// An order of the house that comes in, and of which nothing stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub qty: Qty,
    /// The worst price: the path's.
    pub limit: Tick,
}

/// The house's seeded mind.
#[derive(Clone, Debug)]
pub struct Liquidity {
    params: LiquidityParams,
    random: ChaCha8Rng,
    /// The path's last point.
    last: Option<Tick>,
    /// The side that came in last.
    lean: Side,
}

impl Liquidity {
    /// A house of these parameters.
    ///
    /// # Errors
    /// When one is outside its range.
    pub fn new(params: LiquidityParams) -> Result<Self, ValueError> {
        params.check()?;
        Ok(Self {
            params,
            random: ChaCha8Rng::seed_from_u64(params.seed),
            last: None,
            lean: Side::Buy,
        })
    }

    /// Its parameters.
    pub const fn params(&self) -> &LiquidityParams {
        &self.params
    }

    /// Forgets the last point: a new day has another ladder.
    pub const fn open_day(&mut self) {
        self.last = None;
    }

    /// What the house wants now that the path is at `tick` of a ladder of `levels` prices. It takes at a move, where the
    /// path says so, and at some of the other points.
    pub fn plan(&mut self, tick: Tick, levels: u32, surely: bool) -> Plan {
        let last = self.last.replace(tick);
        let trades = match last {
            Some(last) if tick == last && !surely => {
                self.random.random_range(0..1_000) < self.params.takes_per_mille
            }
            Some(_) | None => true,
        };
        if trades {
            self.lean = match last {
                Some(last) if tick > last => Side::Buy,
                Some(last) if tick < last => Side::Sell,
                Some(_) | None if self.random.random() => Side::Buy,
                Some(_) | None => Side::Sell,
            };
        }
        let best_ask = match self.lean {
            Side::Buy => tick,
            Side::Sell => tick.saturating_add(1),
        };
        let highest = best_ask.saturating_add(self.params.levels);
        Plan {
            bids: best_ask.saturating_sub(self.params.levels)..best_ask.min(levels),
            asks: best_ask.min(levels)..highest.min(levels),
            take: trades.then(|| Take {
                side: self.lean,
                qty: Qty::new(self.random.random_range(1..=self.params.take_qty_max)),
                limit: tick,
            }),
        }
    }

    /// The size of a new quote.
    pub fn quote_qty(&mut self) -> Qty {
        let sizes = self.params.quote_qty_min..=self.params.quote_qty_max;
        Qty::new(self.random.random_range(sizes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn house(takes_per_mille: u32) -> Liquidity {
        let params = LiquidityParams {
            takes_per_mille,
            levels: 3,
            ..LiquidityParams::new(1)
        };
        Liquidity::new(params).unwrap()
    }

    #[test]
    fn a_rise_prints_at_the_ask_and_a_fall_at_the_bid() {
        let mut house = house(0);
        house.plan(50, 100, false);
        let rise = house.plan(52, 100, false);
        let take = rise.take.unwrap();
        assert_eq!((rise.bids, rise.asks), (49..52, 52..55));
        assert_eq!((take.side, take.limit), (Side::Buy, 52));
        let fall = house.plan(40, 100, false);
        let take = fall.take.unwrap();
        assert_eq!((fall.bids, fall.asks), (38..41, 41..44));
        assert_eq!((take.side, take.limit), (Side::Sell, 40));
        // Without a move and without takes everything stays where it is.
        let still = house.plan(40, 100, false);
        assert_eq!((still.bids, still.asks, still.take), (38..41, 41..44, None));
        assert!(house.plan(40, 100, true).take.is_some());
    }

    #[test]
    fn there_are_no_quotes_beyond_the_limits() {
        let mut house = house(0);
        house.plan(5, 10, false);
        assert_eq!(house.plan(9, 10, false).asks, 9..10);
        house.plan(8, 10, false);
        house.plan(0, 10, false);
        let lowest = house.plan(0, 10, false);
        assert_eq!((lowest.bids, lowest.asks), (0..1, 1..4));
        let top = house.plan(9, 10, false);
        assert_eq!((top.bids, top.asks), (6..9, 9..10));
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let good = LiquidityParams::new(1);
        for (params, what) in [
            (LiquidityParams { levels: 0, ..good }, "levels"),
            (LiquidityParams { levels: 51, ..good }, "levels"),
            (
                LiquidityParams {
                    quote_qty_min: 0,
                    ..good
                },
                "quote_qty_min",
            ),
            (
                LiquidityParams {
                    quote_qty_max: 99,
                    ..good
                },
                "quote_qty_max",
            ),
            (
                LiquidityParams {
                    take_qty_max: 0,
                    ..good
                },
                "take_qty_max",
            ),
            (
                LiquidityParams {
                    takes_per_mille: 1_001,
                    ..good
                },
                "takes_per_mille",
            ),
        ] {
            assert_eq!(Liquidity::new(params).unwrap_err().what, what);
        }
    }

    proptest! {
        #[test]
        fn the_path_is_always_a_best_quote_and_a_take_prints_there(
            seed: u64,
            per_mille in 0_u32..=1_000,
            ticks in prop::collection::vec(0_u32..20, 1..40),
        ) {
            let params = LiquidityParams { takes_per_mille: per_mille, ..LiquidityParams::new(seed) };
            let mut house = Liquidity::new(params).unwrap();
            let mut twin = Liquidity::new(params).unwrap();
            let mut last = None;
            for tick in ticks {
                let plan = house.plan(tick, 20, false);
                prop_assert_eq!(&plan, &twin.plan(tick, 20, false));
                prop_assert!(plan.bids.end == plan.asks.start || plan.asks.is_empty());
                prop_assert!(plan.bids.end <= 20 && plan.asks.end <= 20);
                let best_bid = plan.bids.clone().last();
                prop_assert!(best_bid == Some(tick) || plan.asks.clone().next() == Some(tick));
                if let Some(take) = plan.take {
                    let other = plan.levels(take.side.opposite());
                    prop_assert!(other.contains(&tick) && take.limit == tick && !take.qty.is_zero());
                } else {
                    prop_assert_eq!(last, Some(tick));
                }
                prop_assert!((100..=2_000).contains(&house.quote_qty().get()));
                twin.quote_qty();
                last = Some(tick);
            }
        }
    }
}
