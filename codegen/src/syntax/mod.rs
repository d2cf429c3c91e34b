//! Contracts as written: schemas through xsd-parser's typed syntax tree, WSDL 1.1 and its policies through our own.

pub(crate) mod policy;
pub(crate) mod wsdl;
pub(crate) mod xsd;
