//! Reading back what has been written: what a contract leaves open is checked as it is when it comes in, by the same reader.

use super::reader::{ReadXml, Reader, Refused};
use super::{Limits, Root, Unwritable, Violations, WriteXml, Writer, locate};

impl Writer {
    /// Writes a global element with its namespaces; those already in scope are not declared again.
    /// A bare one is written in place, its namespaces where their prefixes are free.
    pub fn root<T: ReadXml + WriteXml>(&mut self, root: &Root<T>, value: &T) {
        let outside = std::mem::replace(&mut self.open_content, false);
        if root.is_bare() {
            // The tag of the body is open: its attributes may be the part's.
            let begin = self.out.rfind('<').unwrap_or_default();
            for namespace in root.namespaces() {
                if self.in_tag() && self.stands_for(namespace.prefix()).is_empty() {
                    self.declare(*namespace);
                }
            }
            value.write(self);
            self.read_back(root, begin);
        } else {
            let start = self.open(root.element(), value);
            let begin = start.start - 1;
            for namespace in root.namespaces() {
                self.declare(*namespace);
            }
            value.write(self);
            self.end(start);
            self.read_back(root, begin);
        }
        self.open_content = outside;
    }

    /// Notes that what is written next has been checked by no one.
    pub(super) const fn note_open_content(&mut self) {
        self.open_content = true;
    }

    /// Reads the part that has been written from `begin` on, where it holds what no type has checked.
    #[inline]
    fn read_back<T: ReadXml>(&mut self, root: &Root<T>, begin: usize) {
        if self.open_content && !self.has_failed() {
            self.read_back_from(root, begin);
        }
    }

    #[cold]
    fn read_back_from<T: ReadXml>(&mut self, root: &Root<T>, begin: usize) {
        let (before, part) = self.out.split_at(begin);
        let read = if root.is_bare() {
            let tag = part.strip_prefix('<').unwrap_or(part);
            let (name, _) = tag.split_once([' ', '>']).unwrap_or((tag, ""));
            let open = if self.in_tag() { ">" } else { "" };
            let whole = [part, open, "</", name, ">"].concat();
            self.read_part(root, &whole)
        } else {
            self.read_part(root, part)
        };
        let Err(violations) = read else {
            return;
        };
        let violation = violations.first();
        let mut path = locate::written_path(before, false, None);
        if !path.is_empty() && !violation.path.is_empty() {
            path.push('/');
        }
        path.push_str(&violation.path);
        let rule = violation.rule.clone();
        self.keep_failure(Unwritable { path, rule });
    }

    /// Reads `part`, an element that stands where the writer is; what comes of it is thrown away.
    fn read_part<T: ReadXml>(&self, root: &Root<T>, part: &str) -> Result<(), Violations> {
        // It is as deep as the value that has been written, and its parts as what they were read from.
        let mut reader = Reader::new(part.as_bytes(), &Limits::UNBOUNDED)?;
        reader.scope = self.scope();
        reader.assessing = true;
        let read = if root.is_bare() {
            read_body(&mut reader, root)
        } else {
            root.read_child(&mut reader).map(drop)
        };
        reader.finish(read)
    }
}

/// Reads a part that is the content of a body, whose own attributes may be anything.
fn read_body<T: ReadXml>(reader: &mut Reader<'_>, root: &Root<T>) -> Result<(), Refused> {
    if reader.next_name().is_none() {
        return Err(Refused::RECORDED);
    }
    reader.enter();
    reader.spare_attributes();
    let read = root.read_child(reader).map(drop);
    reader.leave().and(read)
}
