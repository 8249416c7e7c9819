//! The tokens: brackets and commas, strings, integers, and the three names.

use std::borrow::Cow;

use super::error::{Error, Reason};

/// A text and how far it has been read.
#[derive(Clone)]
pub(super) struct Lexer<'de> {
    text: &'de str,
    at: usize,
}

/// An integer that fits 64 bits.
pub(super) enum Int {
    Unsigned(u64),
    Negative(i64),
}

impl<'de> Lexer<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Lexer { text, at: 0 }
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'de str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// Takes what stands here as long as `class` holds.
    fn take_while(&mut self, class: impl Fn(char) -> bool) -> &'de str {
        let rest = self.rest();
        let end = rest.find(|c| !class(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// The first character of the next token.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c'));
        self.rest().chars().next()
    }

    pub(super) fn expected(&mut self, what: &'static str) -> Error {
        let found = self.peek();
        Error::new(Reason::Expected(what, found), self.at)
    }

    fn rule(&self, rule: &'static str, offset: usize) -> Error {
        Error::new(Reason::Rule(rule), offset)
    }

    /// Takes the mark `mark` if it is the next token.
    pub(super) fn skip(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(mark);
        if found {
            self.at += mark.len_utf8();
        }
        found
    }

    pub(super) fn expect(&mut self, mark: char, what: &'static str) -> Result<(), Error> {
        if self.skip(mark) {
            Ok(())
        } else {
            Err(self.expected(what))
        }
    }

    pub(super) fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the text")),
        }
    }

    /// The name that stands here; empty when none does.
    pub(super) fn name(&mut self) -> &'de str {
        self.take_while(|c| c.is_alphanumeric() || c == '_')
    }

    pub(super) fn int(&mut self) -> Result<Int, Error> {
        let start = self.at;
        let negative = self.eat("-");
        if !negative {
            self.eat("+");
        }
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() {
            return Err(self.expected("a digit"));
        }
        if digits.starts_with('0') && digits.contains(|c| c != '0') {
            return Err(self.rule("an integer has no leading zeros", start));
        }
        let _ = self.eat("L") || self.eat("l");
        if self
            .rest()
            .starts_with(|c: char| c.is_alphanumeric() || "._".contains(c))
        {
            return Err(self.expected("an integer in decimal digits"));
        }
        let too_large = || self.rule("the integer does not fit 64 bits", start);
        let size: u64 = digits.parse().map_err(|_| too_large())?;
        if negative && size > 0 {
            let value = 0_i64.checked_sub_unsigned(size).ok_or_else(too_large)?;
            Ok(Int::Negative(value))
        } else {
            Ok(Int::Unsigned(size))
        }
    }

    /// A string, after its prefix if it has one; borrowed when nothing in it is escaped.
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Error> {
        let start = self.at;
        let Some(quote @ ('\'' | '"')) = self.next() else {
            self.at = start;
            return Err(self.expected("a string"));
        };
        let plain = self.take_while(|c| c != quote && !matches!(c, '\\' | '\n' | '\r'));
        let mut text = Cow::Borrowed(plain);
        loop {
            let offset = self.at;
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') => {
                    if let Some(c) = self.escape(offset, &mut text)? {
                        text.to_mut().push(c);
                    }
                }
                Some(c) if c != '\n' && c != '\r' => text.to_mut().push(c),
                _ => return Err(self.rule("the string is not closed", start)),
            }
        }
    }

    /// What follows a backslash; a sequence that Python does not know keeps its backslash.
    fn escape(&mut self, start: usize, text: &mut Cow<'de, str>) -> Result<Option<char>, Error> {
        let Some(c) = self.next() else {
            return Err(self.rule("the string is not closed", start));
        };
        Ok(Some(match c {
            '\\' | '\'' | '"' => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            'x' => return self.code_point(start, 2).map(Some),
            'u' => return self.code_point(start, 4).map(Some),
            'U' => return self.code_point(start, 8).map(Some),
            '0'..='7' => return self.octal(c, start).map(Some),
            'N' => return Err(self.rule("`\\N{…}` is not read; write the character", start)),
            '\n' => return Ok(None),
            other => {
                text.to_mut().push('\\');
                other
            }
        }))
    }

    fn code_point(&mut self, start: usize, width: usize) -> Result<char, Error> {
        let digits = self.rest().get(..width).unwrap_or_default();
        let hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| hex);
        let Some(code) = code else {
            return Err(self.rule("the escape has too few hexadecimal digits", start));
        };
        self.at += width;
        char::from_u32(code).ok_or_else(|| self.rule("the escape is no Unicode character", start))
    }

    fn octal(&mut self, first: char, start: usize) -> Result<char, Error> {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.rest().chars().next().and_then(|c| c.to_digit(8)) else {
                break;
            };
            self.at += 1;
            code = code * 8 + digit;
        }
        char::from_u32(code).ok_or_else(|| self.rule("the escape is no Unicode character", start))
    }
}
