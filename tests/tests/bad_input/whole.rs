//! Messages that are wrong as a whole.

/// What is wrong with a message as a whole: the message that `make` makes out of a valid one, faultcode, and what the detail
/// must hold.
pub(super) type Whole = (
    &'static str,
    fn(&str) -> Vec<u8>,
    &'static str,
    &'static [&'static str],
);

pub(super) const WHOLE: &[Whole] = &[
    (
        "nothing",
        |_| Vec::new(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "not XML",
        |_| b"hej".to_vec(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "JSON",
        |_| b"{\"a\": 1}".to_vec(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "truncated in the middle",
        |message| message.as_bytes()[..message.len() / 2].to_vec(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "truncated at the end",
        |message| message.trim_end().as_bytes()[..message.trim_end().len() - 1].to_vec(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "an end tag of another element",
        |message| {
            message
                .replacen("</Myndighed>", "</Myndigt>", 1)
                .into_bytes()
        },
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "invalid UTF-8",
        |message| {
            let mut octets = message.as_bytes().to_vec();
            let at = message.find("<Myndighed>").unwrap_or_default() + "<Myndighed>".len();
            octets[at] = 0xE6;
            octets
        },
        "Client",
        &["ErrorCode>encoding<"],
    ),
    (
        "UTF-16",
        |message| {
            let units = message.encode_utf16();
            [0xFF, 0xFE]
                .into_iter()
                .chain(units.flat_map(u16::to_le_bytes))
                .collect()
        },
        "Client",
        &["ErrorCode>encoding<"],
    ),
    (
        "a character that XML does not have",
        |message| message.replacen("90000019", "&#1;", 1).into_bytes(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "100,000 levels deep",
        |_| "<a>".repeat(100_000).into_bytes(),
        "Client",
        &["ErrorCode>unexpected-element<"],
    ),
    (
        "100,000 levels deep in the body",
        |message| {
            let deep = "<Header>".repeat(100_000);
            message.replacen("<Header>", &deep, 1).into_bytes()
        },
        "Client",
        &["ErrorCode>limit<"],
    ),
    (
        "20,000 attributes",
        |message| {
            let many: String = (0..20_000).map(|n| format!(" a{n}=\"\"")).collect();
            message
                .replacen("<Header>", &format!("<Header{many}>"), 1)
                .into_bytes()
        },
        "Client",
        &["ErrorCode>limit<"],
    ),
    (
        "an envelope of SOAP 1.2",
        |message| {
            message
                .replace(
                    "http://schemas.xmlsoap.org/soap/envelope/",
                    "http://www.w3.org/2003/05/soap-envelope",
                )
                .into_bytes()
        },
        "VersionMismatch",
        &["Envelope: ", "ErrorCode>version<"],
    ),
    (
        "an envelope of no version",
        |message| {
            message
                .replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:envelope")
                .into_bytes()
        },
        "VersionMismatch",
        &["Envelope: ", "ErrorCode>version<"],
    ),
    (
        "no envelope",
        |_| b"<Opret/>".to_vec(),
        "Client",
        &["Opret", "ErrorCode>unexpected-element<"],
    ),
    (
        "no body",
        |_| b"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"/>".to_vec(),
        "Client",
        &["Envelope/Body", "ErrorCode>missing-element<"],
    ),
    (
        "an empty body",
        |_| {
            b"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>".to_vec()
        },
        "Client",
        &["Envelope/Body", "ErrorCode>missing-element<"],
    ),
    (
        "an unknown operation",
        |message| {
            message
                .replace("Request ", "Requests ")
                .replace("Request>", "Requests>")
                .into_bytes()
        },
        "Client",
        &["Requests", "ErrorCode>unexpected-element<"],
    ),
    (
        "a header that must be understood",
        |message| {
            let header = "<soap:Header><x:Ukendt xmlns:x=\"urn:x\" soap:mustUnderstand=\"1\"/></soap:Header><soap:Body>";
            message.replacen("<soap:Body>", header, 1).into_bytes()
        },
        "MustUnderstand",
        &["Envelope/Header/Ukendt", "ErrorCode>must-understand<"],
    ),
    (
        "a document type",
        |message| {
            message
                .replacen(
                    "<soap:Envelope",
                    "<!DOCTYPE a [<!ENTITY b \"c\">]><soap:Envelope",
                    1,
                )
                .into_bytes()
        },
        "Client",
        &["ErrorCode>doctype<"],
    ),
    (
        "an entity",
        |message| message.replacen("90000019", "&b;", 1).into_bytes(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
    (
        "two messages in the body",
        |message| {
            let (from, to) = (message.find("<soap:Body>"), message.find("</soap:Body>"));
            let (Some(from), Some(to)) = (from, to) else {
                return Vec::new();
            };
            let inner = &message[from + "<soap:Body>".len()..to];
            [&message[..to], inner, &message[to..]]
                .concat()
                .into_bytes()
        },
        "Client",
        &["Request[2]", "ErrorCode>too-many<"],
    ),
    (
        "two bodies",
        |message| {
            message
                .replacen("</soap:Body>", "</soap:Body><soap:Body/>", 1)
                .into_bytes()
        },
        "Client",
        &["Body[2]", "ErrorCode>too-many<"],
    ),
    (
        "a second root",
        |message| format!("{message}<a/>").into_bytes(),
        "Client",
        &["ErrorCode>malformed<"],
    ),
];
