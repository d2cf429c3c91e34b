//! The rules in Danish, for the FejlTekst of a receipt.

use std::fmt;

use super::{Kind, Names, Rule, TOLD, Unexpected};

/// A broken rule in Danish, as [`Rule::danish`] gives it.
#[derive(Clone, Copy, Debug)]
pub struct Danish<'r>(pub(super) &'r Rule);

impl fmt::Display for Danish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.0 {
            Kind::Malformed(what) => write!(f, "ikke velformet XML: {}", what.danish()),
            Kind::Encoding(what) => write!(f, "ikke UTF-8: {}", what.danish()),
            Kind::Doctype => f.write_str("en dokumenttypeerklæring er ikke tilladt"),
            Kind::Limit(what, most) => write!(f, "flere end {most} {}", what.danish()),
            Kind::MissingElement(names) if names.len() == 1 => f.write_str("elementet mangler"),
            Kind::MissingElement(names) => write!(f, "et af {} mangler", Names(names)),
            Kind::UnexpectedElement(found) => unexpected(found, f),
            Kind::Repeated => f.write_str("elementet må ikke gentages her"),
            Kind::TooMany(most) => write!(f, "elementet forekommer mere end {most} gange"),
            Kind::TooFew(least) => write!(f, "elementet forekommer mindre end {least} gange"),
            Kind::ElementNotAllowed => {
                f.write_str("der står et element, hvor kun tekst er tilladt")
            }
            Kind::TextNotAllowed => f.write_str("der står tekst, hvor kun elementer er tilladt"),
            Kind::NotEmpty => {
                f.write_str("elementet skal være tomt: heller ikke blanktegn må stå i det")
            }
            Kind::MissingAttribute => f.write_str("attributten mangler"),
            Kind::UndeclaredAttribute => f.write_str("attributten er ikke erklæret"),
            Kind::NotNillable => {
                f.write_str("xsi:nil står på et element, der ikke må være uden værdi")
            }
            Kind::NilWithContent => f.write_str("elementet har xsi:nil og er ikke tomt"),
            Kind::XsiType => f.write_str("xsi:type nævner en type, som elementet ikke kan have"),
            Kind::NotHeld => f.write_str(
                "xsi:type nævner en type med attributter, og dem tages der ikke imod her",
            ),
            Kind::AbstractType => {
                f.write_str("typen er abstrakt: xsi:type skal nævne en type, der er afledt af den")
            }
            Kind::MissingAny(_) => {
                f.write_str("et element, som kontrakten lader stå åbent, mangler")
            }
            Kind::Union => f.write_str("værdien hører ikke til nogen af unionens typer"),
            Kind::Bare => f.write_str("det er indholdet af en body og har intet eget element"),
            Kind::Prefix => f.write_str("et præfiks i værdien står for noget andet her"),
            Kind::Empty => f.write_str("værdien er tom og står for den, der gælder ellers"),
            Kind::Member => f.write_str("en tidligere af unionens typer tager værdien"),
            Kind::Fixed(value) => write!(f, "værdien ligger fast som `{value}`"),
            Kind::Lexical(name) => write!(f, "værdien er ikke en gyldig {name}"),
            Kind::Beyond(name) => write!(
                f,
                "værdien af {name} har flere cifre, end der tages imod her"
            ),
            Kind::Facet(facet, bound) => {
                write!(f, "værdien bryder facetten {} `{bound}`", facet.id())
            }
            Kind::Count(facet, bound) => {
                write!(f, "værdien bryder facetten {} {bound}", facet.id())
            }
            Kind::Enumeration(codes) => {
                let (told, more) = codes.split_at(codes.len().min(TOLD));
                write!(f, "værdien er ingen af {}", told.join(", "))?;
                match more.len() {
                    0 => Ok(()),
                    more => write!(f, " og {more} andre"),
                }
            }
            Kind::Envelope => f.write_str(
                "kuverten er af en anden version, eller en headerblok bliver ikke forstået",
            ),
            Kind::Character => f.write_str("værdien har et tegn, som XML 1.0 ikke kan bære"),
        }
    }
}

fn unexpected(found: &Unexpected, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(sibling) = &found.before {
        return write!(
            f,
            "elementet er ikke tilladt her, ventet var det før {sibling}"
        );
    }
    match (found.other_namespace, &*found.expected) {
        (Some(namespace), _) if namespace.uri().is_empty() => {
            f.write_str("elementet er i et namespace og skulle ikke være i noget")
        }
        (Some(namespace), _) => write!(
            f,
            "elementet er i et andet namespace end {}",
            namespace.uri()
        ),
        (None, []) => f.write_str("elementet er ikke tilladt her"),
        (None, names) => write!(
            f,
            "elementet er ikke tilladt her, ventet var {}",
            Names(names)
        ),
    }
}
