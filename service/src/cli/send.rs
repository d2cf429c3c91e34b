//! `sf209x send`: one message to EP_FS1, and the receipt.

use std::io::{self, Read, Write};
use std::path::Path;

use generated::serviceplatformen::{SygefravaerResponse, TransportValideringsKode};
use generated::sygefravaer::SygefravaerServiceClient;
use hyper::Uri;

use super::{Error, Exit, Send, Target, runtime};
use crate::config::{self, Config, Limits};
use crate::endpoint::Endpoint;
use crate::http::Client;
use crate::message::Message;
use crate::outgoing::{Connect, Destination, Failure};
use crate::refusal::Code;
use crate::secured::Caller;
use crate::tls::Credentials;

pub(super) fn run(arguments: &Send) -> Result<(), Error> {
    let route = Route::new(&arguments.target)?;
    let document = read(&arguments.file)?;
    runtime()?.block_on(async {
        let limits = route.limits;
        match route.caller.clone() {
            None => send(&document, &arguments.file, &route, Client::new(limits)).await,
            Some(caller) => send(&document, &arguments.file, &route, caller).await,
        }
    })
}

/// Where the message goes, and how.
struct Route {
    url: Uri,
    /// KSD's intake, or EP_FS1 itself.
    endpoint: Endpoint,
    limits: Limits,
    /// Without, it goes over plain HTTP.
    caller: Option<Caller>,
}

impl Route {
    fn new(target: &Target) -> Result<Self, Error> {
        let file = target.config.as_deref();
        let name = config::named(file).display();
        let wrong = |reason: String| Error::new(Exit::Config, format!("{name}: {reason}"));
        let config = Config::load(file)?;
        let ksd = config
            .ksd
            .ok_or_else(|| wrong("[ksd] is missing, which sends the message".to_owned()))?;
        if ksd.tls.is_none() && !target.insecure {
            let reason = "ksd.tls is missing; without it the message goes over plain HTTP on loopback, which only --insecure allows";
            return Err(wrong(reason.to_owned()));
        }
        let url = match &target.endpoint {
            Some(url) => url.to_string(),
            None => {
                let scheme = if ksd.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{}{}", ksd.listen, Endpoint::Intake.path())
            }
        };
        let url = config::endpoint_url(&url, ksd.tls.is_some()).map_err(wrong)?;
        let credentials = ksd.tls.map(Credentials::load).transpose();
        let credentials = credentials.map_err(|error| wrong(format!("ksd.tls: {error}")))?;
        let limits = config.limits;
        let caller = credentials.map(|credentials| match &config.tokens {
            None => Caller::by_certificate(credentials, limits),
            Some(tokens) => Caller::by_token(credentials, limits, tokens, &ksd.platform_cvr, false),
        });
        let endpoint = match &target.endpoint {
            Some(_) => Endpoint::Fs1,
            None => Endpoint::Intake,
        };
        Ok(Self {
            url,
            endpoint,
            limits,
            caller,
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let mut document = Vec::new();
    let outcome = if file == Path::new("-") {
        io::stdin()
            .lock()
            .read_to_end(&mut document)
            .map(|_| document)
    } else {
        std::fs::read(file)
    };
    outcome.map_err(|error| Error::new(Exit::Io, format!("{}: {error}", file.display())))
}

async fn send<C: Connect>(
    document: &[u8],
    file: &Path,
    route: &Route,
    connect: C,
) -> Result<(), Error> {
    let (url, reading) = (&route.url, route.limits.reading());
    let message = Message::read(document, &reading).await.map_err(|error| {
        let lines = error
            .to_string()
            .replace('\n', &format!("\n{}: ", file.display()));
        Error::new(Exit::Data, format!("{}: {lines}", file.display()))
    })?;
    let destination = Destination {
        endpoint: route.endpoint,
        url,
        municipality: message.municipality(),
        time: None,
        advice: None,
    };
    let client = SygefravaerServiceClient::new(connect.reach(destination));
    let receipt = message.send(&client).await.map_err(|failure| {
        let exit = exit(&failure);
        Error::new(exit, format!("{url} {failure}"))
    })?;
    print(&message, &receipt)?;
    match receipt.transport_kvittering.transport_validerings_kode {
        TransportValideringsKode::Ok | TransportValideringsKode::Advarsel => Ok(()),
        TransportValideringsKode::Fejl => Err(Error::new(Exit::Data, "the message was refused")),
    }
}

/// Whose fault it is: the message's, or the counterpart's.
fn exit(failure: &Failure) -> Exit {
    match failure.code() {
        Code::InvalidMessage => Exit::Data,
        Code::PartnerFault if !failure.retry() => Exit::Data,
        _ => Exit::Unavailable,
    }
}

fn print(message: &Message, receipt: &SygefravaerResponse) -> io::Result<()> {
    let receipt = &receipt.transport_kvittering;
    let mut out = io::stdout().lock();
    let code = receipt.transport_validerings_kode.code();
    writeln!(
        out,
        "{code}  {}  {}",
        message.operation(),
        message.transaction()
    )?;
    if let Some(reason) = &receipt.begrundelse {
        writeln!(out, "  {reason}")?;
    }
    for finding in receipt.fejl_liste.iter().flat_map(|list| &list.fejl) {
        writeln!(out, "  {}: {}", finding.fejl_kode, finding.fejl_tekst)?;
    }
    out.flush()
}
