//! A contract, written by hand as the generator would emit it, with one of each kind of particle.

#![allow(
    unreachable_pub,
    reason = "as it is emitted into a library; a test exports nothing"
)]

pub mod ns {
    pub const A: soap::Namespace = soap::Namespace::new("urn:example:a", "a");
    pub const B: soap::Namespace = soap::Namespace::new("urn:example:b", "b");
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub version: i32,
    pub label: Option<String>,
    pub header: Header,
    pub items: Vec<Item>,
    pub payment: Option<Payment>,
    pub flags: Option<Flags>,
    pub amount: Option<Amount>,
    pub ended: Option<soap::Nillable<soap::Date>>,
}

impl soap::ReadXml for Order {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let version = reader.attribute(soap::Attribute::unqualified("version").default("1"));
        let label = reader.optional_attribute(ns::B.attribute("label"));
        let header = reader.required(ns::A.element("Header"));
        let items = reader.repeated(ns::A.element("Item"), 1..=3);
        let payment = reader.optional_group(&[ns::A.name("Cash"), ns::A.name("Card")]);
        let flags = reader.optional(ns::A.element("Flags"));
        let amount = reader.optional(ns::B.element("Amount"));
        let ended = reader.optional(ns::A.element("Ended"));
        Ok(Self {
            version: version?,
            label: label?,
            header: header?,
            items: items?,
            payment: payment?,
            flags: flags?,
            amount: amount?,
            ended: ended?,
        })
    }
}

impl soap::WriteXml for Order {
    fn write(&self, writer: &mut soap::Writer) {
        writer.attribute(
            soap::Attribute::unqualified("version").default("1"),
            &self.version,
        );
        writer.optional_attribute(ns::B.attribute("label"), self.label.as_ref());
        writer.required(ns::A.element("Header"), &self.header);
        writer.repeated(ns::A.element("Item"), 1..=3, &self.items);
        writer.optional_group(self.payment.as_ref());
        writer.optional(ns::A.element("Flags"), self.flags.as_ref());
        writer.optional(ns::B.element("Amount"), self.amount.as_ref());
        writer.optional(ns::A.element("Ended"), self.ended.as_ref());
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: soap::Uuid,
    pub sent: soap::DateTime,
    pub kind: soap::QName,
    pub comment: Option<String>,
}

impl soap::ReadXml for Header {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let id = reader.required(ns::A.element("Id"));
        let sent = reader.required(ns::A.element("Sent"));
        let kind = reader.required(ns::A.element("Kind").default("{}plain"));
        let comment = reader.optional(ns::A.element("Comment"));
        Ok(Self {
            id: id?,
            sent: sent?,
            kind: kind?,
            comment: comment?,
        })
    }
}

impl soap::WriteXml for Header {
    fn write(&self, writer: &mut soap::Writer) {
        writer.required(ns::A.element("Id"), &self.id);
        writer.required(ns::A.element("Sent"), &self.sent);
        writer.required(ns::A.element("Kind").default("{}plain"), &self.kind);
        writer.optional(ns::A.element("Comment"), self.comment.as_ref());
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub code: Code,
    pub parts: Vec<Self>,
}

impl soap::ReadXml for Item {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let code = reader.required(ns::A.element("Code"));
        let parts = reader.repeated(ns::A.element("Part"), 0..);
        Ok(Self {
            code: code?,
            parts: parts?,
        })
    }
}

impl soap::WriteXml for Item {
    fn write(&self, writer: &mut soap::Writer) {
        writer.required(ns::A.element("Code"), &self.code);
        writer.repeated(ns::A.element("Part"), 0.., &self.parts);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub soap::Digits<4>);

static CODE: soap::Facets = soap::Facets {
    patterns: &[soap::Pattern::new("[0-8]*", "^(?:[0-8]*)$")],
    ..soap::Facets::NONE
};

impl soap::Value for Code {
    const WHITE_SPACE: soap::WhiteSpace = soap::WhiteSpace::Collapse;

    fn parse(lexical: &str, scope: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
        CODE.parse(lexical, scope).map(Self)
    }

    fn write(&self, text: &mut soap::Text<'_>) {
        soap::Value::write(&self.0, text);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    Cash(bool),
    Card(String),
}

impl soap::ReadXml for Payment {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        if reader.at(ns::A.name("Cash")) {
            reader
                .required(ns::A.element("Cash").fixed("true"))
                .map(Self::Cash)
        } else if reader.at(ns::A.name("Card")) {
            reader.required(ns::A.element("Card")).map(Self::Card)
        } else {
            Err(reader.expected(&[ns::A.name("Cash"), ns::A.name("Card")]))
        }
    }
}

impl soap::WriteXml for Payment {
    fn write(&self, writer: &mut soap::Writer) {
        match self {
            Self::Cash(value) => writer.required(ns::A.element("Cash").fixed("true"), value),
            Self::Card(value) => writer.required(ns::A.element("Card"), value),
        }
    }
}

/// An `xs:all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    pub fast: bool,
    pub gift: Option<bool>,
}

impl soap::ReadXml for Flags {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let mut fast = soap::Slot::new();
        let mut gift = soap::Slot::new();
        while reader.slot(ns::A.element("Fast"), &mut fast)
            || reader.slot(ns::A.element("Gift"), &mut gift)
        {}
        let fast = fast.required(reader, ns::A.element("Fast"));
        let gift = gift.optional();
        Ok(Self {
            fast: fast?,
            gift: gift?,
        })
    }
}

impl soap::WriteXml for Flags {
    fn write(&self, writer: &mut soap::Writer) {
        writer.required(ns::A.element("Fast"), &self.fast);
        writer.optional(ns::A.element("Gift"), self.gift.as_ref());
    }
}

/// Simple content with an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    pub currency: soap::Token,
    pub value: soap::Decimal,
}

impl soap::ReadXml for Amount {
    fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
        let currency = reader.attribute(soap::Attribute::unqualified("currency"));
        let value = reader.text();
        Ok(Self {
            currency: currency?,
            value: value?,
        })
    }
}

impl soap::WriteXml for Amount {
    fn write(&self, writer: &mut soap::Writer) {
        writer.attribute(soap::Attribute::unqualified("currency"), &self.currency);
        writer.text(&self.value);
    }
}

pub const ORDER: soap::Root<Order> = soap::Root::new(ns::A.element("Order"), &[ns::A, ns::B]);

/// A content that is valid in `Order`.
pub const CONTENT: &str = "<a:Header>\
    <a:Id>1B4e28ba-2fa1-11d2-883f-0016d3cca427</a:Id>\
    <a:Sent>2026-11-23T10:00:00.1234567+02:00</a:Sent>\
    <a:Kind>b:odd</a:Kind>\
    <a:Comment> \u{e6} &amp; \u{f8} </a:Comment>\
    </a:Header>\
    <a:Item><a:Code>0001</a:Code></a:Item>\
    <a:Item><a:Code>0002</a:Code><a:Part><a:Code>0003</a:Code></a:Part></a:Item>\
    <a:Card>1234</a:Card>\
    <a:Flags><a:Fast>true</a:Fast><a:Gift>false</a:Gift></a:Flags>\
    <b:Amount currency=\"DKK\">1.50</b:Amount>";

/// An `Order` with this content and the usual prefixes.
pub fn order(content: &str) -> String {
    format!(
        "<a:Order xmlns:a=\"urn:example:a\" xmlns:b=\"urn:example:b\" version=\"1\">{content}</a:Order>"
    )
}
