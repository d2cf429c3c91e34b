//! The layer below the cursor: quick-xml's events with all that XML 1.0 demands and quick-xml leaves to its caller.

use quick_xml::errors::{Error as XmlError, IllFormedError, SyntaxError};
use quick_xml::events::Event;

use super::escape::{is_xml_char, resolve_reference};
use super::name::is_ncname;
use super::plain::TagName;
use super::reader::{Reader, Refused};
use super::violation::Violation;
use super::{Limits, Reason, Rule, Violations, locate};

/// What the content of an element is made of; comments and processing instructions have been taken out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    /// A start tag, now in `Reader::tag`.
    Start,
    /// The end of the innermost open element.
    End,
    /// Text as written; line ends are not normalised yet.
    Text(&'a str),
    /// The inside of a CDATA section; line ends are not normalised yet.
    CData(&'a str),
    /// What a reference stands for.
    Character(char),
    /// Nothing more; comes only where no element is open.
    EndOfMessage,
}

/// Takes a message in: its size, encoding and characters (XML 1.0, sections 2.2 and 4.3.3).
pub(super) fn admit<'a>(
    message: &'a [u8],
    limits: &Limits,
) -> Result<(&'a str, Marks), Violations> {
    let refuse = |rule, (line, column)| {
        Violations::new(vec![Violation {
            path: String::new(),
            line,
            column,
            rule,
            item: None,
        }])
    };
    if message.len() > limits.bytes {
        return Err(refuse(Rule::limit(Reason::Message, limits.bytes), (1, 1)));
    }
    let text = std::str::from_utf8(message).map_err(|error| {
        let valid = std::str::from_utf8(&message[..error.valid_up_to()]).unwrap_or_default();
        let what = if message.starts_with(b"\xFE\xFF") || message.starts_with(b"\xFF\xFE") {
            Reason::Utf16
        } else {
            Reason::InvalidOctets
        };
        refuse(
            Rule::encoding(what),
            locate::line_and_column(valid, valid.len()),
        )
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let survey = survey(text.as_bytes());
    if survey.suspect
        && let Some((offset, _)) = text
            .char_indices()
            .find(|(_, character)| !is_xml_char(*character))
    {
        let rule = Rule::malformed(Reason::ForbiddenCharacter);
        return Err(refuse(rule, locate::line_and_column(text, offset)));
    }
    Ok((text, survey.marks))
}

/// What the message holds anywhere, so that most texts need no look of their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// A line end or a tab: attribute values may need normalising.
    pub(super) breaks: bool,
    /// A carriage return: line ends need normalising.
    pub(super) carriage_return: bool,
    /// A `]`: text may hold the forbidden `]]>`.
    pub(super) bracket: bool,
}

struct Survey {
    marks: Marks,
    /// A control character, or an octet that U+FFFE and U+FFFF begin with.
    suspect: bool,
}

/// Passes without branches, for which the compiler or memchr have vector instructions. The first tells of most messages that the
/// others find nothing: those without line breaks have no octet below a space, those of ASCII none above it.
fn survey(octets: &[u8]) -> Survey {
    let (mut lowest, mut union) = (u8::MAX, 0);
    for octet in octets {
        lowest = lowest.min(*octet);
        union |= *octet;
    }
    let low = lowest < b' ';
    let marks = Marks {
        breaks: low,
        carriage_return: low && memchr::memchr(b'\r', octets).is_some(),
        bracket: memchr::memchr(b']', octets).is_some(),
    };
    Survey {
        marks,
        suspect: (low && holds_control(octets))
            || (!union.is_ascii() && memchr::memchr(0xEF, octets).is_some()),
    }
}

fn holds_control(octets: &[u8]) -> bool {
    octets.iter().fold(false, |found, octet| {
        found | ((*octet < b' ') & (*octet != b'\t') & (*octet != b'\n') & (*octet != b'\r'))
    })
}

impl<'a> Reader<'a> {
    /// quick-xml at the beginning of `message`.
    pub(super) fn tokens(message: &'a str) -> quick_xml::Reader<&'a [u8]> {
        let mut xml = quick_xml::Reader::from_str(message);
        // End tags are compared with our own stack, for not all of them pass through quick-xml; comments where they are met.
        xml.config_mut().check_end_names = false;
        xml.config_mut().allow_unmatched_ends = true;
        xml
    }

    /// Where the next token begins.
    pub(super) fn offset(&self) -> usize {
        // The message is in memory, so its length and all offsets in it fit.
        self.xml.buffer_position() as usize
    }

    /// The next token; none once reading has stopped.
    pub(super) fn pull(&mut self) -> Result<Token<'a>, Refused> {
        loop {
            if self.between_tags
                && let Some(token) = self.plain_tag()
            {
                return token;
            }
            if let Some(token) = self.event()? {
                return Ok(token);
            }
        }
    }

    /// The next token by quick-xml; none where it is no part of any value. What it needs on the stack, plain tags do without.
    #[inline(never)]
    fn event(&mut self) -> Result<Option<Token<'a>>, Refused> {
        if self.fatal {
            return Err(Refused::RECORDED);
        }
        let start = self.offset();
        self.token_start = start;
        let event = match self.xml.read_event() {
            Ok(event) => event,
            Err(error) => {
                let offset = usize::try_from(self.xml.error_position()).unwrap_or(start);
                return Err(self.malformed(offset, explain(&error)));
            }
        };
        self.between_tags = !matches!(event, Event::Text(_) | Event::GeneralRef(_));
        let token = match event {
            Event::Start(tag) => {
                let name = TagName::of(tag.name().0.as_bytes());
                self.start_tag(start, self.offset() - 1, name, false, &[])?;
                Token::Start
            }
            Event::Empty(tag) => {
                let name = TagName::of(tag.name().0.as_bytes());
                self.start_tag(start, self.offset() - 2, name, true, &[])?;
                Token::Start
            }
            Event::End(tag) => {
                if self.open.last().is_none_or(|open| open.raw != tag.name().0) {
                    return Err(self.malformed(start, Reason::StrayEndTag));
                }
                Token::End
            }
            Event::Text(_) => self.text_token(start)?,
            Event::CData(_) if self.open.is_empty() => {
                return Err(self.malformed(start, Reason::TextOutsideRoot));
            }
            Event::CData(_) => {
                Token::CData(&self.message[start + "<![CDATA[".len()..self.offset() - "]]>".len()])
            }
            Event::GeneralRef(name) => self.reference(start, &name)?,
            Event::Comment(_) => {
                let inside = &self.message[start + "<!--".len()..self.offset() - "-->".len()];
                if inside.contains("--") || inside.ends_with('-') {
                    return Err(self.malformed(start, Reason::HyphensInComment));
                }
                self.asides.comments += 1;
                return Ok(None);
            }
            Event::PI(_) => {
                self.processing_instruction(start)?;
                self.asides.instructions += 1;
                return Ok(None);
            }
            Event::Decl(_) => {
                self.declaration(start)?;
                self.pass_white();
                return Ok(None);
            }
            Event::DocType(_) => return Err(self.fatal_at(start, Rule::DOCTYPE)),
            Event::Eof => self.end_of_file(start)?,
        };
        Ok(Some(token))
    }

    fn text_token(&mut self, start: usize) -> Result<Token<'a>, Refused> {
        let text = &self.message[start..self.offset()];
        if self.marks.bracket
            && let Some(at) = text.find("]]>")
        {
            return Err(self.malformed(start + at, Reason::SectionEndInText));
        }
        if self.open.is_empty()
            && !text
                .bytes()
                .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        {
            return Err(self.malformed(start, Reason::TextOutsideRoot));
        }
        Ok(Token::Text(text))
    }

    fn reference(&mut self, start: usize, name: &str) -> Result<Token<'a>, Refused> {
        if self.open.is_empty() {
            return Err(self.malformed(start, Reason::TextOutsideRoot));
        }
        resolve_reference(name)
            .map(Token::Character)
            .map_err(|what| self.malformed(start, what))
    }

    /// XML 1.0, section 2.6.
    fn processing_instruction(&mut self, start: usize) -> Result<(), Refused> {
        let inside = &self.message[start + "<?".len()..self.offset() - "?>".len()];
        let target = inside
            .split([' ', '\t', '\n', '\r'])
            .next()
            .unwrap_or_default();
        if !is_ncname(target) || target.eq_ignore_ascii_case("xml") {
            return Err(self.malformed(start, Reason::NoTarget));
        }
        Ok(())
    }

    /// The XML declaration (XML 1.0, section 2.8); only version 1.0 in UTF-8 is taken.
    fn declaration(&mut self, start: usize) -> Result<(), Refused> {
        if start != 0 {
            return Err(self.malformed(start, Reason::LateDeclaration));
        }
        let inside = &self.message[start + "<?xml".len()..self.offset() - "?>".len()];
        if matches!(inside, USUAL | USUAL_TOO) {
            return Ok(());
        }
        match Declaration::parse(inside) {
            Some(Declaration {
                encoding: Some(encoding),
                ..
            }) if !encoding.eq_ignore_ascii_case("utf-8") => {
                Err(self.fatal_at(start, Rule::encoding(Reason::OtherEncoding)))
            }
            // One of XML 1.1 has other line ends and characters, and could be read in two ways.
            Some(declaration) if declaration.version != "1.0" => {
                Err(self.malformed(start, Reason::OtherVersion))
            }
            Some(_) => Ok(()),
            None => Err(self.malformed(start, Reason::FaultyDeclaration)),
        }
    }

    fn end_of_file(&mut self, start: usize) -> Result<Token<'a>, Refused> {
        if !self.open.is_empty() {
            return Err(self.malformed(start, Reason::EndsInside));
        }
        if !self.root_seen {
            return Err(self.malformed(start, Reason::NoRoot));
        }
        Ok(Token::EndOfMessage)
    }
}

