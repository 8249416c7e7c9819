//! A parser of literals.

use super::{
    error::{Error, SyntaxReason},
    lex::Lexer,
    limits::Limits,
    node::{Int, Literal, Node, last_of_equal_keys},
};

/// Parses the whole text as one literal, as `ast.literal_eval` does.
///
/// With `python_2`, an integer may end with an `L`.
///
/// # Errors
///
/// If `text` is not a literal, or exceeds `limits`.
pub(crate) fn parse(text: &str, limits: Limits, python_2: bool) -> Result<Node<'_>, Error> {
    if text.len() > limits.length {
        let (length, limit) = (text.len(), limits.length);
        return Err(Error::new(SyntaxReason::TooLong { length, limit }, limit));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text, python_2)?,
        depth: limits.depth,
        python_2,
    };
    let node = parser.top()?;
    parser.lexer.end(python_2)?;
    Ok(node)
}

struct Parser<'de> {
    lexer: Lexer<'de>,
    /// The maximum number of brackets that are open at once.
    depth: usize,
    python_2: bool,
}

impl<'de> Parser<'de> {
    /// Parses a literal, or literals with commas between them but without brackets: a tuple.
    fn top(&mut self) -> Result<Node<'de>, Error> {
        let first = self.value()?;
        if self.lexer.peek() != Some(',') {
            return Ok(first);
        }
        let (at, mut items) = (first.at, vec![first]);
        while self.lexer.skip(',') {
            if matches!(self.lexer.peek(), None | Some('\n' | '\r')) {
                break;
            }
            items.push(self.value()?);
        }
        let literal = Literal::Tuple(items);
        Ok(Node { at, literal })
    }

    fn value(&mut self) -> Result<Node<'de>, Error> {
        let found = self.lexer.peek();
        let at = self.lexer.offset();
        let literal = match found {
            Some('{') => self.dictionary()?,
            Some('[') => {
                self.open('[')?;
                let (items, _) = self.items(']', "`,` or `]`")?;
                Literal::List(items)
            }
            Some('(') => return self.parenthesized(),
            Some('0'..='9' | '-' | '+') => Literal::Int(self.number()?),
            _ if self.lexer.at_string() => self.strings()?,
            _ => self.constant()?,
        };
        Ok(Node { at, literal })
    }

    fn open(&mut self, bracket: char) -> Result<(), Error> {
        if self.lexer.brackets == self.depth {
            let at = self.lexer.offset();
            return Err(Error::new(SyntaxReason::TooDeep(self.depth), at));
        }
        self.lexer.expect(bracket, "an opening bracket")?;
        self.lexer.brackets += 1;
        Ok(())
    }

    fn close(&mut self, bracket: char, what: &'static str) -> Result<(), Error> {
        self.lexer.expect(bracket, what)?;
        self.lexer.brackets -= 1;
        Ok(())
    }

    /// Parses the items up to the closing bracket. Returns true with the items if a comma follows the last
    /// item.
    fn items(
        &mut self,
        bracket: char,
        what: &'static str,
    ) -> Result<(Vec<Node<'de>>, bool), Error> {
        let (mut items, mut after_comma) = (Vec::new(), true);
        while self.lexer.peek() != Some(bracket) && after_comma {
            items.push(self.value()?);
            after_comma = self.lexer.skip(',');
        }
        let has_comma = after_comma && !items.is_empty();
        self.close(bracket, what)?;
        Ok((items, has_comma))
    }

    /// Parses a tuple, or a literal in redundant brackets.
    fn parenthesized(&mut self) -> Result<Node<'de>, Error> {
        let at = self.lexer.offset();
        self.open('(')?;
        let (mut items, has_comma) = self.items(')', "`,` or `)`")?;
        if !has_comma && items.len() == 1 {
            // `(3)` is 3. Its errors point to the bracket.
            let node = items.pop().map(|node| Node { at, ..node });
            return node.ok_or_else(|| self.lexer.expected("a literal"));
        }
        let literal = Literal::Tuple(items);
        Ok(Node { at, literal })
    }

    fn dictionary(&mut self) -> Result<Literal<'de>, Error> {
        self.open('{')?;
        let (mut entries, mut after_comma) = (Vec::new(), true);
        while self.lexer.peek() != Some('}') && after_comma {
            let key = self.value()?;
            self.lexer.expect(':', "`:`")?;
            entries.push((key, self.value()?));
            after_comma = self.lexer.skip(',');
        }
        self.close('}', "`,` or `}`")?;
        let entries = last_of_equal_keys(entries);
        let rule = "a list or a dictionary cannot be a key";
        Ok(Literal::Dict(
            entries.map_err(|at| self.lexer.rule(rule, at))?,
        ))
    }

    /// Parses an integer with at most one sign. There may be brackets around its digits.
    fn number(&mut self) -> Result<Int, Error> {
        let start = self.lexer.offset();
        let is_negative = self.lexer.skip('-');
        let has_sign = is_negative || self.lexer.skip('+');
        let size = match has_sign {
            true => self.digits()?,
            false => self.lexer.int(self.python_2)?,
        };
        if !is_negative || size == 0 {
            return Ok(Int::Unsigned(size));
        }
        let value = 0_i64.checked_sub_unsigned(size).map(Int::Negative);
        value.ok_or_else(|| self.lexer.rule("the integer does not fit 64 bits", start))
    }

    fn digits(&mut self) -> Result<u64, Error> {
        match self.lexer.peek() {
            Some('(') => {
                self.open('(')?;
                let size = self.digits()?;
                self.close(')', "`)`")?;
                Ok(size)
            }
            Some('0'..='9') => self.lexer.int(self.python_2),
            _ => Err(self.lexer.expected("a digit")),
        }
    }

    /// Parses adjacent strings as one string.
    fn strings(&mut self) -> Result<Literal<'de>, Error> {
        let mut text = self.lexer.string()?;
        while self.lexer.at_string() {
            text.to_mut().push_str(&self.lexer.string()?);
        }
        Ok(Literal::Str(text))
    }

    /// Parses `True`, `False` or `None`.
    fn constant(&mut self) -> Result<Literal<'de>, Error> {
        let before = self.lexer.clone();
        match self.lexer.name() {
            "True" => Ok(Literal::Bool(true)),
            "False" => Ok(Literal::Bool(false)),
            "None" => Ok(Literal::None),
            _ => {
                self.lexer = before;
                Err(self.lexer.expected("a literal"))
            }
        }
    }
}
