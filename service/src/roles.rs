//! What stands on each role's listener: the role behind the servers that the contracts emitted.

use generated::sygefravaer::SygefravaerServiceServer;
use generated::{kmd, ksd_sygefravaer};

use crate::clearance::Callers;
use crate::config::Limits;
use crate::endpoint::{Endpoint, KSD, PLATFORM};
use crate::forwarding::Keeping;
use crate::http::App;
use crate::jobcenter::{CaseSystem, Jobcenter};
use crate::ksd::Ksd;
use crate::message::Inlet;
use crate::observe::Observer;
use crate::outgoing::Connect;
use crate::platform::Platform;
use crate::receipted::Receipted;

/// KSD: EP_FS2 for the platform, and the intake for its own systems.
pub fn ksd<C: Connect>(
    ksd: &Ksd<C>,
    platform: Callers,
    own_systems: Callers,
    limits: Limits,
    observer: Observer,
) -> App {
    App::new(KSD, limits, observer)
        .mount(
            Endpoint::Fs2,
            platform,
            Receipted(kmd::KsdSygefravaerServiceServer::new(ksd.clone())),
        )
        .mount(
            Endpoint::Intake,
            own_systems,
            Receipted(SygefravaerServiceServer::new(Inlet::new(ksd.clone()))),
        )
}

/// The platform: EP_FS1 and EP_JC2.
pub fn platform<C: Connect + Clone>(
    platform: &Platform<C>,
    limits: Limits,
    observer: Observer,
) -> App {
    App::new(PLATFORM, limits, observer)
        .mount(
            Endpoint::Fs1,
            platform.callers().clone(),
            Keeping(SygefravaerServiceServer::new(Inlet::new(platform.clone()))),
        )
        .mount(
            Endpoint::Jc2,
            platform.callers().clone(),
            ksd_sygefravaer::KsdSygefravaerServiceServer::new(platform.clone()),
        )
}

/// A Jobcenter: EP_JC1 for the platform.
pub fn jobcenter<C: Connect, S: CaseSystem>(
    jobcenter: Jobcenter<C, S>,
    platform: Callers,
    limits: Limits,
    observer: Observer,
) -> App {
    App::new(jobcenter.name().to_owned(), limits, observer).mount(
        Endpoint::Jc1,
        platform,
        Receipted(SygefravaerServiceServer::new(Inlet::new(jobcenter))),
    )
}
