//! What HTTP says about a SOAP request, read strictly: media type, action and the query of a GET.

use std::time::Duration;

use chrono::DateTime;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::http::response;
use hyper::{HeaderMap, Response, StatusCode};
use soap::Version;

/// SOAP 1.1 section 6.1.1.
pub(super) const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// How many milliseconds the caller goes on waiting from here on, as a decimal number. A header of our own, since clocks differ and
/// HTTP has none for it; whoever does not know it loses nothing.
pub(super) const TIME_LEFT: HeaderName = HeaderName::from_static("sf209x-time-left");

/// The media type of every message (SOAP 1.1 section 6).
pub(super) const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// The media type of SOAP 1.2 (RFC 3902).
pub(crate) const SOAP_XML: HeaderValue =
    HeaderValue::from_static("application/soap+xml; charset=utf-8");

/// Refuses what is not unencoded and in UTF-8, of the one media type of `version` over HTTP: `text/xml` (SOAP 1.1 section 6), or
/// `application/soap+xml` (SOAP 1.2 Part 2, section 7.1.4).
///
/// # Errors
/// What is wrong with the media type or the encoding.
pub(crate) fn check_media_type(headers: &HeaderMap, version: Version) -> Result<(), String> {
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err("the body must not be compressed (Content-Encoding)".to_owned());
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err("Content-Type is missing; it must be text/xml; charset=utf-8".to_owned());
    };
    // As most senders write it, and nothing to take apart.
    if version == Version::Soap11 && value == TEXT_XML {
        return Ok(());
    }
    let value = value
        .to_str()
        .map_err(|_| "Content-Type is not readable".to_owned())?;
    let mut parts = value.split(';').map(str::trim);
    let (wanted, standard) = match version {
        Version::Soap11 => ("text/xml", "SOAP 1.1"),
        Version::Soap12 => ("application/soap+xml", "SOAP 1.2"),
    };
    let found = parts.next().unwrap_or_default();
    if !found.eq_ignore_ascii_case(wanted) {
        return Err(format!("Content-Type must be {wanted}, as {standard} says"));
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return Err("the charset of Content-Type must be utf-8".to_owned());
        }
    }
    Ok(())
}

/// A response with a message of SOAP 1.2.
pub(crate) fn soap12(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, SOAP_XML);
    response
}

/// The SOAPAction header, without the quotes that SOAP 1.1 demands and some senders leave out; `None` if absent or empty.
///
/// # Errors
/// The header stands there twice or is not readable ASCII.
pub(super) fn action(headers: &HeaderMap) -> Result<Option<&str>, String> {
    let mut values = headers.get_all(SOAP_ACTION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("SOAPAction is given twice".to_owned());
    }
    let value = value
        .to_str()
        .map_err(|_| "SOAPAction is not readable ASCII".to_owned())?
        .trim();
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// How long the caller goes on waiting, where it says so; what cannot be read says nothing.
pub(super) fn time_left(headers: &HeaderMap) -> Option<Duration> {
    let millis = headers.get(TIME_LEFT)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_millis(millis))
}

/// How long a server that turned its caller away asks to be left alone (RFC 9110 section 10.2.3): so many seconds, or until a time, which
/// is held against the server's own Date, so that clocks need not agree. What cannot be read says nothing.
pub(super) fn retry_after(head: &response::Parts) -> Option<Duration> {
    if !matches!(
        head.status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        return None;
    }
    let text = |name| head.headers.get(name)?.to_str().ok();
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = |text: &str| DateTime::parse_from_rfc2822(text).ok();
    let (until, now) = (time(asked)?, time(text(DATE)?)?);
    (until - now).to_std().ok()
}

/// What a GET on an endpoint asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `?wsdl`: the contract of the endpoint.
    Wsdl,
    /// `?doc=PATH`: a document that the contract refers to.
    Document(String),
}

/// Reads the query of a GET; `None` where it asks for no document.
pub(super) fn wanted(query: Option<&str>) -> Option<Wanted> {
    query?.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "wsdl" | "WSDL" => Some(Wanted::Wsdl),
            "doc" => percent_decoded(value).map(Wanted::Document),
            _ => None,
        }
    })
}

