//! Elements that may say `xsi:nil="true"`.

use super::name::{XSI, XSI_NAMESPACE};
use super::reader::Next;
use super::{Name, ReadXml, Reader, Refused, Rule, WriteXml, Writer};

/// The content of a nillable element: a value, or explicitly none (XML Schema Part 1, section 2.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nillable<T> {
    /// The element is there and says that it has no value.
    Nil,
    /// The element has a value.
    Value(T),
}

impl<T> Nillable<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Nil => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<Nillable<T>> for Option<T> {
    fn from(nillable: Nillable<T>) -> Self {
        match nillable {
            Nillable::Nil => None,
            Nillable::Value(value) => Some(value),
        }
    }
}

impl<T: ReadXml> ReadXml for Nillable<T> {
    const TYPE: Option<Name> = T::TYPE;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        match reader
            .take_raw_attribute(XSI_NAMESPACE, "nil")
            .as_deref()
            .map(|nil| nil.trim_matches([' ', '\t', '\n', '\r']))
        {
            None | Some("false" | "0") => T::read(reader).map(Self::Value),
            Some("true" | "1") => {
                // It may say of which type the value is that it does not have.
                reader.take_xsi_type()?;
                reader.nothing().map(|()| Self::Nil)
            }
            Some(_) => {
                Err(reader.refuse_raw_attribute(XSI.name("nil"), Rule::lexical("xs:boolean")))
            }
        }
    }
}

impl<T: WriteXml> WriteXml for Nillable<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Nil => writer.attribute(XSI.attribute("nil"), &true),
            Self::Value(value) => value.write(writer),
        }
    }
}

impl Reader<'_> {
    /// The content of an element that says it has none: not even white space (XML Schema Part 1, section 3.3.4).
    fn nothing(&mut self) -> Result<(), Refused> {
        self.preset = None;
        self.begin_content();
        if self.next == Next::Unread {
            self.next = match self.pull()? {
                super::token::Token::End => Next::End,
                super::token::Token::Start => Next::Start,
                _ => Next::Unread,
            };
        }
        if self.next == Next::End {
            return Ok(());
        }
        let refusal = self.record_open(Rule::NIL_WITH_CONTENT);
        self.skip_rest()?;
        Err(refusal)
    }
}
