//! What the contracts demand of the parties, and whether a configuration can meet it.
//!
//! The demands are facts of the contracts, read from the policies of their endpoints when the project is built; nothing is demanded
//! or let off here.

use std::fmt;

use generated::{kmd, ksd_sygefravaer, sygefravaer};
use soap::security::LIB_BAS;
use soap::{Binding, Policy, PolicyAlternative, SignedParts};

use crate::endpoint::Endpoint;

/// The binding by which `endpoint` is reached; none for KSD's intake, which is in no contract.
pub fn binding(endpoint: Endpoint) -> Option<&'static Binding> {
    let bindings = match endpoint {
        Endpoint::Fs1 | Endpoint::Jc1 => sygefravaer::BINDINGS,
        Endpoint::Jc2 => ksd_sygefravaer::BINDINGS,
        Endpoint::Fs2 => kmd::BINDINGS,
        Endpoint::Intake => return None,
    };
    bindings
        .iter()
        .find(|binding| binding.variant == endpoint.variant())
}

/// The policy of `endpoint`; none where its contract demands nothing.
pub fn policy(endpoint: Endpoint) -> Option<&'static Policy> {
    binding(endpoint)
        .map(|binding| &binding.policy)
        .filter(|policy| !policy.alternatives.is_empty())
}

/// What the signature of a message to `endpoint` must cover; none where its contract wants no signed messages, or wants more of them
/// than ours do.
pub fn signed_parts(endpoint: Endpoint) -> Option<SignedParts> {
    signed_parts_by(policy(endpoint)?)
}

fn signed_parts_by(policy: &Policy) -> Option<SignedParts> {
    policy.alternatives.iter().find_map(|way| match way {
        PolicyAlternative::SignedToken(token) => {
            LIB_BAS.misses(token).is_empty().then_some(token.parts)
        }
        PolicyAlternative::Nothing
        | PolicyAlternative::ClientCertificate
        | PolicyAlternative::Transport
        | PolicyAlternative::Unknown(_) => None,
    })
}

/// Whether `endpoint` takes messages that only a certificate in TLS vouches for.
pub fn takes_certificates(endpoint: Endpoint) -> bool {
    let certificate = PolicyAlternative::ClientCertificate;
    policy(endpoint).is_some_and(|policy| policy.alternatives.contains(&certificate))
}

/// What a role has to meet policies with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// TLS, with a certificate and those that are trusted.
    pub tls: bool,
    /// Tokens: where they come from, or whose are taken.
    pub tokens: bool,
}

/// Why a role cannot serve or call an endpoint as its contract demands, or only in some of the ways that it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmet {
    endpoint: Endpoint,
    binding: &'static Binding,
    means: Means,
}

impl Means {
    /// Checks that one of the alternatives of the policy of `endpoint` can be met, and tells which others cannot, if any.
    ///
    /// # Errors
    /// None can, and what is missing for each.
    pub fn meet(self, endpoint: Endpoint) -> Result<Option<Unmet>, Unmet> {
        binding(endpoint).map_or(Ok(None), |binding| self.meet_binding(endpoint, binding))
    }

    /// The same where `endpoint` is reached by `binding`.
    ///
    /// # Errors
    /// As [`meet`](Self::meet).
    pub fn meet_binding(
        self,
        endpoint: Endpoint,
        binding: &'static Binding,
    ) -> Result<Option<Unmet>, Unmet> {
        let unmet = Unmet {
            endpoint,
            binding,
            means: self,
        };
        match unmet.ways().count() {
            0 => Ok(None),
            count if count < binding.policy.alternatives.len() => Ok(Some(unmet)),
            _ => Err(unmet),
        }
    }

    /// What is missing for an alternative: sections of the configuration, and what messages by our profile do not do.
    fn lacks(self, alternative: &PolicyAlternative) -> Vec<String> {
        if *alternative == PolicyAlternative::Nothing {
            return Vec::new();
        }
        let tls = (!self.tls).then(|| "the section tls of the role".to_owned());
        let mut lacking: Vec<String> = tls.into_iter().collect();
        match alternative {
            PolicyAlternative::SignedToken(token) => {
                lacking.extend((!self.tokens).then(|| "the section [tokens]".to_owned()));
                lacking.extend(LIB_BAS.misses(token));
            }
            PolicyAlternative::Unknown(assertions) => {
                lacking.extend(assertions.iter().map(|name| (*name).to_owned()));
            }
            PolicyAlternative::Nothing
            | PolicyAlternative::ClientCertificate
            | PolicyAlternative::Transport => {}
        }
        lacking
    }
}

impl Unmet {
    /// The alternatives that cannot be met, each with what is missing.
    fn ways(&self) -> impl Iterator<Item = (&'static PolicyAlternative, Vec<String>)> {
        let means = self.means;
        let ways = self.binding.policy.alternatives.iter();
        let lacking = ways.map(move |way| (way, means.lacks(way)));
        lacking.filter(|(_, missing)| !missing.is_empty())
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint, binding, ..
        } = self;
        let all = self.ways().count() == binding.policy.alternatives.len();
        let verb = if all { "demands" } else { "also takes" };
        write!(f, "{endpoint} {verb}, by {}, ", binding.document)?;
        for (index, (way, missing)) in self.ways().enumerate() {
            if index > 0 {
                f.write_str("; or ")?;
            }
            let missing = missing.join(" and ");
            write!(f, "{}: {missing} is missing", demanded(way))?;
        }
        Ok(())
    }
}