/// Undoes percent-encoding (RFC 3986 section 2.1); `None` where it is malformed or not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || {
                char::from(rest.next()?)
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            };
            bytes.push(digit()? << 4 | digit()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn only_text_xml_in_utf_8_passes() {
        for good in [
            "text/xml",
            "Text/XML; charset=UTF-8",
            "text/xml;charset=\"utf-8\"",
            "text/xml; action=x; charset=utf-8",
        ] {
            assert_eq!(
                check_media_type(&headers(CONTENT_TYPE, good), Version::Soap11),
                Ok(()),
                "{good}"
            );
        }
        for bad in [
            "application/soap+xml",
            "text/xmlx",
            "text/xml; charset=iso-8859-1",
            "text/xml; charset",
            "",
        ] {
            assert!(
                check_media_type(&headers(CONTENT_TYPE, bad), Version::Soap11).is_err(),
                "{bad}"
            );
        }
        assert!(check_media_type(&HeaderMap::new(), Version::Soap11).is_err());
        let mut compressed = headers(CONTENT_TYPE, "text/xml");
        compressed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(check_media_type(&compressed, Version::Soap11).is_err());
    }

    #[test]
    fn an_action_loses_its_quotes() {
        for (given, expected) in [
            ("\"urn:a\"", Some("urn:a")),
            ("urn:a", Some("urn:a")),
            ("\"\"", None),
            ("", None),
        ] {
            assert_eq!(
                action(&headers(SOAP_ACTION, given)),
                Ok(expected),
                "{given}"
            );
        }
        assert_eq!(action(&HeaderMap::new()), Ok(None));
        let mut twice = headers(SOAP_ACTION, "urn:a");
        twice.append(SOAP_ACTION, HeaderValue::from_static("urn:b"));
        assert!(action(&twice).is_err());
    }

    #[test]
    fn the_time_left_is_a_number_of_milliseconds() {
        for (given, expected) in [
            ("1500", Some(Duration::from_millis(1500))),
            ("0", Some(Duration::ZERO)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(time_left(&headers(TIME_LEFT, given)), expected, "{given}");
        }
        assert_eq!(time_left(&HeaderMap::new()), None);
    }

    #[test]
    fn a_server_says_how_long_to_stay_away_by_its_own_clock() {
        const NOON: &str = "Mon, 02 Mar 2026 12:00:00 GMT";
        let asked = |status: u16, headers: &[(HeaderName, &str)]| {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, *value);
            }
            let (head, ()) = response.body(()).unwrap().into_parts();
            retry_after(&head).map(|asked| asked.as_secs())
        };
        assert_eq!(asked(503, &[(RETRY_AFTER, "3600")]), Some(3600));
        assert_eq!(asked(429, &[(RETRY_AFTER, "1")]), Some(1));
        assert_eq!(asked(500, &[(RETRY_AFTER, "3600")]), None);
        assert_eq!(asked(503, &[(RETRY_AFTER, "soon")]), None);
        assert_eq!(asked(503, &[(RETRY_AFTER, NOON)]), None);
        // Its clock may be an hour off, or a century.
        let until = |time| asked(503, &[(DATE, NOON), (RETRY_AFTER, time)]);
        assert_eq!(until("Mon, 02 Mar 2026 12:02:00 GMT"), Some(120));
        assert_eq!(until("Mon, 02 Mar 2026 11:00:00 GMT"), None);
    }

    #[test]
    fn queries_name_documents() {
        assert_eq!(wanted(Some("wsdl")), Some(Wanted::Wsdl));
        assert_eq!(wanted(Some("WSDL=1")), Some(Wanted::Wsdl));
        assert_eq!(
            wanted(Some("doc=a/b.xsd")),
            Some(Wanted::Document("a/b.xsd".to_owned()))
        );
        assert_eq!(
            wanted(Some("doc=a%2Fb.xsd")),
            Some(Wanted::Document("a/b.xsd".to_owned()))
        );
        for nothing in [
            None,
            Some(""),
            Some("x=wsdl"),
            Some("doc=%2"),
            Some("doc=%zz"),
            Some("doc=%ff"),
        ] {
            assert_eq!(wanted(nothing), None, "{nothing:?}");
        }
    }
}
