//! Headers whose end is partly from before a rewrite and partly from after it.

use super::{
    damaged_header::{Damaged, DamagedRows},
    shape_text::BLANKS,
};
use crate::{
    header::{Header, growing::LINE, order::Order, version::Version},
    literal,
};

/// The end of NumPy's text, after the axes.
pub(super) const END: &str = "), }";

/// Reads NumPy's text with a torn end: one side of a line bound is from before a
/// [rewrite](crate::header::Rewrite), and the other side from after it.
pub(super) fn torn(version: Version, text: &str) -> Option<Damaged> {
    let len = text.trim_end_matches(BLANKS).len();
    // The bounds of lines near the end of the text, as offsets in the text.
    let is_near = |at: &usize| (len.saturating_sub(LINE)..len + END.len()).contains(at);
    let offset = |at: usize| match version.is_latin1() {
        true => text.get(..at).map_or(0, |head| head.chars().count()),
        false => at,
    };
    let mut bounds = text.char_indices().map(|(at, _)| at).filter(is_near);
    let is_bound = |at: &usize| (version.text_start() + offset(*at)).is_multiple_of(LINE);
    bounds.by_ref().filter(is_bound).find_map(|at| {
        let (head, tail) = text.split_at_checked(at)?;
        let tail = tail.trim_end_matches(BLANKS);
        let lost_comma = || torn_in_digits(version, head, tail);
        let torn = (0..=END.len()).find_map(|kept| torn_at(version, head, kept, tail));
        torn.or_else(lost_comma)
    })
}

/// Reads NumPy's text with a [bridge](crate::header::Rewrite), and the end of an earlier bridge after it.
pub(super) fn left_of_bridge(version: Version, text: &str) -> Option<Damaged> {
    const BRIDGE: &str = "0,),'shape': ";
    let bound = text.rfind(BRIDGE)?;
    let (head, bridge) = text.split_at_checked(bound)?;
    let (bridge, left) = bridge.split_at_checked(bridge.find('}')? + 1)?;
    let is_of_bridge = |c: char| c.is_ascii_digit() || ", )}".contains(c);
    let left = left.trim_end_matches(BLANKS);
    let is_left = left.chars().all(is_of_bridge) && bridge.len() + left.len() <= LINE;
    let header: Header = literal::from_str(&format!("{head}{bridge}")).ok()?;
    let canonical = header.to_string();
    let start = canonical.rfind("'shape': (")?;
    let is_numpys = canonical
        .get(..start)
        .is_some_and(|own| head.starts_with(own));
    let offset = version.text_start()
        + match version.is_latin1() {
            true => head.chars().count(),
            false => head.len(),
        };
    let rows = DamagedRows::Torn(header.rows()?);
    let header = Header { version, ..header };
    (is_left && is_numpys && offset.is_multiple_of(LINE)).then_some(Damaged { header, rows })
}

/// Reads the header of an array of one axis. Its head ends inside or after the number of rows.
fn torn_in_digits(version: Version, head: &str, tail: &str) -> Option<Damaged> {
    let damaged = torn_at(version, &format!("{head},"), 0, tail)?;
    let DamagedRows::TornInShape { digits, .. } = damaged.rows else {
        return None;
    };
    let is_whole = false;
    let rows = DamagedRows::TornInShape { digits, is_whole };
    (damaged.header.shape().len() == 1).then_some(Damaged { rows, ..damaged })
}

/// Reads a header from two parts. Its head ends with the first `kept` bytes of [`END`]. The tail is from a
/// header with another number of rows.
fn torn_at(version: Version, head: &str, kept: usize, tail: &str) -> Option<Damaged> {
    let head = match kept == END.len() {
        true => head.trim_end_matches(BLANKS),
        false => head,
    };
    let whole = format!("{head}{}", END.get(kept..)?);
    let header: Header = literal::from_str(&whole).ok()?;
    let rows = header.rows()?;
    let is_numpys = header.to_string() == whole && header.row_size() > 0;
    let is_tail = match kept {
        0 => END.ends_with(tail) && tail != END,
        _ => {
            // The text after the number of rows, and some of its digits.
            let number = rows.to_string();
            let suffix_len = header.shape.text_after_rows().len();
            let suffix_start = whole.len().checked_sub(END.len() + suffix_len)?;
            let suffix = whole.get(suffix_start..)?;
            let digits = tail.strip_suffix(suffix);
            let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
            whole.get(..suffix_start)?.ends_with(&number)
                && (suffix.ends_with(tail) || digits.is_some_and(is_number))
        }
    };
    let rows = match kept {
        0 => DamagedRows::TornInShape {
            digits: rows,
            // Digits may be lost if they come last.
            is_whole: header.order() == Order::C || header.shape().len() == 1,
        },
        _ => DamagedRows::Torn(rows),
    };
    (is_numpys && is_tail).then_some(Damaged {
        header: Header { version, ..header },
        rows,
    })
}
