//! What the generator says when it cannot go on: where, what, and what helps.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The longest line, in bytes, that is shown whole: a minified document is one line.
const LONGEST_LINE: usize = 1_000;

/// A position in one of the documents: an offset in bytes, told to people as line and column.
#[derive(Clone)]
pub struct Place {
    file: Arc<str>,
    text: Arc<str>,
    offset: usize,
}

impl Place {
    /// The byte `offset` of the document `file`, whose text is `text`.
    pub(crate) const fn new(file: Arc<str>, text: Arc<str>, offset: usize) -> Self {
        Self { file, text, offset }
    }

    /// The document's path, relative to the folder of the contracts.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line and column, both counted from one; columns count characters.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.text.get(..self.offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// From the position to the end of the tag that begins there, or of the line.
    fn length(&self) -> usize {
        let rest = self.text.get(self.offset..self.around().end).unwrap_or("");
        rest.find('>').map_or(rest.len(), |end| end + 1)
    }

    /// The line of the document that holds the position; of a line that is too long to be read, what is around the position.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        let excerpt = self.text.get(self.around()).unwrap_or("");
        excerpt.trim_end_matches('\r')
    }

    /// How many characters of the excerpt are before the position.
    fn before(&self) -> usize {
        let before = self.text.get(self.around().start..self.offset);
        before.unwrap_or("").chars().count()
    }

    /// Where the excerpt stands.
    fn around(&self) -> Range<usize> {
        let (before, after) = self.text.split_at_checked(self.offset).unwrap_or_default();
        let (start, end) = (before.rfind('\n'), after.find('\n'));
        let start = start.map_or(0, |end_of_line| end_of_line + 1);
        let end = self.offset + end.unwrap_or(after.len());
        if end - start <= LONGEST_LINE {
            return start..end;
        }
        let from = start.max(self.offset.saturating_sub(LONGEST_LINE / 2));
        let to = end.min(self.offset + LONGEST_LINE / 2);
        let boundary = |at: &usize| self.text.is_char_boundary(*at);
        let from = (from..self.offset).find(boundary).unwrap_or(self.offset);
        let to = (self.offset..=to).rfind(boundary).unwrap_or(self.offset);
        from..to
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.file)
    }
}

/// One finding, with its place where there is one.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    message: String,
    place: Option<Place>,
    help: Option<String>,
}

impl Diagnostic {
    /// A finding without a place: about the configuration or the file system.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            help: None,
        }
    }

    /// A finding at `place`.
    pub(crate) fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: Some(place),
            help: None,
        }
    }

    /// Adds what the reader can do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether the two say the same of the same place.
    pub(crate) fn says(&self, other: &Self) -> bool {
        let place = |finding: &Self| finding.place.as_ref().map(|p| (p.file.clone(), p.offset));
        self.message == other.message && place(self) == place(other)
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is wrong.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// The message alone; [`Error`] shows places and hints too, as `miette`'s handlers do.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help: &dyn fmt::Display = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let place: &dyn SourceCode = self.place.as_ref()?;
        Some(place)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let span = LabeledSpan::new(None, place.offset, place.length());
        Some(Box::new(std::iter::once(span)))
    }
}

/// The document, under its name.
impl SourceCode for Place {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        let named = |data, span, line, column, lines| {
            let file = self.file.to_string();
            Box::new(MietteSpanContents::new_named(
                file, data, span, line, column, lines,
            ))
        };
        let (line, column) = self.line_column();
        if before == 0 {
            // The position itself, whose column is counted in characters.
            let (data, span) = (contents.data(), *contents.span());
            return Ok(named(
                data,
                span,
                line - 1,
                column - 1,
                contents.line_count(),
            ));
        }
        let lines = contents.data().split(|byte| *byte == b'\n');
        if lines.map(<[u8]>::len).max().unwrap_or(0) > LONGEST_LINE {
            // What is around the position, of its line alone.
            let around = self.around();
            let data = self.text.get(around.clone()).unwrap_or("").as_bytes();
            let span = SourceSpan::from((around.start, data.len()));
            return Ok(named(data, span, line - 1, column - 1 - self.before(), 1));
        }
        Ok(named(
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        ))
    }
}

