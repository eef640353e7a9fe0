//! Geometric Brownian motion.
//!
//! The one place of the simulation with floats: a synthetic path is not money, and what leaves is an exact price.
//! Only operations that IEEE 754 rounds exactly (+ − × ÷ √) and `libm`, which is the same code everywhere, are used, so
//! that a seed gives the same path on every platform.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::super::day::TradingDay;
use super::super::ladder::Ladder;
use super::{PathPoint, tick_at_or_below};
use crate::domain::{Price, Timestamp, ValueError};

/// Continuous trading of a year: 250 days of 6 hours 20 minutes (09:00–15:20).
const YEAR_NANOS: f64 = 250.0 * 22_800.0 * 1e9;
const BP_PER_ONE: f64 = 10_000.0;

/// What makes a geometric Brownian motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GbmParams {
    /// The seed.
    pub seed: u64,
    /// The price before the first point.
    pub start: Price,
    /// Expected yearly return, in 1/100 of a per cent, from −100,000 to 100,000.
    pub drift_bp: i32,
    /// Yearly volatility, in 1/100 of a per cent, from 0 to 100,000 (3,000 is a usual large stock).
    pub volatility_bp: u32,
    /// Time from point to point in nanoseconds, from 1 ms to 1 hour.
    pub step_ns: i64,
}

/// A geometric Brownian motion, snapped down to the tick grid and held inside the day's band.
#[derive(Clone, Debug)]
pub struct Gbm {
    start: Price,
    step_ns: i64,
    /// Per step: the mean and the deviation of the logarithm of the price ratio.
    log_mean: f64,
    log_deviation: f64,
    /// The price before snapping, in units of [`Price`].
    units: f64,
    normal: Normal,
    next_at: Timestamp,
    close_at: Timestamp,
}

impl Gbm {
    /// The path of these parameters.
    ///
    /// # Errors
    /// When one is outside its range.
    pub fn new(params: GbmParams) -> Result<Self, ValueError> {
        const BP_MAX: u32 = 100_000;
        const STEP_NS: std::ops::RangeInclusive<i64> = 1_000_000..=3_600_000_000_000;
        if params.drift_bp.unsigned_abs() > BP_MAX {
            let expected = "-100000 to 100000 basis points a year";
            return Err(ValueError::new("drift", params.drift_bp, expected));
        }
        if params.volatility_bp > BP_MAX {
            let expected = "0 to 100000 basis points a year";
            return Err(ValueError::new(
                "volatility",
                params.volatility_bp,
                expected,
            ));
        }
        if !STEP_NS.contains(&params.step_ns) {
            let expected = "1 ms to 1 hour, in nanoseconds";
            return Err(ValueError::new("step", params.step_ns, expected));
        }
        let (log_mean, log_deviation) = per_step(&params);
        Ok(Self {
            start: params.start,
            step_ns: params.step_ns,
            log_mean,
            log_deviation,
            units: to_float(params.start),
            normal: Normal::new(params.seed),
            next_at: Timestamp::EPOCH,
            close_at: Timestamp::EPOCH,
        })
    }

    pub(super) const fn start(&self) -> Price {
        self.start
    }

    pub(super) const fn open_day(&mut self, day: &TradingDay) {
        self.next_at = day.opens();
        self.close_at = day.closes();
    }

    pub(super) fn next_point(&mut self, ladder: &Ladder) -> Option<PathPoint> {
        let at = self.next_at;
        if at >= self.close_at {
            return None;
        }
        self.next_at = at.saturating_add_nanos(self.step_ns);
        let highest = ladder.price(ladder.levels().checked_sub(1)?)?;
        let lowest = ladder.price(0)?;
        self.advance(lowest, highest);
        let tick = tick_at_or_below(ladder, to_price(self.units)?);
        Some(PathPoint {
            at,
            price: ladder.price(tick)?,
            tick,
            trades: false,
        })
    }

    #[expect(clippy::float_arithmetic, reason = "a synthetic path is not money")]
    fn advance(&mut self, lowest: Price, highest: Price) {
        let log_ratio = self.log_mean + self.log_deviation * self.normal.draw();
        // Held inside the band itself, not only its snapped price, so that the path comes back at once.
        self.units = (self.units * libm::exp(log_ratio)).clamp(to_float(lowest), to_float(highest));
    }
}

#[expect(clippy::float_arithmetic, reason = "a synthetic path is not money")]
#[expect(
    clippy::cast_precision_loss,
    reason = "a step is at most 3.6e12 ns, which a double holds exactly"
)]
fn per_step(params: &GbmParams) -> (f64, f64) {
    let drift = f64::from(params.drift_bp) / BP_PER_ONE;
    let volatility = f64::from(params.volatility_bp) / BP_PER_ONE;
    let years = params.step_ns as f64 / YEAR_NANOS;
    (
        (drift - volatility * volatility / 2.0) * years,
        volatility * libm::sqrt(years),
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the last of 53 bits does not matter to a synthetic path"
)]
const fn to_float(price: Price) -> f64 {
    price.units() as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from float saturates, and the value is clamped between two prices"
)]
const fn to_price(units: f64) -> Option<Price> {
    Price::from_units(units as i64)
}

