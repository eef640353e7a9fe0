//! Enough of Rust's lexical rules to tell code from comments and texts.

/// A word, a number or a mark of the code, and its line from 1. `::` is one mark; all others are one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) text: &'s str,
    pub(super) line: usize,
}

/// The tokens of a source, without comments, texts, characters and lifetimes.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while at < source.len() {
        let rest = &source[at..];
        let (length, is_token) = next(rest);
        let text = &rest[..length];
        if is_token {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        at += length;
    }
    tokens
}

/// The length of what `rest` begins with, and whether it is a token.
fn next(rest: &str) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = text_literal(rest) {
        return (length, false);
    }
    if rest.starts_with('\'') {
        return (character_or_lifetime(rest), false);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    let word = rest
        .find(|char: char| !(char.is_alphanumeric() || char == '_'))
        .unwrap_or(rest.len());
    if word > 0 {
        return (word, true);
    }
    let mark = rest.chars().next().expect("the rest is not empty");
    (mark.len_utf8(), !mark.is_whitespace())
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a string literal of any kind.
fn text_literal(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        rest.strip_prefix(prefix).is_some_and(|rest| {
            rest.trim_start_matches('#').starts_with('"')
                && (rest.starts_with('"') || prefix.ends_with('r'))
        })
    })?;
    let body = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &body[hashes + 1..];
        let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
        return Some(prefix.len() + hashes + 1 + length);
    }
    let mut escaped = false;
    for (at, char) in body.char_indices().skip(1) {
        if char == '"' && !escaped {
            return Some(prefix.len() + at + 1);
        }
        escaped = char == '\\' && !escaped;
    }
    Some(rest.len())
}

/// `'a'`, `'\''` and `'a` alike begin with a quote.
fn character_or_lifetime(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            let mut escaped = true;
            for (at, char) in chars {
                if char == '\'' && !escaped {
                    return at + 1;
                }
                escaped = char == '\\' && !escaped;
            }
            rest.len()
        }
        Some((_, first)) => {
            let after = 1 + first.len_utf8();
            if rest[after..].starts_with('\'') {
                after + 1
            } else {
                1 + rest[1..]
                    .find(|char: char| !(char.is_alphanumeric() || char == '_'))
                    .unwrap_or(rest.len() - 1)
            }
        }
        None => 1,
    }
}

#[test]
fn code_is_told_from_comments_and_texts() {
    let words = |source| {
        tokens(source)
            .iter()
            .map(|token| token.text)
            .collect::<Vec<_>>()
    };
    for (source, expected) in [
        ("a::b // c\n/// d\ne", &["a", "::", "b", "e"][..]),
        ("a /* b /* c */ d */ e", &["a", "e"]),
        (r#"a "b \" c" d"#, &["a", "d"]),
        (r##"a r"b \" c"##, &["a", "c"]),
        (r###"a r#"b " c"# d"###, &["a", "d"]),
        (r#"a b"b" c"c" d"#, &["a", "d"]),
        (r"a 'b' '\'' '\\' '\u{1}' c", &["a", "c"]),
        ("a<'b> 'static c", &["a", "<", ">", "c"]),
        ("break r", &["break", "r"]),
        ("1.5f64", &["1", ".", "5f64"]),
        ("'관' 관문", &["관문"]),
        ("\"open", &[]),
        ("/* open", &[]),
        ("'", &[]),
    ] {
        assert_eq!(words(source), expected, "{source}");
    }
    let lines = tokens("a\n\"b\nb\" c /*\n*/ d")
        .iter()
        .map(|token| token.line)
        .collect::<Vec<_>>();
    assert_eq!(lines, [1, 3, 4]);
}
