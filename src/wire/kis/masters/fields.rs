//! Which field stands where in a master file: the widths of koreainvestment/open-trading-api:stocks_info, whose sums were
//! checked against rows of the KOSPI and KOSDAQ files of 2026-05. No row of the KONEX file was at hand.

/// A field of a master file. Blank means that it does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MasterField {
    /// 단축코드 (short code): six characters, seven of ETN and ELW, nine of funds.
    ShortCode,
    /// 표준코드 (standard code): the ISIN.
    StandardCode,
    /// 한글종목명 (Korean name): CP949.
    KoreanName,
    /// 증권그룹구분코드 (kind of security): a code of [`SecurityGroup`](super::super::codes::SecurityGroup).
    SecurityGroup,
    /// 시가총액 규모 구분 (size by market value).
    SizeClass,
    /// 지수업종 대분류 (sector, large).
    SectorLarge,
    /// 지수업종 중분류 (sector, middle).
    SectorMiddle,
    /// 지수업종 소분류 (sector, small).
    SectorSmall,
    /// 제조업 구분 (manufacturing): Y or N.
    Manufacturing,
    /// 저유동성종목 여부 (low liquidity): Y or N.
    LowLiquidity,
    /// 지배구조지수종목 여부 (in the governance index): Y or N.
    Governance,
    /// KOSPI200 섹터업종 (sector of KOSPI200); 0 outside.
    Kospi200Sector,
    /// KOSPI100 여부: Y or N.
    Kospi100,
    /// KOSPI50 여부: Y or N.
    Kospi50,
    /// KRX 종목 여부: Y or N.
    Krx,
    /// ETP 상품구분코드 (kind of ETP): 0 none, 1 and 2 ETF, 3 ETN, 4 ETN with limited loss (UNCONFIRMED).
    EtpClass,
    /// ELW 발행여부 (ELW exist on it): Y or N.
    ElwIssued,
    /// KRX100 여부: Y or N.
    Krx100,
    /// KRX 자동차 여부 (in the index of car makers): Y or N.
    KrxAutos,
    /// KRX 반도체 여부 (in the index of semiconductors): Y or N.
    KrxSemiconductors,
    /// KRX 바이오 여부 (in the index of biotechnology): Y or N.
    KrxBio,
    /// KRX 은행 여부 (in the index of banks): Y or N.
    KrxBanks,
    /// 기업인수목적회사 여부 (SPAC): Y or N.
    Spac,
    /// KRX 에너지 화학 여부 (in the index of energy and chemicals): Y or N.
    KrxChemicals,
    /// KRX 철강 여부 (in the index of steel): Y or N.
    KrxSteel,
    /// 단기과열종목구분코드 (short-term overheating): 0 none, 1 noticed, 2 in force, 3 extended.
    Overheating,
    /// KRX 미디어 통신 여부 (in the index of media and telecoms): Y or N.
    KrxMedia,
    /// KRX 건설 여부 (in the index of construction): Y or N.
    KrxConstruction,
    /// Not used.
    Unused,
    /// KRX 증권 구분 (in the index of securities firms): Y or N.
    KrxSecurities,
    /// KRX 선박 구분 (in the index of ships): Y or N.
    KrxShipping,
    /// KRX 보험 여부 (in the index of insurers): Y or N.
    KrxInsurance,
    /// KRX 운송 여부 (in the index of transport): Y or N.
    KrxTransport,
    /// SRI 지수 여부 (in the index of responsible investment): Y or N.
    Sri,
    /// 주식 기준가 (base price of the day): won.
    ReferencePrice,
    /// 정규시장 매매수량단위 (lot in session): shares.
    Lot,
    /// 시간외 매매수량단위 (lot after hours): shares.
    AfterHoursLot,
    /// 거래정지 여부 (halted): Y or N.
    Halted,
    /// 정리매매 여부 (liquidation trading): Y or N.
    Liquidation,
    /// 관리종목 여부 (administrative issue): Y or N.
    Administrative,
    /// 시장경고구분코드 (market warning): a code of [`MarketWarning`](super::super::codes::MarketWarning).
    Warning,
    /// 시장경고위험 예고 여부 (warning to come): Y or N.
    WarningNotice,
    /// 불성실공시 여부 (unfaithful disclosure): Y or N.
    UnfaithfulDisclosure,
    /// 우회상장 여부 (back-door listing): Y or N.
    BackDoorListing,
    /// 락구분코드 (ex-rights and ex-dividend class).
    ExRights,
    /// 액면가 변경 구분코드 (change of par value).
    ParChange,
    /// 증자 구분코드 (capital increase).
    CapitalIncrease,
    /// 증거금 비율 (margin rate): percent.
    MarginRate,
    /// 신용주문 가능 여부 (margin orders allowed): Y or N.
    CreditAllowed,
    /// 신용기간 (term of a margin loan): days.
    CreditDays,
    /// 전일 거래량 (volume of the day before): shares.
    PreviousVolume,
    /// 주식 액면가 (par value): won.
    ParValue,
    /// 주식 상장일자 (listing date): YYYYMMDD.
    ListingDate,
    /// 상장주수 (listed shares): thousands.
    ListedShares,
    /// 자본금 (capital): won.
    Capital,
    /// 결산월 (month of the accounts).
    FiscalMonth,
    /// 공모가격 (offering price): won.
    IpoPrice,
    /// 우선주 구분코드 (preferred shares): 0 common, 1 old preferred, 2 new preferred.
    PreferredClass,
    /// 공매도과열종목 여부 (overheated short sales): Y or N.
    ShortSaleOverheated,
    /// 이상급등종목 여부 (abnormal rise): Y or N.
    AbnormalSurge,
    /// KRX300 여부: Y or N.
    Krx300,
    /// KOSPI 여부: Y or N.
    Kospi,
    /// 매출액 (sales).
    Sales,
    /// 영업이익 (operating profit).
    OperatingProfit,
    /// 경상이익 (ordinary profit).
    OrdinaryProfit,
    /// 당기순이익 (net profit).
    NetProfit,
    /// ROE (return on equity): percent, such as `-0019.00`.
    Roe,
    /// 기준년월 (date of the accounts).
    BaseDate,
    /// 시가총액 (market value): 100 million won.
    MarketCap,
    /// 그룹사코드 (group of companies).
    GroupCompany,
    /// 회사 신용한도 초과 여부 (the broker lends no more on it): Y or N.
    CreditLimitExceeded,
    /// 담보대출 가능 여부 (taken as collateral): Y or N.
    CollateralLoan,
    /// 대주 가능 여부 (lent for short sales): Y or N.
    ShortLoan,
    /// 벤처기업 여부 (venture company): Y or N.
    Venture,
    /// 투자주의환기종목 여부 (KOSDAQ's call for caution): Y or N.
    InvestmentCaution,
    /// KOSDAQ150 여부: Y or N.
    Kosdaq150,
}