/// Standard normal variates by Marsaglia's polar method.
#[derive(Clone, Debug)]
struct Normal {
    random: ChaCha8Rng,
    /// The method yields two at a time.
    spare: Option<f64>,
}

impl Normal {
    fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            spare: None,
        }
    }

    #[expect(clippy::float_arithmetic, reason = "a synthetic path is not money")]
    fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (self.in_square(), self.in_square());
            let radius2 = x * x + y * y;
            if radius2 < 1.0 && radius2 > 0.0 {
                let scale = libm::sqrt(-2.0 * libm::log(radius2) / radius2);
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Uniform in −1 to 1.
    #[expect(clippy::float_arithmetic, reason = "a synthetic path is not money")]
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits are what a double holds"
    )]
    fn in_square(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1_u64 << 52) as f64;
        (self.random.next_u64() >> 11) as f64 * SCALE - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ladder, some_day};
    use super::*;
    use crate::sim::PricePath;
    use proptest::prelude::*;

    fn params(seed: u64) -> GbmParams {
        GbmParams {
            seed,
            start: Price::from_won(71_000).unwrap(),
            drift_bp: 0,
            volatility_bp: 3_000,
            step_ns: 1_000_000_000,
        }
    }

    fn day(params: GbmParams) -> Vec<PathPoint> {
        let mut path = PricePath::Gbm(Gbm::new(params).unwrap());
        path.open_day(&some_day());
        let ladder = ladder(49_700, 92_300);
        std::iter::from_fn(|| path.next_point(&ladder)).collect()
    }

    #[test]
    fn a_seed_is_a_path() {
        assert!(day(params(7)) == day(params(7)), "one seed, two paths");
        assert_ne!(day(params(7)), day(params(8)));
    }

    /// Fixed points of one path: the same on every platform and in every later version.
    #[test]
    fn the_path_of_seed_42_is_known() {
        let points = day(params(42));
        let won: Vec<i64> = [0, 1, 60, 3_600, 22_799]
            .map(|at: usize| points[at].price.won())
            .to_vec();
        assert_eq!(points.len(), 22_800);
        assert_eq!(won, [71_000, 71_000, 71_000, 70_600, 71_300]);
    }

    #[test]
    fn a_point_comes_at_every_step_from_open_to_close() {
        let points = day(GbmParams {
            step_ns: 60_000_000_000,
            ..params(1)
        });
        assert_eq!(points.len(), 380);
        assert_eq!(points[0].at, some_day().opens());
        assert!(points.is_sorted_by(|a, b| a.at < b.at));
        assert!(points.last().unwrap().at < some_day().closes());
    }

    #[test]
    fn a_violent_path_stays_on_the_grid_and_inside_the_band() {
        let ladder = ladder(49_700, 92_300);
        let violent = |seed| {
            day(GbmParams {
                volatility_bp: 100_000,
                step_ns: 60_000_000_000,
                ..params(seed)
            })
        };
        let points: Vec<PathPoint> = (0..20).flat_map(violent).collect();
        for point in &points {
            assert_eq!(ladder.tick(point.price), Some(point.tick));
        }
        let reached = |won| points.iter().any(|point| point.price.won() == won);
        assert!(reached(49_700) && reached(92_300), "they meet both limits");
    }

    /// Over many days of one seed each, the deviation of the logarithm is the one asked for, within 5 %.
    #[test]
    fn the_volatility_is_the_one_asked_for() {
        const DAYS: u32 = 4_000;
        let squares: f64 = (0..DAYS)
            .map(|seed| {
                let points = day(GbmParams {
                    step_ns: 600_000_000_000,
                    ..params(u64::from(seed))
                });
                let last = points.last().unwrap().price.won();
                let log = (f64::from(i32::try_from(last).unwrap()) / 71_000.0).ln();
                log * log
            })
            .sum();
        let yearly = (squares / f64::from(DAYS) * 250.0).sqrt();
        assert!((0.285..0.315).contains(&yearly), "{yearly}");
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        for (params, what) in [
            (
                GbmParams {
                    drift_bp: i32::MIN,
                    ..params(0)
                },
                "drift",
            ),
            (
                GbmParams {
                    volatility_bp: 100_001,
                    ..params(0)
                },
                "volatility",
            ),
            (
                GbmParams {
                    step_ns: 0,
                    ..params(0)
                },
                "step",
            ),
            (
                GbmParams {
                    step_ns: i64::MAX,
                    ..params(0)
                },
                "step",
            ),
        ] {
            assert_eq!(Gbm::new(params).unwrap_err().what, what);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_parameters_give_prices_inside_the_band(
            seed: u64,
            won in 1_i64..2_000_000,
            drift_bp in -100_000_i32..=100_000,
            volatility_bp in 0_u32..=100_000,
        ) {
            let ladder = ladder(49_700, 92_300);
            let params = GbmParams {
                seed,
                start: Price::from_won(won).unwrap(),
                drift_bp,
                volatility_bp,
                step_ns: 60_000_000_000,
            };
            for point in day(params) {
                prop_assert_eq!(ladder.tick(point.price), Some(point.tick));
            }
        }
    }
}
