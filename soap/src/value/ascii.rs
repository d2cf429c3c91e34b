//! Scanning and building short ASCII forms without allocating.

/// What is left of a lexical form that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    pub(super) const fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes `octet` if it is next.
    pub(super) fn take(&mut self, octet: u8) -> bool {
        let taken = self.0.first() == Some(&octet);
        if taken {
            self.0 = &self.0[1..];
        }
        taken
    }

    /// Takes exactly `octet`.
    pub(super) fn expect(&mut self, octet: u8) -> Option<()> {
        self.take(octet).then_some(())
    }

    /// Takes exactly two digits.
    pub(super) fn two_digits(&mut self) -> Option<u8> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.0 else {
            return None;
        };
        self.0 = rest;
        Some((tens - b'0') * 10 + (ones - b'0'))
    }

    /// Takes as many digits as there are, none perhaps.
    pub(super) fn digits(&mut self) -> &'a [u8] {
        let count = self
            .0
            .iter()
            .take_while(|octet| octet.is_ascii_digit())
            .count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits
    }
}

/// The number that digits stand for; `None` if it is too large or there is no digit.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// A short form that is being built: the longest has a sign, 10 digits of a year, a clock, 18 fraction digits and an offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ascii {
    octets: [u8; 64],
    length: usize,
}

impl Ascii {
    pub(super) const fn new() -> Self {
        Self {
            octets: [0; 64],
            length: 0,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, octet: u8) {
        if let Some(free) = self.octets.get_mut(self.length) {
            *free = octet;
            self.length += 1;
        }
    }

    /// Appends a number with at least `width` digits.
    #[inline]
    pub(super) fn push_number(&mut self, number: u64, width: usize) {
        match width {
            2 if number < 100 => self.push_pair(number as u8),
            4 if number < 10_000 => {
                self.push_pair((number / 100) as u8);
                self.push_pair((number % 100) as u8);
            }
            _ => self.push_digits(number, width),
        }
    }

    /// Appends a number below 100 with two digits.
    #[inline]
    fn push_pair(&mut self, number: u8) {
        if let Some([tens, ones]) = self.octets.get_mut(self.length..self.length + 2) {
            (*tens, *ones) = (b'0' + number / 10, b'0' + number % 10);
            self.length += 2;
        }
    }

    fn push_digits(&mut self, mut number: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        while number > 0 {
            start -= 1;
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        let digits = &digits[start.min(digits.len() - width)..];
        let end = self.length + digits.len();
        if let Some(free) = self.octets.get_mut(self.length..end) {
            free.copy_from_slice(digits);
            self.length = end;
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // Only ASCII is ever pushed.
        std::str::from_utf8(&self.octets[..self.length]).unwrap_or_default()
    }
}
