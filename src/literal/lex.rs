//! Tokens of a text: white space, comments, names, integers and strings.

use std::borrow::Cow;

use super::error::{Error, SyntaxReason};

/// A text, and the byte up to which it was read.
#[derive(Clone)]
pub(super) struct Lexer<'de> {
    text: &'de str,
    at: usize,
    /// The number of open brackets. Within brackets a line break is white space.
    pub(super) brackets: usize,
}

impl<'de> Lexer<'de> {
    /// Returns a lexer at the first token of the text. With `python_2`, some indentation is allowed there and
    /// at the [end](Self::end). NumPy removes it together with the `L` of integers.
    pub(super) fn new(text: &'de str, python_2: bool) -> Result<Self, Error> {
        let mut lexer = Lexer {
            text,
            at: 0,
            brackets: 0,
        };
        if let Some(at) = text.find('\0') {
            return Err(lexer.rule("Python source cannot contain NUL", at));
        }
        match python_2 {
            true => lexer.take_while(|c| matches!(c, ' ' | '\t' | '\x0c')),
            false => lexer.take_while(|c| matches!(c, ' ' | '\t')),
        };
        lexer.skip_lines()?;
        Ok(lexer)
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'de str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn next_char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.next_char()?;
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

    /// Reads characters while `class` returns true.
    fn take_while(&mut self, class: impl Fn(char) -> bool) -> &'de str {
        let rest = self.rest();
        let end = rest.find(|c| !class(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn line_break(&mut self) -> bool {
        self.eat("\r\n") || self.eat("\n") || self.eat("\r")
    }

    fn comment(&mut self) -> bool {
        let found = self.next_char() == Some('#');
        if found {
            self.take_while(|c| c != '\n' && c != '\r');
        }
        found
    }

    /// Skips lines without a token. The lexer must be at the start of a line.
    ///
    /// # Errors
    ///
    /// If the first line with a token is indented.
    fn skip_lines(&mut self) -> Result<(), Error> {
        loop {
            let blanks = self.take_while(|c| matches!(c, ' ' | '\t' | '\x0c'));
            // A form feed starts the line anew.
            let is_indented = !blanks.is_empty() && !blanks.ends_with('\x0c');
            let is_comment = self.comment();
            if !self.line_break() {
                return match is_indented && !is_comment {
                    true => Err(self.rule("the line is indented", self.at)),
                    false => Ok(()),
                };
            }
        }
    }

    /// Returns the first character of the next token.
    pub(super) fn peek(&mut self) -> Option<char> {
        loop {
            // Most tokens follow the previous token or a space.
            let bytes = self.text.as_bytes();
            if bytes.get(self.at) == Some(&b' ') {
                self.at += 1;
            }
            if let Some(byte @ b'\''..=b'}') = bytes.get(self.at).filter(|&&byte| byte != b'\\') {
                return Some(char::from(*byte));
            }
            self.take_while(|c| matches!(c, ' ' | '\t' | '\x0c'));
            self.comment();
            let before = self.at;
            let skipped = match self.next_char() {
                Some('\n' | '\r') if self.brackets > 0 => self.line_break(),
                Some('\\') => self.eat("\\") && self.line_break() && !self.rest().is_empty(),
                _ => false,
            };
            if !skipped {
                self.at = before;
                return self.next_char();
            }
        }
    }

    pub(super) fn expected(&mut self, what: &'static str) -> Error {
        let found = self.peek();
        Error::new(SyntaxReason::Expected(what, found), self.at)
    }

    pub(super) fn rule(&self, rule: &'static str, offset: usize) -> Error {
        Error::new(SyntaxReason::Rule(rule), offset)
    }

    /// Skips the mark `mark` if it is the next token.
    pub(super) fn skip(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(mark);
        if found {
            self.at += mark.len_utf8();
        }
        found
    }

    pub(super) fn expect(&mut self, mark: char, what: &'static str) -> Result<(), Error> {
        match self.skip(mark) {
            true => Ok(()),
            false => Err(self.expected(what)),
        }
    }

    /// Checks that only white space and comments are left.
    ///
    /// With `python_2`, the last line may consist of blanks without a line break.
    pub(super) fn end(&mut self, python_2: bool) -> Result<(), Error> {
        self.peek();
        if self.line_break() {
            let is_blank = |c| matches!(c, ' ' | '\t' | '\x0c' | '\n' | '\r');
            match python_2 && self.rest().chars().all(is_blank) {
                true => self.at = self.text.len(),
                false => self.skip_lines()?,
            }
        }
        match self.next_char() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the text")),
        }
    }

    /// Reads a name, which may be empty.
    pub(super) fn name(&mut self) -> &'de str {
        self.take_while(|c| c.is_alphanumeric() || c == '_')
    }

    /// Reads an integer without its sign. With `python_2`, an `L` may follow.
    pub(super) fn int(&mut self, python_2: bool) -> Result<u64, Error> {
        let start = self.at;
        let radix = if self.eat("0x") || self.eat("0X") {
            16
        } else if self.eat("0o") || self.eat("0O") {
            8
        } else if self.eat("0b") || self.eat("0B") {
            2
        } else {
            10
        };
        let digits = self.take_while(|c| c.is_digit(radix) || c == '_');
        if radix != 10 && digits.is_empty() {
            return Err(self.expected("a digit"));
        }
        let is_prefixed = radix != 10;
        if digits.starts_with('_') && !is_prefixed || digits.ends_with('_') || digits.contains("__")
        {
            return Err(self.rule(
                "an underscore in an integer must be between two digits",
                start,
            ));
        }
        if !is_prefixed && digits.starts_with('0') && digits.contains(|c| !matches!(c, '0' | '_')) {
            return Err(self.rule("an integer cannot have leading zeros", start));
        }
        if python_2 {
            self.long();
        }
        if self
            .next_char()
            .is_some_and(|c| c.is_alphanumeric() || "._".contains(c))
        {
            return Err(self.expected("the end of an integer"));
        }
        let too_large = || self.rule("the integer does not fit 64 bits", start);
        let digits = digits.bytes().filter(|byte| *byte != b'_');
        digits
            .map(|digit| char::from(digit).to_digit(radix).unwrap_or_default())
            .try_fold(0_u64, |value, digit| {
                value.checked_mul(radix.into())?.checked_add(digit.into())
            })
            .ok_or_else(too_large)
    }

    /// Skips any number of Python 2's marks of a long integer, as NumPy does. A line continuation may come
    /// before each mark.
    fn long(&mut self) {
        let mut end = self.at;
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\x0c'));
            if self.eat("\\") && self.line_break() {
                continue;
            }
            if self.name() != "L" {
                break;
            }
            end = self.at;
        }
        self.at = end;
    }

