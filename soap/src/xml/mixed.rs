//! Mixed content: text between elements (XML Schema Part 1, section 3.4.2).

use super::{ReadXml, Reader, Refused, WriteXml, Writer};

/// Elements with text before, between and after them.
#[derive(Clone, PartialEq, Eq)]
pub struct Mixed<T> {
    value: T,
    /// How many elements stand before the text, and the text.
    text: Vec<(usize, String)>,
}

impl<T> Mixed<T> {
    /// Elements without text.
    pub const fn new(value: T) -> Self {
        Self {
            value,
            text: Vec::new(),
        }
    }

    /// With these texts: each with the number of elements that stand before it, in order.
    #[must_use]
    pub fn with_text(mut self, text: Vec<(usize, String)>) -> Self {
        self.text = text;
        self
    }

    /// The elements.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The texts, each with the number of elements that stand before it.
    pub fn text(&self) -> &[(usize, String)] {
        &self.text
    }
}

/// Leaves the text out, which may be personal.
impl<T: std::fmt::Debug> std::fmt::Debug for Mixed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mixed")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

impl<T: ReadXml> ReadXml for Mixed<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.begin_mixed();
        let value = T::read(reader);
        // Up to the end, or to an element that is wanted by no one.
        let _ = reader.peek();
        let text = reader.end_mixed();
        Ok(Self {
            value: value?,
            text,
        })
    }
}

impl<T: WriteXml> WriteXml for Mixed<T> {
    fn write(&self, writer: &mut Writer) {
        writer.begin_mixed(&self.text);
        self.value.write(writer);
        writer.end_mixed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Element, Limits, Root};

    struct Bold(Vec<String>);

    impl ReadXml for Bold {
        fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
            reader.repeated(Element::unqualified("b"), 0..).map(Self)
        }
    }

    impl WriteXml for Bold {
        fn write(&self, writer: &mut Writer) {
            writer.repeated(Element::unqualified("b"), 0.., &self.0);
        }
    }

    #[test]
    fn text_keeps_its_place() {
        const ROOT: Root<Mixed<Bold>> = Root::new(Element::unqualified("p"), &[]);
        for text in [
            "<p/>",
            "<p>a</p>",
            "<p>a<b>1</b> b &amp; c<b>2</b></p>",
            "<p><b>1</b><b>2</b>z</p>",
        ] {
            let value = ROOT
                .read(text.as_bytes(), &Limits::default())
                .expect("it is valid");
            assert_eq!(ROOT.write(&value).as_deref(), Ok(text));
        }
        assert!(ROOT.read(b"<p>a<i/></p>", &Limits::default()).is_err());
    }
}
