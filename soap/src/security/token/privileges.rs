//! The privileges in a token (OIO Basic Privilege Profile 1.0), in the form that stands in one attribute as base64.

use super::super::fields::{Fields, attribute, text};
use super::super::vocabulary::BPP;
use super::super::written::{Unsignable, Written};
use super::super::{Cause, Cvr, Refusal};
use crate::xml::{Limits, Name, Namespace, Tree};

/// Privileges that hold for one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegeGroup {
    /// The organisation.
    pub scope: Cvr,
    /// The privileges, as URIs.
    pub privileges: Vec<String>,
    /// What they are narrowed down to: names and values.
    pub constraints: Vec<(String, String)>,
}

const LIST: Name = BPP.name("PrivilegeList");
/// What the list holds is in no namespace.
const GROUP: Name = Namespace::NONE.name("PrivilegeGroup");
const PRIVILEGE: Name = Namespace::NONE.name("Privilege");
const CONSTRAINT: Name = Namespace::NONE.name("Constraint");
const SCOPE: &str = "urn:dk:gov:saml:cvrNumberIdentifier:";

/// Reads a `PrivilegeList`.
///
/// # Errors
/// It is none, or a group is for something else than an organisation.
pub(super) fn read(octets: &[u8]) -> Result<Vec<PrivilegeGroup>, Refusal> {
    let tree =
        Tree::read(octets, &Limits::default()).map_err(|_| Refusal::structure("PrivilegeList"))?;
    let root = tree.root();
    if !tree.is(root, BPP.uri(), LIST.local()) {
        return Err(Refusal::structure("PrivilegeList"));
    }
    let mut groups = Vec::new();
    let mut list = Fields::of(&tree, root, LIST);
    while let Some(group) = list.optional(GROUP) {
        let scope = attribute(&tree, group, "Scope")?;
        let scope = scope.strip_prefix(SCOPE).and_then(|cvr| cvr.parse().ok());
        let mut read = PrivilegeGroup {
            scope: scope.ok_or(Cause::PrivilegeScope)?,
            privileges: Vec::new(),
            constraints: Vec::new(),
        };
        let mut fields = Fields::of(&tree, group, GROUP);
        while let Some(privilege) = fields.optional(PRIVILEGE) {
            read.privileges
                .push(text(&tree, privilege, PRIVILEGE)?.into_owned());
        }
        while let Some(constraint) = fields.optional(CONSTRAINT) {
            let name = attribute(&tree, constraint, "Name")?.to_owned();
            let value = text(&tree, constraint, CONSTRAINT)?.into_owned();
            read.constraints.push((name, value));
        }
        fields.end()?;
        groups.push(read);
    }
    list.end()?;
    Ok(groups)
}

/// Writes a `PrivilegeList`.
///
/// # Errors
/// A value cannot be written.
pub(super) fn write(groups: &[PrivilegeGroup]) -> Result<String, Unsignable> {
    let mut out =
        Written("<?xml version=\"1.0\" encoding=\"UTF-8\"?><bpp:PrivilegeList".to_owned());
    out.declare(BPP.prefix(), BPP.uri());
    out.push(">");
    for group in groups {
        out.push("<PrivilegeGroup");
        out.attribute("Scope", &format!("{SCOPE}{}", group.scope))?;
        out.push(">");
        for privilege in &group.privileges {
            out.element("Privilege", privilege)?;
        }
        for (name, value) in &group.constraints {
            out.push("<Constraint");
            out.attribute("Name", name)?;
            out.push(">");
            out.text(value)?;
            out.push("</Constraint>");
        }
        out.push("</PrivilegeGroup>");
    }
    out.push("</bpp:PrivilegeList>");
    Ok(out.0)
}
