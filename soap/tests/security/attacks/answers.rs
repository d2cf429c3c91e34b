//! Answers, which are signed by a certificate that they carry.

use soap::security::{Cause, LIB_BAS};

use super::signature::reference;
use super::{Attack, check};
use crate::forge::{replace, sign, swap, text};
use crate::messages::{envelope, response};
use crate::pki::pki;

const FAULT: &str =
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>no</faultstring></soap:Fault>";

pub(super) fn run() {
    let key = pki().service.key();
    let control = sign(&response(&LIB_BAS, &pki().service), &key);
    let mut attacks = Vec::new();
    let mut answer = |name: &str, message: String, cause| {
        attacks.push(Attack::new(name, message, cause).on_response());
    };
    answer(
        "an answer by another organisation",
        response(&LIB_BAS, &pki().other),
        Cause::SignerNotAccepted,
    );
    let unsigned = envelope(&LIB_BAS);
    for (faults, what) in [
        "an answer",
        "a fault and an answer",
        "two faults and an answer",
    ]
    .iter()
    .enumerate()
    {
        let before = format!("<soap:Body>{}", FAULT.repeat(faults));
        answer(
            &format!("{what} that no one signed"),
            swap(&unsigned, "<soap:Body>", &before),
            Cause::NotSigned,
        );
    }
    answer(
        "an answer by a revoked certificate",
        response(&LIB_BAS, &pki().revoked),
        Cause::SignerRevoked,
    );
    for employee in &pki().employees {
        answer(
            "an answer by an employee of the service's organisation",
            response(&LIB_BAS, employee),
            Cause::SignerPersonal,
        );
    }
    answer(
        "an answer by an expired certificate",
        response(&LIB_BAS, &pki().expired),
        Cause::SignerExpired,
    );
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = control.split_at(start);
    for part in ["certificate", "relates", "body"] {
        let without = swap(signature, &reference(signature, part), "");
        answer(
            &format!("an answer's {part} not signed"),
            sign(&format!("{before}{without}"), &key),
            Cause::NotCovered,
        );
    }
    let relates = text(&control, "<wsa:RelatesTo ").to_owned();
    let reply = swap(&relates, "0001<", "0007<");
    answer(
        "an answer to another request",
        sign(&swap(&control, &relates, &reply), &key),
        Cause::RelatesTo,
    );
    answer(
        "two RelatesTo",
        sign(
            &swap(
                &control,
                &relates,
                &format!("{relates}{}", reply.replace("relates-", "r-")),
            ),
            &key,
        ),
        Cause::RepeatedHeader,
    );
    for (name, block, id) in [
        ("no RelatesTo", "<wsa:RelatesTo ", "relates"),
        ("no Action", "<wsa:Action ", "action"),
        ("no MessageID", "<wsa:MessageID ", "message"),
    ] {
        let without = swap(signature, &reference(signature, id), "");
        let message = format!("{}{without}", replace(before, block, ""));
        answer(name, sign(&message, &key), Cause::MissingHeader);
    }
    let certificate = text(&control, "<wsse:BinarySecurityToken ").to_owned();
    answer(
        "a certificate's kind",
        sign(
            &swap(
                &control,
                &certificate,
                &swap(&certificate, "#X509v3", "#X509PKIPathv1"),
            ),
            &key,
        ),
        Cause::Structure,
    );
    answer(
        "two certificates",
        sign(
            &swap(
                &control,
                &certificate,
                &format!("{certificate}{}", certificate.replace("certificate-", "c-")),
            ),
            &key,
        ),
        Cause::Structure,
    );
    answer(
        "no certificate",
        swap(&control, &certificate, ""),
        Cause::ReferenceTarget,
    );
    answer(
        "a broken certificate",
        sign(
            &swap(&control, &certificate, &swap(&certificate, ">MII", ">AII")),
            &key,
        ),
        Cause::Certificate,
    );
    check(&control, &attacks);
}
