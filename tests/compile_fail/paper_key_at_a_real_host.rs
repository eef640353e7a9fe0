//! Real and paper trading are two types: a paper key never meets a real host.

use gwanmun::BrokerConfig;
use gwanmun::broker::kis::{Access, Keys, Paper, Real, Site};

fn mixed(config: &BrokerConfig) -> Result<Access, gwanmun::Error> {
    let (site, keys) = (Site::<Real>::of(config)?, Keys::<Paper>::of(config)?);
    Ok(Access::new(site, keys))
}

fn main() {}