/// A diagnostic in full, as plain text: place, message, the line it is about, and what helps.
pub(crate) struct Plain<'d>(pub(crate) &'d Diagnostic);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            message,
            place,
            help,
        } = self.0;
        if let Some(place) = place {
            let (line, column) = place.line_column();
            write!(f, "{}:{line}:{column}: ", place.file())?;
        }
        f.write_str(message)?;
        if let Some(place) = place {
            let excerpt = place.excerpt();
            let column = place.before() + 1;
            write!(f, "\n  | {excerpt}\n  | {:>column$}", '^')?;
        }
        if let Some(help) = help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Everything that keeps a contract from being generated; never empty.
#[derive(Clone, Debug)]
pub struct Error {
    diagnostics: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Error {
    /// An error of `diagnostics`, if there are any.
    pub(crate) fn if_any(diagnostics: &[Diagnostic]) -> Result<(), Self> {
        if diagnostics.is_empty() {
            return Ok(());
        }
        Err(Self {
            diagnostics: diagnostics.to_vec(),
            warnings: Vec::new(),
        })
    }

    /// With what was warned of on the way, which may be the cause.
    pub(crate) fn beside(self, warnings: Vec<Diagnostic>) -> Self {
        Self { warnings, ..self }
    }

    /// What was passed over, or read more kindly than the standards say.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The findings, in the order in which they were made.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            warnings: Vec::new(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}", Plain(diagnostic))?;
        }
        for warning in &self.warnings {
            write!(f, "\nwarning: {}", Plain(warning))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Collects findings so that one run tells of all of them.
#[derive(Default)]
pub(crate) struct Findings {
    diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// Keeps the error of `result`, or hands on its value.
    pub(crate) fn keep<T>(&mut self, result: Result<T, impl Into<Error>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                for diagnostic in error.into().diagnostics {
                    // A type that many build on is refused once.
                    if !self.diagnostics.iter().any(|known| known.says(&diagnostic)) {
                        self.diagnostics.push(diagnostic);
                    }
                }
                None
            }
        }
    }

    /// `value` if nothing was found, else all that was.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Error> {
        if self.diagnostics.is_empty() {
            Ok(value)
        } else {
            Err(Error {
                diagnostics: self.diagnostics,
                warnings: Vec::new(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use miette::{GraphicalReportHandler, GraphicalTheme};

    use super::*;

    #[test]
    fn of_a_line_that_is_too_long_to_be_read_what_is_around_the_position_is_shown() {
        let (before, after) = ("æ".repeat(70_000), "x".repeat(70_000));
        let text = format!("<a>\n{before}<b/>{after}\n</a>");
        let offset = text.find("<b/>").unwrap();
        let place = Place::new("f".into(), text.into(), offset);
        let finding = Diagnostic::at(place, "wrong");
        let plain = Plain(&finding).to_string();
        let lines: Vec<&str> = plain.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, "f:2:70001: wrong"));
        assert!(lines[1].len() < LONGEST_LINE + 10, "{plain}");
        let column = |line: &str, mark| line.split(mark).next().map(|part| part.chars().count());
        assert_eq!(column(lines[1], "<b/>"), column(lines[2], "^"));
        let theme = GraphicalTheme::unicode_nocolor();
        let mut shown = String::new();
        let handler = GraphicalReportHandler::new_themed(theme);
        handler.render_report(&mut shown, &finding).unwrap();
        assert!(
            shown.contains("[f:2:70001]") && shown.contains("<b/>"),
            "{shown}"
        );
        assert!(shown.len() < 6 * LONGEST_LINE, "{}", shown.len());
    }
}