/// A field and its width in bytes.
pub(super) type Layout = &'static [(MasterField, usize)];

macro_rules! layout {
    ($($field:ident $width:literal),* $(,)?) => {
        &[$((MasterField::$field, $width)),*]
    };
}

pub(super) const KOSPI: Layout = layout! {
    ShortCode 9, StandardCode 12, KoreanName 40, SecurityGroup 2, SizeClass 1, SectorLarge 4, SectorMiddle 4,
    SectorSmall 4, Manufacturing 1, LowLiquidity 1, Governance 1, Kospi200Sector 1, Kospi100 1, Kospi50 1,
    Krx 1, EtpClass 1, ElwIssued 1, Krx100 1, KrxAutos 1, KrxSemiconductors 1, KrxBio 1, KrxBanks 1, Spac 1,
    KrxChemicals 1, KrxSteel 1, Overheating 1, KrxMedia 1, KrxConstruction 1, Unused 1, KrxSecurities 1,
    KrxShipping 1, KrxInsurance 1, KrxTransport 1, Sri 1, ReferencePrice 9, Lot 5, AfterHoursLot 5, Halted 1,
    Liquidation 1, Administrative 1, Warning 2, WarningNotice 1, UnfaithfulDisclosure 1, BackDoorListing 1,
    ExRights 2, ParChange 2, CapitalIncrease 2, MarginRate 3, CreditAllowed 1, CreditDays 3,
    PreviousVolume 12, ParValue 12, ListingDate 8, ListedShares 15, Capital 21, FiscalMonth 2, IpoPrice 7,
    PreferredClass 1, ShortSaleOverheated 1, AbnormalSurge 1, Krx300 1, Kospi 1, Sales 9, OperatingProfit 9,
    OrdinaryProfit 9, NetProfit 5, Roe 9, BaseDate 8, MarketCap 9, GroupCompany 3, CreditLimitExceeded 1,
    CollateralLoan 1, ShortLoan 1,
};

pub(super) const KOSDAQ: Layout = layout! {
    ShortCode 9, StandardCode 12, KoreanName 40, SecurityGroup 2, SizeClass 1, SectorLarge 4, SectorMiddle 4,
    SectorSmall 4, Venture 1, LowLiquidity 1, Krx 1, EtpClass 1, Krx100 1, KrxAutos 1, KrxSemiconductors 1,
    KrxBio 1, KrxBanks 1, Spac 1, KrxChemicals 1, KrxSteel 1, Overheating 1, KrxMedia 1, KrxConstruction 1,
    InvestmentCaution 1, KrxSecurities 1, KrxShipping 1, KrxInsurance 1, KrxTransport 1, Kosdaq150 1,
    ReferencePrice 9, Lot 5, AfterHoursLot 5, Halted 1, Liquidation 1, Administrative 1, Warning 2,
    WarningNotice 1, UnfaithfulDisclosure 1, BackDoorListing 1, ExRights 2, ParChange 2, CapitalIncrease 2,
    MarginRate 3, CreditAllowed 1, CreditDays 3, PreviousVolume 12, ParValue 12, ListingDate 8,
    ListedShares 15, Capital 21, FiscalMonth 2, IpoPrice 7, PreferredClass 1, ShortSaleOverheated 1,
    AbnormalSurge 1, Krx300 1, Sales 9, OperatingProfit 9, OrdinaryProfit 9, NetProfit 5, Roe 9, BaseDate 8,
    MarketCap 9, GroupCompany 3, CreditLimitExceeded 1, CollateralLoan 1, ShortLoan 1,
};

pub(super) const KONEX: Layout = layout! {
    ShortCode 9, StandardCode 12, KoreanName 40, SecurityGroup 2, ReferencePrice 9, Lot 5, AfterHoursLot 5,
    Halted 1, Liquidation 1, Administrative 1, Warning 2, WarningNotice 1, UnfaithfulDisclosure 1,
    BackDoorListing 1, ExRights 2, ParChange 2, CapitalIncrease 2, MarginRate 3, CreditAllowed 1,
    CreditDays 3, PreviousVolume 12, ParValue 12, ListingDate 8, ListedShares 15, Capital 21, FiscalMonth 2,
    IpoPrice 7, PreferredClass 1, ShortSaleOverheated 1, AbnormalSurge 1, Krx300 1, Sales 9,
    OperatingProfit 9, OrdinaryProfit 9, NetProfit 5, Roe 9, BaseDate 8, MarketCap 9, CreditLimitExceeded 1,
    CollateralLoan 1, ShortLoan 1,
};
