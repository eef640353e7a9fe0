//! Balance, positions and what can be ordered.

use super::client::{Ask, Client};
use super::convert::account::{add, balance, buyable, position};
use super::convert::division;
use super::numbers::{AccountNo, Accounts};
use super::paging::{Key, Pages};
use crate::domain::{
    AccountId, Balance, OrderKind, Orderable, OrderableRequest, Position, Qty, Side, TimeInForce,
    ValueError,
};
use crate::error::{Error, Result};
use crate::limiter::Lane;
use crate::transport::Connect;
use crate::wire::kis::rest::account::{
    InquirePsblOrderAnswer, InquirePsblOrderQuery, InquirePsblSellAnswer, InquirePsblSellQuery,
};
use crate::wire::kis::rest::balance::{InquireBalanceAnswer, InquireBalanceQuery};
use crate::wire::kis::tr::Tr;

/// How often a list is read anew that changed while it was read.
const READS_MAX: u32 = 3;

/// The account side of one gateway.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountReads<'g, C: Connect> {
    pub(super) client: &'g Client<C>,
    pub(super) accounts: &'g Accounts,
    pub(super) is_paper: bool,
}

/// What one reading of the list of holdings brought.
struct Holdings {
    positions: Vec<Position>,
    balance: Option<Balance>,
}