    /// Returns true if a string starts at the next token.
    pub(super) fn at_string(&mut self) -> bool {
        self.peek();
        let rest = self.rest();
        let rest = rest.strip_prefix(['r', 'R', 'u', 'U']).unwrap_or(rest);
        rest.starts_with(['\'', '"'])
    }

    /// Reads a string with its prefix. It is borrowed if the text has no escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Error> {
        let start = self.at;
        let is_raw = self.eat("r") || self.eat("R");
        if !is_raw {
            let _ = self.eat("u") || self.eat("U");
        }
        let quote = match self.next_char() {
            Some('\'') => "'''",
            Some('"') => "\"\"\"",
            _ => return Err(self.expected("a string")),
        };
        let is_triple = self.eat(quote);
        let quote = match is_triple {
            true => quote,
            false => quote.get(..1).unwrap_or_default(),
        };
        let _ = is_triple || self.eat(quote);
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self.take_while(|c| !matches!(c, '\'' | '"' | '\\' | '\n' | '\r'));
            match text.is_empty() {
                true => text = Cow::Borrowed(plain),
                false => text.to_mut().push_str(plain),
            }
            if self.eat(quote) {
                return Ok(text);
            }
            let offset = self.at;
            match self.next_char() {
                Some('\\') if is_raw => {
                    self.next();
                    text.to_mut().push('\\');
                    if self.line_break() {
                        text.to_mut().push('\n');
                    } else if let Some(c) = self.next() {
                        text.to_mut().push(c);
                    }
                }
                Some('\\') => {
                    self.next();
                    if let Some(c) = self.escape(offset, &mut text)? {
                        text.to_mut().push(c);
                    }
                }
                Some('\n' | '\r') if is_triple => {
                    self.line_break();
                    text.to_mut().push('\n');
                }
                // The other quote character, or fewer than three quotes.
                Some(c @ ('\'' | '"')) => {
                    self.next();
                    text.to_mut().push(c);
                }
                _ => return Err(self.rule("the string is not closed", start)),
            }
        }
    }

    /// Reads an escape sequence after its backslash. A sequence that Python does not know keeps the
    /// backslash.
    fn escape(&mut self, start: usize, text: &mut Cow<'de, str>) -> Result<Option<char>, Error> {
        if self.line_break() {
            return Ok(None);
        }
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
        char::from_u32(code)
            .ok_or_else(|| self.rule("the escape is not a Unicode character", start))
    }

    fn octal(&mut self, first: char, start: usize) -> Result<char, Error> {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.next_char().and_then(|c| c.to_digit(8)) else {
                break;
            };
            self.at += 1;
            code = code * 8 + digit;
        }
        char::from_u32(code)
            .ok_or_else(|| self.rule("the escape is not a Unicode character", start))
    }
}
