//! Price, quantity and money are three types, and a secret is not a text.

use gwanmun::{AccountId, Money, OrderRequest, Price, Qty, Secret, symbol};

fn main() {
    let account: AccountId = "12345678-01".parse().unwrap();
    let (qty, price) = (Qty::new(10), Price::from_won(71_000).unwrap());
    let _ = OrderRequest::limit_buy(account, symbol!("005930"), price, qty);
    let _: Money = price;
    let _ = price + price;
    let _ = OrderRequest::limit_buy(account, "005930", qty, 71_000.0);
}

fn secrets(secret: Secret) {
    let _: String = secret;
    let _: &str = &secret;
    let _ = serde_json::to_string(&secret);
    let _ = secret.clone() == "app key";
}
