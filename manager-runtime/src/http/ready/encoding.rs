//! Which encodings of an answer a client reads.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// An encoding that answers come in (RFC 9110, section 8.4.1; RFC 7932).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// Where a client likes them equally, the one that makes less of most texts.
    pub(crate) const BY_SIZE: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        }
    }
}

/// How much a client likes each encoding, in thousandths; 0 is not at all (RFC 9110, section 12.5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codings {
    brotli: u16,
    gzip: u16,
    identity: u16,
}

impl Codings {
    /// What `Accept-Encoding` says. Without one, a client may read anything, and the plain answer is what
    /// nobody is surprised by. An element that cannot be read is no reason to refuse anything.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let (mut brotli, mut gzip, mut identity, mut any) = (None, None, None, None);
        for line in headers.get_all(ACCEPT_ENCODING) {
            let Ok(line) = line.to_str() else { continue };
            for element in line.split(',') {
                let mut parts = element.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let Some(quality) = quality(parts) else { continue };
                let slot = match name {
                    "*" => &mut any,
                    name if name.eq_ignore_ascii_case("br") => &mut brotli,
                    name if name.eq_ignore_ascii_case("gzip") => &mut gzip,
                    // Section 8.4.1.3: the same thing.
                    name if name.eq_ignore_ascii_case("x-gzip") => &mut gzip,
                    name if name.eq_ignore_ascii_case("identity") => &mut identity,
                    _ => continue,
                };
                *slot = Some(quality);
            }
        }
        let or_any = |own: Option<u16>| own.or(any).unwrap_or(0);
        // Always acceptable unless it is refused; nothing is said of how much.
        let identity = identity.unwrap_or(if any == Some(0) { 0 } else { 1 });
        Codings { brotli: or_any(brotli), gzip: or_any(gzip), identity }
    }

    /// Those that the client likes at least as much as the plain answer, the best first. None are left for
    /// a client that reads nothing at all: a plain answer is more use than a 406.
    pub(crate) fn liked(self) -> impl Iterator<Item = Coding> {
        let least = self.identity.max(1);
        let mut liked = Coding::BY_SIZE.map(|coding| (self.quality(coding), coding));
        // Stable, so that of two that are liked equally the shorter one stays in front.
        liked.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        liked.into_iter().filter(move |(quality, _)| *quality >= least).map(|(_, coding)| coding)
    }

    fn quality(self, coding: Coding) -> u16 {
        match coding {
            Coding::Brotli => self.brotli,
            Coding::Gzip => self.gzip,
        }
    }
}

/// The weight among these parameters (RFC 9110, section 12.4.2); 1 without one, `None` if it is none.
fn quality<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let weight = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let Some(weight) = weight else { return Some(1000) };
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > 3 {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_client_says_what_it_reads() {
        let check = |accept: &'static str, expected: Option<Coding>| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(Codings::of(&headers).liked().next(), expected, "{accept}");
        };
        let (br, gzip) = (Some(Coding::Brotli), Some(Coding::Gzip));
        assert_eq!(Codings::of(&HeaderMap::new()).liked().next(), None);
        check("", None);
        check("gzip", gzip);
        check("GZip", gzip);
        check("x-gzip", gzip);
        check("br", br);
        check("gzip, deflate, br, zstd", br);
        check("gzip;q=1.0, br;q=0.9", gzip);
        check("gzip;q=0.5, br;q=0.50", br);
        check("br;q=0, gzip", gzip);
        check("br;q=0, gzip;q=0", None);
        check("deflate, zstd", None);
        check("*", br);
        check("*;q=0", None);
        check("br;q=0, *", gzip);
        check("gzip, *;q=0", gzip);
        check("identity;q=0.5, gzip;q=0.4", None);
        check("identity;q=0.5, gzip;q=0.5", gzip);
        check("identity;q=0.5, gzip;q=0.8", gzip);
        check("identity;q=0", None);
        check("gzip;q=0.001", gzip);
        // Nonsense is left out.
        check("gzip;q=2", None);
        check("gzip;q=x, br;q=0.1234", None);
        check("gzip;q=-1", None);
        check("gzip ; Q=0.3 , br ; q=0.2", gzip);
        check(",,gzip,", gzip);
    }

    #[test]
    fn several_lines_are_one() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("br"));
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("gzip;q=0.1"));
        let codings = Codings::of(&headers);
        assert_eq!(codings.liked().collect::<Vec<_>>(), [Coding::Brotli, Coding::Gzip]);
    }
}
