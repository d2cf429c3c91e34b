//! A foreign client reads the contracts that the endpoints serve, and calls every operation.

use service::endpoint::Endpoint;
use tests::http;
use tests::judges::Zeep;
use tests::system::{ENDPOINTS, NORD, System, root, sample};

use crate::SEVEN;

#[test]
fn zeep_calls_every_operation_of_every_endpoint() {
    let Some(zeep) = Zeep::find() else {
        return;
    };
    let system = System::start();
    let opret = sample("Opret.request.xml");
    let receipt = system.post(Endpoint::Intake, &opret);
    assert_eq!(receipt.status, 200, "{}", receipt.body);

    let urls = ENDPOINTS.map(|endpoint| system.url(endpoint));
    let [fs1, jc1, jc2, fs2] = &urls;
    let known = "5f2090a0-7d3c-4e5f-8a90-000000000001";
    let program = root().join("tests/judges/eight.py");
    let told = zeep.run(&program, &[fs1, jc1, jc2, fs2, NORD, known]);
    let told = told.unwrap_or_else(|said| panic!("{said}"));

    let mut expected: Vec<String> = ["EP_FS1", "EP_JC1"]
        .iter()
        .flat_map(|endpoint| SEVEN.map(|operation| format!("{endpoint} {operation} OK")))
        .collect();
    expected.extend(
        [
            "EP_JC2 SendForretningsSvar OK",
            "EP_FS2 ModtagForretningsSvar OK",
            "EP_FS1 Opret Client UnknownMunicipality",
        ]
        .map(str::to_owned),
    );
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

/// Every document that a served contract refers to is served too, and every address in it is the endpoint's own.
#[test]
fn a_served_contract_is_whole() {
    let system = System::start();
    for endpoint in ENDPOINTS {
        let own = system.url(endpoint);
        let mut pending = vec![format!("{}?wsdl", endpoint.path())];
        let mut seen = 0;
        let mut known = pending.clone();
        while let Some(path) = pending.pop() {
            let response = http::get(system.address(endpoint), &path);
            assert_eq!(response.status, 200, "{endpoint} {path}");
            let document = roxmltree::Document::parse(&response.body)
                .unwrap_or_else(|error| panic!("{endpoint} {path}: {error}"));
            seen += 1;
            for attribute in document.descendants().flat_map(|node| node.attributes()) {
                let name = attribute.name();
                if name != "location" && name != "schemaLocation" {
                    continue;
                }
                let value = attribute.value();
                assert!(value.starts_with(&own), "{endpoint} {path}: {name} {value}");
                let next = value.replace(&own, endpoint.path());
                if next.contains('?') && !known.contains(&next) {
                    known.push(next.clone());
                    pending.push(next);
                }
            }
        }
        let expected = match endpoint {
            Endpoint::Fs1 | Endpoint::Jc1 => 9,
            Endpoint::Jc2 => 7,
            Endpoint::Fs2 | Endpoint::Intake => 1,
        };
        assert_eq!(seen, expected, "{endpoint}: {known:?}");
    }
}
