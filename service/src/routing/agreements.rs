//! Service agreements: who may call the platform for which municipality (integration description 2.2.3, TS206).

use std::collections::{BTreeMap, BTreeSet};

use super::Cvr;
use crate::endpoint::Endpoint;

/// Which organisation may call which endpoint for which municipalities. What is not agreed on is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreements {
    /// By the endpoint's name and the CVR number in the caller's certificate.
    callers: BTreeMap<(&'static str, Cvr), BTreeSet<Cvr>>,
}

impl Agreements {
    /// Lets `caller` call `endpoint` for `municipality`; `false` if that is agreed on already.
    pub fn add(&mut self, endpoint: Endpoint, caller: Cvr, municipality: Cvr) -> bool {
        let municipalities = self.callers.entry((endpoint.name(), caller)).or_default();
        municipalities.insert(municipality)
    }

    /// Whether `caller` may call `endpoint` for any municipality.
    pub fn know(&self, endpoint: Endpoint, caller: Cvr) -> bool {
        self.callers.contains_key(&(endpoint.name(), caller))
    }

    /// Whether `caller` may call `endpoint` for `municipality`.
    pub fn allow(&self, endpoint: Endpoint, caller: Cvr, municipality: Cvr) -> bool {
        let municipalities = self.callers.get(&(endpoint.name(), caller));
        municipalities.is_some_and(|municipalities| municipalities.contains(&municipality))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_agreed_on_is_not_allowed() {
        let cvr = |digits: &str| digits.parse::<Cvr>().unwrap();
        let (caller, here, there) = (cvr("90000035"), cvr("90000001"), cvr("90000002"));
        let mut agreements = Agreements::default();
        assert!(!agreements.allow(Endpoint::Fs1, caller, here));
        assert!(agreements.add(Endpoint::Fs1, caller, here));
        assert!(!agreements.add(Endpoint::Fs1, caller, here));
        assert!(agreements.allow(Endpoint::Fs1, caller, here));
        assert!(!agreements.allow(Endpoint::Fs1, caller, there));
        assert!(agreements.know(Endpoint::Fs1, caller) && !agreements.know(Endpoint::Fs1, here));
        assert!(!agreements.allow(Endpoint::Jc2, caller, here));
        assert!(!agreements.allow(Endpoint::Fs1, here, here));
    }
}
