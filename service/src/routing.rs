//! The platform's mapping table: which Jobcenter solution serves a municipality.
//!
//! A table is checked when it is made and never changes; [`Table`] holds the current one and swaps it as a whole, so that a
//! call sees either the old table or the new one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use tokio::sync::watch;

mod agreements;

pub use self::agreements::Agreements;

/// The CVR number of an authority: eight digits.
pub type Cvr = soap::Digits<8>;

/// A Jobcenter solution that the platform can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jobcenter {
    /// The name that routes, events and the log use.
    pub name: String,
    /// Its EP_JC1.
    pub url: Uri,
    /// How much of it one platform takes up.
    pub bound: Bound,
}

/// How much of a partner one platform takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// How long one call may take.
    pub call: Duration,
    /// How many calls are under way at once; one more is turned away.
    pub calls: usize,
}

impl Default for Bound {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(20),
            calls: 64,
        }
    }
}

/// A checked mapping table: every municipality leads to exactly one known Jobcenter. With it go the agreements on who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    municipalities: BTreeMap<Cvr, Arc<Jobcenter>>,
    agreements: Agreements,
}

impl Routes {
    /// A table from the Jobcenters and the pairs of municipality and Jobcenter name.
    ///
    /// # Errors
    /// A Jobcenter or municipality that stands there twice, and a route to a Jobcenter that is not listed.
    pub fn new(
        jobcenters: impl IntoIterator<Item = Jobcenter>,
        routes: impl IntoIterator<Item = (Cvr, String)>,
    ) -> Result<Self, Error> {
        let mut known = BTreeMap::new();
        for (index, jobcenter) in jobcenters.into_iter().enumerate() {
            match known.entry(jobcenter.name.clone()) {
                Entry::Vacant(free) => free.insert(Arc::new(jobcenter)),
                Entry::Occupied(_) => {
                    return Err(Error::JobcenterTwice {
                        index,
                        name: jobcenter.name,
                    });
                }
            };
        }
        let mut municipalities = BTreeMap::new();
        for (index, (municipality, name)) in routes.into_iter().enumerate() {
            let Some(jobcenter) = known.get(&name) else {
                return Err(Error::UnknownJobcenter { index, name });
            };
            match municipalities.entry(municipality) {
                Entry::Vacant(free) => free.insert(Arc::clone(jobcenter)),
                Entry::Occupied(_) => {
                    return Err(Error::MunicipalityTwice {
                        index,
                        municipality,
                    });
                }
            };
        }
        Ok(Self {
            municipalities,
            agreements: Agreements::default(),
        })
    }

    /// The table with `agreements` in place of those that it had.
    pub fn under(self, agreements: Agreements) -> Self {
        Self { agreements, ..self }
    }

    /// Who may call for whom.
    pub const fn agreements(&self) -> &Agreements {
        &self.agreements
    }

    /// The Jobcenter that serves `municipality`; an unknown one has none, and nothing is guessed.
    pub fn route(&self, municipality: Cvr) -> Option<&Arc<Jobcenter>> {
        self.municipalities.get(&municipality)
    }

    /// Every municipality with its Jobcenter, by ascending CVR number.
    pub fn iter(&self) -> impl Iterator<Item = (Cvr, &Jobcenter)> {
        self.municipalities
            .iter()
            .map(|(municipality, jobcenter)| (*municipality, jobcenter.as_ref()))
    }
}

/// Why a mapping table is refused; `index` counts from zero in the list that is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Two Jobcenters have one name.
    JobcenterTwice {
        /// Which of the Jobcenters repeats the name.
        index: usize,
        /// The name.
        name: String,
    },
    /// A municipality has two routes.
    MunicipalityTwice {
        /// Which of the routes repeats the municipality.
        index: usize,
        /// Its CVR number.
        municipality: Cvr,
    },
    /// A route names a Jobcenter that is not listed.
    UnknownJobcenter {
        /// Which of the routes.
        index: usize,
        /// The name that is not known.
        name: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JobcenterTwice { name, .. } => {
                write!(f, "the Jobcenter {name:?} is listed twice")
            }
            Self::MunicipalityTwice { municipality, .. } => {
                write!(f, "the municipality {municipality} has a route already")
            }
            Self::UnknownJobcenter { name, .. } => write!(f, "no Jobcenter is named {name:?}"),
        }
    }
}

impl std::error::Error for Error {}

/// The table in force, shared by all calls; clones share it.
#[derive(Clone, Debug)]
pub struct Table {
    current: Arc<watch::Sender<Arc<Routes>>>,
}

impl Table {
    /// Starts with `routes`.
    pub fn new(routes: Routes) -> Self {
        Self {
            current: Arc::new(watch::Sender::new(Arc::new(routes))),
        }
    }

    /// The table in force now; a caller keeps it for the whole of its call.
    pub fn current(&self) -> Arc<Routes> {
        Arc::clone(&self.current.borrow())
    }

    /// Puts `routes` in force for every call that begins from now on.
    pub fn replace(&self, routes: Routes) {
        self.current.send_replace(Arc::new(routes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobcenter(name: &str) -> Jobcenter {
        Jobcenter {
            name: name.to_owned(),
            url: Uri::from_static("http://127.0.0.1:1/x"),
            bound: Bound::default(),
        }
    }

    fn cvr(digits: &str) -> Cvr {
        digits.parse().unwrap()
    }

    #[test]
    fn a_municipality_leads_to_its_jobcenter_and_an_unknown_one_nowhere() {
        let routes = Routes::new(
            [jobcenter("A"), jobcenter("B")],
            [(cvr("90000001"), "B".to_owned())],
        )
        .unwrap();
        assert_eq!(
            routes
                .route(cvr("90000001"))
                .map(|found| found.name.as_str()),
            Some("B")
        );
        assert_eq!(routes.route(cvr("90000002")), None);
    }

    #[test]
    fn doubles_and_unknown_names_are_refused() {
        let twice = Routes::new([jobcenter("A"), jobcenter("A")], []);
        assert_eq!(
            twice,
            Err(Error::JobcenterTwice {
                index: 1,
                name: "A".to_owned()
            })
        );
        let routes = [
            (cvr("90000001"), "A".to_owned()),
            (cvr("90000001"), "A".to_owned()),
        ];
        let twice = Routes::new([jobcenter("A")], routes);
        assert_eq!(
            twice,
            Err(Error::MunicipalityTwice {
                index: 1,
                municipality: cvr("90000001")
            })
        );
        let unknown = Routes::new([jobcenter("A")], [(cvr("90000001"), "C".to_owned())]);
        assert_eq!(
            unknown,
            Err(Error::UnknownJobcenter {
                index: 0,
                name: "C".to_owned()
            })
        );
    }

    #[test]
    fn a_replaced_table_leaves_running_calls_the_old_one() {
        let table =
            Table::new(Routes::new([jobcenter("A")], [(cvr("90000001"), "A".to_owned())]).unwrap());
        let before = table.current();
        table.replace(Routes::default());
        assert!(before.route(cvr("90000001")).is_some());
        assert!(table.current().route(cvr("90000001")).is_none());
    }
}
