//! Elements that may say `xsi:nil="true"`.

use super::locate::Beyond;
use super::name::{Preset, XSI, XSI_NAMESPACE};
use super::reader::Next;
use super::token::Token;
use super::{AnyAttribute, Class, Name, ReadXml, Reader, Refused, Rule, Scope, WriteXml, Writer};
use crate::value::{QName, Value};

/// The content of a nillable element: a value, or explicitly none (XML Schema Part 1, section 2.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Nillable<T> {
    /// The element is there and says that it has no value.
    Nil,
    /// `xsi:nil="true"` on an element that has attributes none the less, which the type of the value declares. They come as
    /// they were written; the prefixes of names in their values are not kept. Among them is `xsi:type` where it names another
    /// type than the contract does, the name as `{namespace}local`.
    NilWith(Vec<AnyAttribute>),
    /// The element has a value.
    Value(T),
}

impl<T> Nillable<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Nil | Self::NilWith(_) => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<Nillable<T>> for Option<T> {
    fn from(nillable: Nillable<T>) -> Self {
        match nillable {
            Nillable::Nil | Nillable::NilWith(_) => None,
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
                let preset = reader.preset;
                reader.nothing()?;
                // Part 1, section 3.3.4, clause 3.2.2.
                if let Some(Preset::Fixed(fixed)) = preset {
                    return Err(reader.record_open(Rule::fixed(fixed)));
                }
                let attributes = reader.nil_attributes::<T>()?;
                Ok(if attributes.is_empty() {
                    Self::Nil
                } else {
                    Self::NilWith(attributes)
                })
            }
            Some(_) => {
                let rule = Rule::lexical("xs:boolean");
                let refusal = reader.refuse_raw_attribute(XSI.name("nil"), rule);
                Err(reader.leave_unread(refusal))
            }
        }
    }
}

impl<T: WriteXml> WriteXml for Nillable<T> {
    fn write(&self, writer: &mut Writer) {
        if self.value().is_none() && !T::SIMPLE {
            // What its type asks for all the same, it is asked when it is read.
            writer.note_open_content();
        }
        match self {
            Self::Nil => writer.attribute(XSI.attribute("nil"), &true),
            Self::NilWith(attributes) => {
                writer.note_open_content();
                writer.attribute(XSI.attribute("nil"), &true);
                let (named, others): (Vec<_>, Vec<_>) =
                    attributes.iter().cloned().partition(is_type);
                for named in named {
                    match QName::parse(named.value(), Scope::OF_CONTRACT) {
                        Ok(name) => writer.name_type(&name),
                        Err(rule) => writer.fail_attribute(rule, "type"),
                    }
                }
                writer.attributes_as_given(&others);
            }
            Self::Value(value) => value.write(writer),
        }
    }

    fn is_fixed(&self, fixed: &'static str) -> bool {
        self.value().is_some_and(|value| value.is_fixed(fixed))
    }
}

impl Reader<'_> {
    /// The content of an element that says it has none: not even white space (XML Schema Part 1, section 3.3.4).
    fn nothing(&mut self) -> Result<(), Refused> {
        self.preset = None;
        self.told = None;
        if self.next == Next::Unread {
            self.next = match self.pull()? {
                Token::End => Next::End,
                Token::Start => Next::Start,
                _ => Next::Unread,
            };
        }
        if self.next == Next::End {
            return Ok(());
        }
        let refusal = self.record_open(Rule::NIL_WITH_CONTENT);
        self.attributes.clear();
        self.skip_rest()?;
        Err(refusal)
    }

    /// The attributes of a nil element. Its type is read, and what it finds wrong is wrong as far as it is about attributes, those
    /// that say of which type the element is among them: those it must have all the same (XML Schema Part 1, sections 3.3.4 and
    /// 3.4.4), its content it does not. Where it names a type that stands for its own, the attributes are that one's.
    fn nil_attributes<T: ReadXml>(&mut self) -> Result<Vec<AnyAttribute>, Refused> {
        let before = self.found.len();
        let mut attributes = Vec::new();
        self.each_attribute(|namespace, local, value| {
            if namespace != XSI_NAMESPACE {
                attributes.push(AnyAttribute::taken(namespace, local, value));
            }
        });
        if let Some(named) = self.named_type(T::TYPE) {
            attributes.push(AnyAttribute::taken(XSI_NAMESPACE, "type", &named));
        }
        self.charge(attributes.iter().map(|one| one.namespace().len()).sum())?;
        let told = self.told_read(T::TYPE);
        let written = told.map(|_| self.attributes.clone());
        let _ = match told {
            Some(read) => read(self),
            None => T::read(self).map(drop),
        };
        self.begin_content();
        self.attributes.clear();
        self.pending.clear();
        let mut index = 0;
        self.found.retain(|found| {
            index += 1;
            let about = matches!(found.beyond, Beyond::Attribute(_))
                || [Rule::ABSTRACT_TYPE, Rule::XSI_TYPE].contains(&found.rule);
            index <= before || about || found.rule.class() == Class::Limit
        });
        if self.found.len() > before {
            return Err(Refused::RECORDED);
        }
        self.fatal = false;
        self.careful = self.misplaced.is_some();
        if let (Some(written), false) = (written, attributes.is_empty()) {
            self.attributes = written;
            return Err(self.refuse_type(Rule::NOT_HELD));
        }
        Ok(attributes)
    }
}

fn is_type(attribute: &AnyAttribute) -> bool {
    (attribute.namespace(), attribute.local()) == (XSI_NAMESPACE, "type")
}
