//! JSON for the eye and for the pipe. Only the white space changes: numbers and the order of keys stay to
//! the letter, which a round trip through a parsed value would not promise.

/// With a line for each value and a newline at the end.
pub(super) fn pretty(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut tokens = Tokens { rest: json }.peekable();
    while let Some(token) = tokens.next() {
        match token {
            b"{" | b"[" => {
                out.extend_from_slice(token);
                if let Some(end) = tokens.next_if(|next| matches!(*next, b"}" | b"]")) {
                    out.extend_from_slice(end);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            b"}" | b"]" => {
                depth -= 1;
                new_line(&mut out, depth);
                out.extend_from_slice(token);
            }
            b"," => {
                out.push(b',');
                new_line(&mut out, depth);
            }
            b":" => out.extend_from_slice(b": "),
            token => out.extend_from_slice(token),
        }
    }
    out.push(b'\n');
    out
}

/// In one line, with a newline at its end.
pub(super) fn compact(json: &[u8]) -> Vec<u8> {
    let mut out = Tokens { rest: json }.collect::<Vec<_>>().concat();
    out.push(b'\n');
    out
}

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}

/// The tokens of a text that is known to be JSON.
struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let json = self.rest.trim_ascii_start();
        let length = match json.first()? {
            b'"' => string_length(json),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            _ => json.iter().position(|byte| ends_scalar(*byte)).unwrap_or(json.len()),
        };
        let (token, rest) = json.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

/// How long the string at the beginning is, its quotes included.
fn string_length(json: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in json.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

fn ends_scalar(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected_pretty: &str, expected_compact: &str) {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!(text(pretty(json.as_bytes())), expected_pretty, "{json}");
        assert_eq!(text(compact(json.as_bytes())), expected_compact, "{json}");
    }

    #[test]
    fn only_white_space_changes() {
        check("7", "7\n", "7\n");
        check(" [ ] ", "[]\n", "[]\n");
        check(r#""a \" , b""#, "\"a \\\" , b\"\n", "\"a \\\" , b\"\n");
        check(
            r#"{ "b":1.50, "a" : [true,{}, "x: y"]}"#,
            "{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    {},\n    \"x: y\"\n  ]\n}\n",
            "{\"b\":1.50,\"a\":[true,{},\"x: y\"]}\n",
        );
    }
}
