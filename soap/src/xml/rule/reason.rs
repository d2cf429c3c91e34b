//! What exactly is malformed, wrongly encoded or beyond a limit, in both languages.

/// Makes the enumeration of reasons; none is without a text in each language.
macro_rules! reasons {
    ($($name:ident: $english:literal, $danish:literal;)*) => {
        /// What a rule about the message as XML, or about a limit, found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Reason {
            $(#[doc = $english] $name,)*
        }

        impl Reason {
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            pub(super) const fn english(self) -> &'static str {
                match self {
                    $(Self::$name => $english,)*
                }
            }

            pub(super) const fn danish(self) -> &'static str {
                match self {
                    $(Self::$name => $danish,)*
                }
            }
        }
    };
}

reasons! {
    StrayEndTag: "an end tag that ends no open element", "et sluttag, der ikke slutter noget åbent element";
    TextOutsideRoot: "text outside the root element", "tekst uden for rodelementet";
    LessThanInAttribute: "`<` in an attribute", "`<` i en attribut";
    HyphensInComment: "`--` inside a comment", "`--` inde i en kommentar";
    SectionEndInText: "`]]>` in text", "`]]>` i tekst";
    StrayAmpersand: "a `&` that begins no reference", "et `&`, der ikke begynder nogen reference";
    ReferenceToNoCharacter: "a character reference to no character", "en tegnreference, der ikke er noget tegn";
    UnknownEntity: "a reference to an unknown entity", "en reference til en ukendt entitet";
    NoName: "a name that is none", "et navn, der ikke er et navn";
    FaultyAttribute: "a faulty attribute", "en forkert skrevet attribut";
    UnpartedAttributes: "attributes that no white space parts", "attributter uden blanktegn imellem";
    AttributeTwice: "an attribute given twice", "en attribut, der er givet to gange";
    UndeclaredPrefix: "an undeclared prefix", "et præfiks, der ikke er erklæret";
    PrefixTwice: "a prefix declared twice", "et præfiks, der er erklæret to gange";
    PrefixAsNone: "a prefix declared as no namespace", "et præfiks, der er erklæret uden namespace";
    ReservedPrefix: "a reserved prefix or namespace in a declaration", "et reserveret præfiks eller namespace i en erklæring";
    NoTarget: "a processing instruction without a proper target", "en behandlingsinstruktion uden et rigtigt mål";
    LateDeclaration: "an XML declaration that is not at the beginning", "en XML-erklæring, der ikke står forrest";
    OtherVersion: "another version of XML than 1.0", "en anden version af XML end 1.0";
    FaultyDeclaration: "a faulty XML declaration", "en forkert skrevet XML-erklæring";
    EndsInside: "the message ends inside an element", "beskeden slutter inde i et element";
    NoRoot: "there is no root element", "der er intet rodelement";
    SecondRoot: "a second root element", "et andet rodelement";
    ForbiddenCharacter: "a character that XML 1.0 forbids", "et tegn, som XML 1.0 forbyder";
    UnclosedComment: "an unclosed comment", "en kommentar, der ikke er lukket";
    UnclosedSection: "an unclosed CDATA section", "en CDATA-sektion, der ikke er lukket";
    UnclosedInstruction: "an unclosed processing instruction", "en behandlingsinstruktion, der ikke er lukket";
    UnclosedDoctype: "an unclosed document type declaration", "en dokumenttypeerklæring, der ikke er lukket";
    UnknownMarkup: "unknown markup after `<!`", "ukendt markup efter `<!`";
    UnclosedTag: "an unclosed tag", "et tag, der ikke er lukket";
    Syntax: "a syntax error", "en syntaksfejl";
    Utf16: "UTF-16 is not taken", "UTF-16 bliver ikke modtaget";
    InvalidOctets: "an invalid octet sequence", "en ugyldig følge af oktetter";
    OtherEncoding: "the XML declaration names another encoding", "XML-erklæringen nævner en anden tegnkodning";
    Message: "octets in the message", "oktetter i beskeden";
    Depth: "levels of elements", "niveauer af elementer";
    NameLength: "octets in a name", "oktetter i et navn";
    TextLength: "octets in a value", "oktetter i en værdi";
    Attributes: "attributes of an element", "attributter på et element";
    Namespaces: "namespace declarations in scope", "namespaceerklæringer i kraft";
    Occurrences: "occurrences of an element", "forekomster af et element";
    Items: "items in a list", "elementer i en liste";
    Copied: "octets of namespaces on elements kept whole", "oktetter af namespaces på elementer, der bevares hele";
    ReadAgain: "octets to be read again because of elements out of place", "oktetter, der skal læses igen på grund af fejlplacerede elementer";
}