/// What most declarations say, and need not be taken apart for.
const USUAL: &str = r#" version="1.0" encoding="UTF-8""#;
const USUAL_TOO: &str = r#" version="1.0" encoding="utf-8""#;

/// The pseudo-attributes of an XML declaration, in their fixed order.
struct Declaration<'a> {
    version: &'a str,
    encoding: Option<&'a str>,
}

impl<'a> Declaration<'a> {
    fn parse(inside: &'a str) -> Option<Self> {
        let (version, rest) = pseudo_attribute(inside, "version")?;
        let (encoding, rest) = match pseudo_attribute(rest, "encoding") {
            Some((encoding, rest)) => (Some(encoding), rest),
            None => (None, rest),
        };
        let rest = match pseudo_attribute(rest, "standalone") {
            Some(("yes" | "no", rest)) => rest,
            Some(_) => return None,
            None => rest,
        };
        rest.trim_matches(WHITE)
            .is_empty()
            .then_some(Self { version, encoding })
    }
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// `S name Eq quote value quote`, and what follows.
fn pseudo_attribute<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let trimmed = text.trim_start_matches(WHITE);
    if trimmed.len() == text.len() {
        return None;
    }
    let rest = trimmed
        .strip_prefix(name)?
        .trim_start_matches(WHITE)
        .strip_prefix('=')?
        .trim_start_matches(WHITE);
    let quote = rest
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split_once(quote)
}

/// In our words, since quick-xml's repeat names out of the message.
fn explain(error: &XmlError) -> Reason {
    match error {
        XmlError::Syntax(SyntaxError::UnclosedComment) => Reason::UnclosedComment,
        XmlError::Syntax(SyntaxError::UnclosedCData) => Reason::UnclosedSection,
        XmlError::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => {
            Reason::UnclosedInstruction
        }
        XmlError::Syntax(SyntaxError::UnclosedDoctype) => Reason::UnclosedDoctype,
        XmlError::Syntax(SyntaxError::InvalidBangMarkup) => Reason::UnknownMarkup,
        XmlError::Syntax(_) => Reason::UnclosedTag,
        XmlError::IllFormed(IllFormedError::UnclosedReference) => Reason::StrayAmpersand,
        _ => Reason::Syntax,
    }
}
