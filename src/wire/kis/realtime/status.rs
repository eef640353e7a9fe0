//! States of issues and their markets, both ways.

use super::codes::{Code, YesNo};
use super::encode::Writer;
use super::field::Field;
use super::record::{FieldError, StatusRecord};
use super::status_field::StatusField;

/// What KIS sends where there is no reason.
const NO_REASON: &str = "(null)";

/// All values of a state, as they are sent.
///
/// One comes for each beginning and end of a volatility interruption of the issue, and when the market's phase changes. The
/// codes of phases are an open list: `112` market open, `129` close, `174` circuit breaker on, and more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status<'a> {
    /// The issue's code.
    pub symbol: &'a str,
    /// Whether trading is halted.
    pub halted: YesNo,
    /// Why; `None` where KIS sends `(null)` or nothing.
    pub reason: Option<std::borrow::Cow<'a, str>>,
    /// 장운영구분코드 (phase of the market).
    pub operation: Code,
    /// 예상장운영구분코드 (phase of the market, expected matches).
    pub expected_operation: Code,
    /// 임의연장구분코드 (random end).
    pub random_end: Code,
    /// 동시호가배분처리구분코드 (allotment at the limit price).
    pub allotment: Code,
    /// 종목상태구분코드 (state of the issue): `51` administrative, `52` investment risk, `53` warning, `54` caution, `55` credit
    /// allowed, `57` full margin, `58` halted, `59` short-term overheated, `00` other.
    pub issue_state: Code,
    /// Whether a volatility interruption is on.
    pub interrupted: YesNo,
    /// Whether one is on at the single price after hours; often empty.
    pub overtime_interrupted: YesNo,
}

impl<'a> Status<'a> {
    /// Reads all values of a record.
    ///
    /// # Errors
    /// When the symbol is no key, or a code is no code.
    pub fn read(record: &StatusRecord<'a>) -> Result<Self, FieldError> {
        use StatusField as F;
        let reason = String::from_utf8_lossy(record.raw(F::TR_SUSP_REAS_CNTT).unwrap_or_default());
        Ok(Self {
            symbol: record.key(F::MKSC_SHRN_ISCD)?,
            halted: record.code(F::TRHT_YN)?.into(),
            reason: (!reason.is_empty() && reason != NO_REASON).then_some(reason),
            operation: record.code(F::MKOP_CLS_CODE)?,
            expected_operation: record.code(F::ANTC_MKOP_CLS_CODE)?,
            random_end: record.code(F::MRKT_TRTM_CLS_CODE)?,
            allotment: record.code(F::DIVI_APP_CLS_CODE)?,
            issue_state: record.code(F::ISCD_STAT_CLS_CODE)?,
            interrupted: record.code(F::VI_CLS_CODE)?.into(),
            overtime_interrupted: record.code(F::OVTM_VI_CLS_CODE)?.into(),
        })
    }

    pub(super) fn write_to(&self, width: usize, to: &mut Writer<'_>) {
        to.text(self.symbol);
        to.text(self.halted.as_str());
        to.text(self.reason.as_deref().unwrap_or(NO_REASON));
        to.code(self.operation);
        to.code(self.expected_operation);
        to.code(self.random_end);
        to.code(self.allotment);
        to.code(self.issue_state);
        to.text(self.interrupted.as_str());
        to.text(self.overtime_interrupted.as_str());
        for _ in StatusField::EXCH_CLS_CODE.index()..width {
            to.nothing();
        }
    }
}