impl<C: Connect> AccountReads<'_, C> {
    /// The cash: two calls, because the list of holdings does not say what can be ordered.
    pub(super) async fn balance(&self, account: AccountId) -> Result<Balance> {
        let number = self.accounts.number(account)?;
        let cash = self.buyable(number, "", "", division_of_cash()).await?.cash;
        let holdings = self.holdings(account, Some(cash)).await?;
        holdings.balance.ok_or_else(|| {
            Error::answer("inquire-balance", "no totals", "the totals of the account")
        })
    }

    /// The holdings.
    pub(super) async fn positions(&self, account: AccountId) -> Result<Vec<Position>> {
        Ok(self.holdings(account, None).await?.positions)
    }

    /// How much a new order may be.
    pub(super) async fn orderable(
        &self,
        request: &OrderableRequest,
        pdno: &str,
    ) -> Result<Orderable> {
        let number = self.accounts.number(request.account)?;
        let code = division::code_of(request.kind.order_type(), TimeInForce::Day)
            .or_else(|| division::code_of(request.kind.order_type(), TimeInForce::Ioc))
            .ok_or_else(|| unknown_kind(request.kind))?;
        let price = request.kind.limit_price();
        let price = price.map_or_else(|| "0".to_owned(), |price| price.won().to_string());
        let buyable = self.buyable(number, pdno, &price, code).await?;
        match request.side {
            Side::Buy => Ok(buyable),
            Side::Sell => {
                let sellable = self.sellable(request, number, pdno).await?;
                Ok(Orderable::new(sellable, buyable.cash))
            }
        }
    }

    /// Paper trading has no call for it: there the list of holdings tells.
    async fn sellable(
        &self,
        request: &OrderableRequest,
        number: AccountNo,
        pdno: &str,
    ) -> Result<Qty> {
        if self.is_paper {
            let positions = self.positions(request.account).await?;
            let held = positions
                .iter()
                .find(|position| position.symbol == request.symbol);
            return Ok(held.map_or(Qty::ZERO, |position| position.sellable));
        }
        let query = InquirePsblSellQuery {
            cano: number.cano().into(),
            acnt_prdt_cd: number.product().into(),
            pdno: pdno.into(),
        };
        let ask = Ask::new(Tr::InquirePsblSell, Lane::Account, &query);
        let page = self.client.ask(&ask).await?;
        let text = page.text();
        let answer: InquirePsblSellAnswer<'_> = page.read(&text)?;
        // The manual and the samples disagree on which of the two it stands in. An issue that is not held has neither.
        match answer.output1.0.or(answer.output.0) {
            Some(row) => Ok(super::convert::number::qty_or_none(
                "ord_psbl_qty",
                &row.ord_psbl_qty,
            )?),
            None => Ok(Qty::ZERO),
        }
    }

    async fn buyable(
        &self,
        number: AccountNo,
        pdno: &str,
        price: &str,
        code: &'static str,
    ) -> Result<Orderable> {
        let query = InquirePsblOrderQuery {
            cano: number.cano().into(),
            acnt_prdt_cd: number.product().into(),
            pdno: pdno.into(),
            ord_unpr: price.into(),
            ord_dvsn: code.into(),
            cma_evlu_amt_icld_yn: "N".into(),
            ovrs_icld_yn: "N".into(),
        };
        let ask = Ask::new(Tr::InquirePsblOrder, Lane::Account, &query);
        let page = self.client.ask(&ask).await?;
        let text = page.text();
        let answer: InquirePsblOrderAnswer<'_> = page.read(&text)?;
        let output = answer.output.0.ok_or_else(|| {
            Error::answer("inquire-psbl-order", "no output", "what can be bought")
        })?;
        Ok(buyable(&output)?)
    }

    /// All pages of the list of holdings; with `orderable`, the balance too. A list that changed meanwhile is read anew.
    async fn holdings(
        &self,
        account: AccountId,
        orderable: Option<crate::domain::Money>,
    ) -> Result<Holdings> {
        for _ in 1..READS_MAX {
            match self.read_holdings(account, orderable).await? {
                Some(holdings) => return Ok(holdings),
                None => continue,
            }
        }
        self.read_holdings(account, orderable)
            .await?
            .ok_or_else(|| {
                Error::answer(
                    "inquire-balance",
                    "holdings that move between pages",
                    "a list that stands still while it is read",
                )
            })
    }

    async fn read_holdings(
        &self,
        account: AccountId,
        orderable: Option<crate::domain::Money>,
    ) -> Result<Option<Holdings>> {
        let number = self.accounts.number(account)?;
        let mut holdings = Holdings {
            positions: Vec::new(),
            balance: None,
        };
        let mut pages = Pages::new(Tr::InquireBalance);
        loop {
            let ask = Ask::new(
                Tr::InquireBalance,
                Lane::Account,
                &holdings_query(number, pages.key()),
            );
            let page = pages.ask(self.client, ask).await?;
            let text = page.text();
            let answer: InquireBalanceAnswer<'_> = page.read(&text)?;
            let mut here = Vec::new();
            for row in &answer.output1.0 {
                if let Some(position) = position(account, row).map_err(answer_of)? {
                    add(&mut here, position).map_err(answer_of)?;
                }
            }
            // By issue each has one row, so one that comes again has moved.
            let moved = |new: &Position| {
                holdings
                    .positions
                    .iter()
                    .any(|known| known.symbol == new.symbol)
            };
            if here.iter().any(moved) {
                return Ok(None);
            }
            holdings.positions.append(&mut here);
            if let (Some(totals), Some(cash)) = (answer.output2.0.first(), orderable) {
                holdings.balance = Some(balance(account, totals, cash).map_err(answer_of)?);
            }
            let next = Key::of(answer.context());
            if !pages.turn(&page, next)? {
                return Ok(Some(holdings));
            }
        }
    }
}

/// A field of an answer that cannot be read.
pub(super) fn answer_of(error: ValueError) -> Error {
    Error::Answer(Box::new(error))
}

/// The division that makes KIS count the margin of each issue in (portal, inquire-psbl-order): market.
const fn division_of_cash() -> &'static str {
    "01"
}

fn unknown_kind(kind: OrderKind) -> Error {
    Error::invalid("kind", kind.order_type(), "an order type that KIS takes")
}

fn holdings_query<'a>(number: AccountNo, key: &Key) -> InquireBalanceQuery<'a> {
    InquireBalanceQuery {
        cano: number.cano().to_owned().into(),
        acnt_prdt_cd: number.product().to_owned().into(),
        afhr_flpr_yn: "N".into(),
        ofl_yn: "".into(),
        // 02: one row for each issue.
        inqr_dvsn: "02".into(),
        unpr_dvsn: "01".into(),
        fund_sttl_icld_yn: "N".into(),
        fncg_amt_auto_rdpt_yn: "N".into(),
        // 00: the trades of the day before count.
        prcs_dvsn: "00".into(),
        ctx_area_fk100: key.fk.clone().into(),
        ctx_area_nk100: key.nk.clone().into(),
    }
}