impl std::error::Error for Unmet {}

const fn demanded(alternative: &PolicyAlternative) -> &'static str {
    match alternative {
        PolicyAlternative::Nothing => "no security",
        PolicyAlternative::ClientCertificate => "TLS with a client certificate",
        PolicyAlternative::Transport => "TLS",
        PolicyAlternative::SignedToken(_) => "TLS and a message signed with the key of a token",
        PolicyAlternative::Unknown(_) => "what is not carried here",
    }
}

#[cfg(test)]
mod tests {
    use soap::SignedToken;

    use super::*;

    #[track_caller]
    fn check(endpoint: Endpoint, tls: bool, tokens: bool, expected: &str) {
        let unmet = Means { tls, tokens }.meet(endpoint).err();
        let text = unmet.map(|unmet| unmet.to_string()).unwrap_or_default();
        assert!(
            text.ends_with(expected) && text.is_empty() == expected.is_empty(),
            "{text}"
        );
    }

    #[test]
    fn each_endpoint_demands_what_its_contract_says() {
        let tls = "the section tls of the role is missing";
        let tokens = "the section [tokens] is missing";
        check(Endpoint::Fs1, true, true, "");
        check(Endpoint::Fs1, true, false, tokens);
        check(Endpoint::Fs2, true, false, tokens);
        check(Endpoint::Jc1, true, false, "");
        check(Endpoint::Jc1, false, true, tls);
        check(Endpoint::Jc2, true, false, "");
        check(Endpoint::Jc2, false, false, tls);
        check(Endpoint::Intake, false, false, "");
    }

    #[test]
    fn of_the_ways_that_are_not_open_it_is_said_why() {
        let certificates = Means {
            tls: true,
            tokens: false,
        };
        let closed = certificates.meet(Endpoint::Jc2).unwrap();
        let said = closed.map(|unmet| unmet.to_string()).unwrap_or_default();
        assert_eq!(
            said,
            "EP_JC2 also takes, by bilag/SygefravaerServiceKSD.wsdl, TLS and a message signed with the key of a token: \
             the section [tokens] is missing"
        );
        let both = Means {
            tokens: true,
            ..certificates
        };
        assert_eq!(both.meet(Endpoint::Jc2), Ok(None));
    }

    #[test]
    fn signed_messages_are_taken_only_where_all_that_is_asked_of_them_is_done() {
        let Some(Policy {
            alternatives: [PolicyAlternative::SignedToken(ours)],
        }) = policy(Endpoint::Fs1)
        else {
            panic!("EP_FS1 takes tokens alone");
        };
        let encrypted = SignedToken {
            others: &["EncryptedParts"],
            ..*ours
        };
        let alone = [PolicyAlternative::SignedToken(encrypted)];
        let alone = Policy {
            alternatives: Box::leak(Box::new(alone)),
        };
        assert_eq!(signed_parts_by(&alone), None);
        let beside = [alone.alternatives[0], PolicyAlternative::SignedToken(*ours)];
        let beside = Policy {
            alternatives: Box::leak(Box::new(beside)),
        };
        assert_eq!(signed_parts_by(&beside), Some(ours.parts));
    }

    #[test]
    fn a_policy_that_our_messages_do_not_meet_is_not_met_by_any_configuration() {
        let Some(Policy {
            alternatives: [PolicyAlternative::SignedToken(ours)],
        }) = policy(Endpoint::Fs1)
        else {
            panic!("EP_FS1 takes tokens alone");
        };
        assert_eq!((ours.suite, ours.protects_tokens), ("Basic256Sha256", true));
        let means = Means {
            tls: true,
            tokens: true,
        };
        assert!(
            means
                .lacks(&PolicyAlternative::SignedToken(*ours))
                .is_empty()
        );
        let encrypted = PolicyAlternative::SignedToken(SignedToken {
            others: &["EncryptedParts"],
            ..*ours
        });
        assert_eq!(means.lacks(&encrypted), ["EncryptedParts"]);
        let symmetric = PolicyAlternative::Unknown(&["SymmetricBinding"]);
        assert_eq!(means.lacks(&symmetric), ["SymmetricBinding"]);
    }

    #[test]
    fn what_is_missing_is_said_with_the_contract_that_demands_it() {
        let unmet = Means::default().meet(Endpoint::Fs1).unwrap_err();
        assert_eq!(
            unmet.to_string(),
            "EP_FS1 demands, by sygefravaer/wsdl/token/SygefravaerService.wsdl, TLS and a message signed with the key of a token: \
             the section tls of the role and the section [tokens] is missing"
        );
    }
}
