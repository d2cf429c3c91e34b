//! The four endpoints of SF2090, by the names of the integration description (3.1.2, 3.2.2), and KSD's own intake.

use std::fmt;

/// An endpoint: one contract served by one party for one other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Sygefravaerssag Send: KSD hands a message to the platform.
    Fs1,
    /// Sygefravaerssag Modtag: the platform hands it to the Jobcenter solution.
    Jc1,
    /// Forretningssvar Send: the Jobcenter solution hands its answer to the platform.
    Jc2,
    /// Forretningssvar Modtag: the platform hands the answer to KSD.
    Fs2,
    /// Not of SF2090: where KSD's own systems hand KSD a message, in the contract of EP_FS1.
    Intake,
}

impl Endpoint {
    /// The endpoint's name in events, the log and the faults.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fs1 => "EP_FS1",
            Self::Jc1 => "EP_JC1",
            Self::Jc2 => "EP_JC2",
            Self::Fs2 => "EP_FS2",
            Self::Intake => "INTAKE",
        }
    }

    /// The path under which the endpoint is served.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Fs1 => "/service/Sygefravaer/Sygefravaer/2",
            Self::Jc1 => "/jobcenter/Sygefravaer/2",
            Self::Jc2 => "/service/Sygefravaer/KSDSygefravaer/1",
            Self::Fs2 => "/ksd/KSDSygefravaer/1",
            Self::Intake => "/ksd/Sygefravaer/2",
        }
    }

    /// The variant of the contract that the endpoint publishes, where it has several: how its callers prove who they are.
    pub const fn variant(self) -> &'static str {
        match self {
            Self::Fs1 | Self::Intake => "token",
            Self::Jc1 => "context",
            Self::Jc2 | Self::Fs2 => "",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// KSD's name in events and the log.
pub const KSD: &str = "KSD";

/// The platform's name in events and the log.
pub const PLATFORM: &str = "Serviceplatformen";
