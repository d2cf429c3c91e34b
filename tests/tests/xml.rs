//! `xmllint` finds every body valid that either side sends, and every sample; the samples pass through our types unchanged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roxmltree::Document;
use service::endpoint::Endpoint;
use soap::AnyRoot;
use tests::infoset;
use tests::judges::Xmllint;
use tests::schemas::schema_of;
use tests::system::{NORD, NOWHERE, System, root, sample};

use crate::SEVEN;

/// A judge and the schemas that it was given so far.
struct Bench {
    xmllint: Xmllint,
    schemas: BTreeMap<String, PathBuf>,
    judged: usize,
}

impl Bench {
    fn find() -> Option<Self> {
        Some(Self {
            xmllint: Xmllint::find()?,
            schemas: BTreeMap::new(),
            judged: 0,
        })
    }

    /// Judges the body of `envelope`: its one child, or the detail of a fault.
    #[track_caller]
    fn check(&mut self, what: &str, envelope: &str) {
        let body = infoset::body(envelope).unwrap_or_else(|| panic!("{what}: no body: {envelope}"));
        let body = match Document::parse(&body).expect("XML").root_element() {
            fault if fault.tag_name().name() == "Fault" => {
                infoset::canonical(&body, "ServiceplatformFault")
                    .unwrap_or_else(|| panic!("{what}: a fault without its detail: {body}"))
            }
            _ => body,
        };
        let document = Document::parse(&body).expect("XML");
        let namespace = document.root_element().tag_name().namespace();
        let namespace = namespace.unwrap_or_default().to_owned();
        let schema = self
            .schemas
            .entry(namespace)
            .or_insert_with_key(|namespace| {
                schema_of(
                    namespace,
                    &Path::new(env!("CARGO_TARGET_TMPDIR")).join("xml"),
                )
            });
        if let Err(objection) = self.xmllint.validate(schema, &body) {
            panic!("{what}: {objection}{body}");
        }
        self.judged += 1;
    }
}

#[test]
fn every_body_that_is_sent_is_valid() {
    let Some(mut bench) = Bench::find() else {
        return;
    };
    let system = System::start();
    for operation in SEVEN {
        let message = sample(&format!("{operation}.request.xml"));
        let receipt = system.post(Endpoint::Intake, message);
        bench.check(operation, &receipt.body);
    }
    let exchanges = system.exchanges(4 * SEVEN.len());
    for exchange in &exchanges {
        let what = format!("{} {}", exchange.endpoint, exchange.operation);
        bench.check(&format!("{what} request"), &exchange.request);
        bench.check(&format!("{what} response"), &exchange.response);
    }
    // A repeat, a refusal by the Jobcenter, a fault of the platform, an unknown answer at KSD.
    let opret = sample("Opret.request.xml");
    for (endpoint, message) in [
        (Endpoint::Fs1, opret.clone()),
        (Endpoint::Jc1, opret.clone()),
        (Endpoint::Fs1, opret.replace(NORD, NOWHERE)),
        (Endpoint::Fs1, opret.replace("<Header>", "<Header x=\"\">")),
        (Endpoint::Fs2, "<".to_owned()),
        (
            Endpoint::Fs2,
            sample("ModtagForretningsSvar.fejlet.request.xml"),
        ),
        (
            Endpoint::Jc2,
            sample("SendForretningsSvar.context.request.xml"),
        ),
    ] {
        let response = system.post(endpoint, &message);
        bench.check(&endpoint.to_string(), &response.body);
    }
    assert_eq!(bench.judged, SEVEN.len() * 9 + 7);
}

#[test]
fn every_sample_is_valid() {
    let Some(mut bench) = Bench::find() else {
        return;
    };
    for (name, message) in samples() {
        bench.check(&name, &message);
    }
    assert!(bench.judged > 30, "{}", bench.judged);
}

#[test]
fn every_sample_passes_through_our_types_unchanged() {
    use generated::{kmd, ksd_sygefravaer, serviceplatformen, sygefravaer};
    let roots: Vec<&dyn AnyRoot> = [
        sygefravaer::elements::ALL,
        ksd_sygefravaer::elements::ALL,
        kmd::elements::ALL,
        serviceplatformen::elements::ALL,
    ]
    .concat();
    for (name, message) in samples() {
        let mut body = infoset::body(&message).expect("an envelope");
        if let Some(detail) = infoset::canonical(&body, "ServiceplatformFault") {
            body = detail;
        }
        let document = Document::parse(&body).expect("XML");
        let element = document.root_element().tag_name();
        let root = roots
            .iter()
            .find(|root| {
                root.name().local() == element.name()
                    && Some(root.name().namespace().uri()) == element.namespace()
            })
            .unwrap_or_else(|| panic!("{name}: no root element {element:?}"));
        match root.round_trip(body.as_bytes(), &soap::Limits::default()) {
            Err(violations) => panic!("{name}: {violations}"),
            Ok(written) => assert_eq!(infoset::difference(&body, &written), None, "{name}"),
        }
    }
}

/// Name and content of every sample.
fn samples() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(root().join("wsdl/samples")).expect("the samples");
    let mut names: Vec<String> = folder
        .map(|entry| {
            let name = entry.expect("a file").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let text = sample(&name);
            (name, text)
        })
        .collect()
}
