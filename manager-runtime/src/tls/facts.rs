//! What a certificate says of itself (RFC 5280, section 4.1): rustls checks it and keeps it to itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use yasna::models::TaggedDerValue;
use yasna::tags::{TAG_BMPSTRING, TAG_IA5STRING, TAG_PRINTABLESTRING, TAG_UTCTIME, TAG_UTF8STRING};
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag, parse_der};

/// `id-at-commonName`
const COMMON_NAME: [u64; 4] = [2, 5, 4, 3];

/// `id-ce-subjectAltName`
const ALTERNATIVE_NAMES: [u64; 4] = [2, 5, 29, 17];

/// A certificate as far as we look into it. Nothing in it is checked here.
#[derive(Debug, PartialEq)]
pub(super) struct Facts {
    /// Whose it is and who signed it, in DER: they are only compared.
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    /// `None` as well for a certificate with several, which is known by no single one.
    pub(super) common_name: Option<String>,
    pub(super) dns_names: Vec<String>,
}

impl Facts {
    /// `None` for what is no certificate.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let certificate = parse_der(der, |reader| {
            reader.read_sequence(|reader| {
                let facts = reader.next().read_sequence(read_facts)?;
                // The signature with its algorithm.
                reader.next().read_der()?;
                reader.next().read_der()?;
                Ok(facts)
            })
        });
        certificate.ok()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.common_name.as_deref().into_iter().chain(self.dns_names.iter().map(String::as_str))
    }

    /// What it is called in a message.
    pub(super) fn shown(&self) -> String {
        self.names().next().map_or_else(|| "without a name".to_owned(), |name| format!("{name:?}"))
    }
}

fn read_facts(reader: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Facts> {
    // The version.
    reader
        .read_optional(|reader| reader.read_tagged(Tag::context(0), |reader| reader.read_der()))?;
    // The serial number, the algorithm of the signature.
    reader.next().read_der()?;
    reader.next().read_der()?;
    let issuer = reader.next().read_der()?;
    let (not_before, not_after) = reader
        .next()
        .read_sequence(|reader| Ok((read_time(reader.next())?, read_time(reader.next())?)))?;
    let subject = reader.next().read_der()?;
    // The key.
    reader.next().read_der()?;
    let mut dns_names = Vec::new();
    while let Some(field) = reader.read_optional(|reader| reader.read_tagged_der())? {
        // The other two are numbers that nobody uses any more.
        if field.tag() == Tag::context(3) {
            dns_names = parse_der(field.value(), read_extensions)?;
        }
    }
    let common_name = parse_der(&subject, read_common_name)?;
    Ok(Facts { subject, issuer, not_before, not_after, common_name, dns_names })
}

fn read_time(reader: BERReader<'_, '_>) -> ASN1Result<SystemTime> {
    let seconds = match reader.lookahead_tag()? {
        TAG_UTCTIME => reader.read_utctime()?.datetime().unix_timestamp(),
        _ => reader.read_generalized_time()?.datetime().unix_timestamp(),
    };
    let span = Duration::from_secs(seconds.unsigned_abs());
    let time =
        if seconds < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) };
    Ok(time.unwrap_or(UNIX_EPOCH))
}

/// The common name of a `Name`, if there is exactly one.
fn read_common_name(reader: BERReader<'_, '_>) -> ASN1Result<Option<String>> {
    let mut names = Vec::new();
    reader.read_sequence_of(|reader| {
        reader.read_set_of(|reader| {
            reader.read_sequence(|reader| {
                let kind = reader.next().read_oid()?;
                let value = reader.next().read_tagged_der()?;
                if *kind.components() == COMMON_NAME {
                    names.push(text(&value));
                }
                Ok(())
            })
        })
    })?;
    Ok(if names.len() == 1 { names.pop().flatten() } else { None })
}

/// The text of a `DirectoryString`, in the encodings that are still in use.
fn text(value: &TaggedDerValue) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        TAG_UTF8STRING => String::from_utf8(bytes.to_vec()).ok(),
        TAG_PRINTABLESTRING | TAG_IA5STRING => ascii(bytes),
        TAG_BMPSTRING if bytes.len().is_multiple_of(2) => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            String::from_utf16(&units.collect::<Vec<_>>()).ok()
        }
        _ => None,
    }
}

fn ascii(bytes: &[u8]) -> Option<String> {
    bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// The DNS names among all extensions.
fn read_extensions(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    let mut names = Vec::new();
    reader.read_sequence_of(|reader| {
        reader.read_sequence(|reader| {
            let kind = reader.next().read_oid()?;
            // Whether it is critical; some write down that it is not, which DER leaves out.
            reader.read_optional(|reader| reader.read_bool())?;
            let value = reader.next().read_bytes()?;
            if *kind.components() == ALTERNATIVE_NAMES {
                names.extend(parse_der(&value, read_alternatives)?);
            }
            Ok(())
        })
    })?;
    Ok(names)
}

fn read_alternatives(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    let names = reader.collect_sequence_of(|reader| reader.read_tagged_der())?;
    // `dNSName`, an `IA5String`.
    let dns = names.iter().filter(|name| name.tag() == Tag::context(2));
    Ok(dns.filter_map(|name| ascii(name.value())).collect())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, DnType, DnValue, KeyPair, date_time_ymd};

    use super::*;

    fn der(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    fn names(change: impl FnOnce(&mut CertificateParams)) -> Vec<String> {
        Facts::of(&der(change)).unwrap().names().map(str::to_owned).collect()
    }

    #[test]
    fn names_are_read_in_every_encoding() {
        let common_name = |value: DnValue| {
            names(|params| params.distinguished_name.push(DnType::CommonName, value))
        };
        assert_eq!(common_name(DnValue::Utf8String("Gerät".to_owned())), ["Gerät"]);
        assert_eq!(common_name(DnValue::PrintableString("shop".try_into().unwrap())), ["shop"]);
        assert_eq!(common_name(DnValue::Ia5String("a@b".try_into().unwrap())), ["a@b"]);
        assert_eq!(common_name(DnValue::BmpString("Gerät".try_into().unwrap())), ["Gerät"]);
        assert_eq!(common_name(DnValue::TeletexString("old".try_into().unwrap())), [""; 0]);
        assert_eq!(common_name(DnValue::Utf8String("a\0b".to_owned())), ["a\0b"]);
    }

    #[test]
    fn names_come_from_the_subject_and_its_alternatives() {
        let some = ["a.example.com", "127.0.0.1", "*.b"].map(str::to_owned);
        let found = names(|params| {
            *params = CertificateParams::new(some).unwrap();
            params.distinguished_name.push(DnType::CommonName, "c");
            params.distinguished_name.push(DnType::OrganizationName, "d");
        });
        assert_eq!(found, ["c", "a.example.com", "*.b"]);
        assert_eq!(names(|_| ()), [""; 0]);
    }

    #[test]
    fn two_common_names_are_none() {
        let own = |name: &str| DnType::CustomDnType(vec![2, 5, 4, 3 + u64::from(name.is_empty())]);
        let found = names(|params| {
            params.distinguished_name.push(DnType::CommonName, "a");
            params.distinguished_name.push(own("b"), "b");
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn times_are_read_on_both_sides_of_2050() {
        let of = |year| {
            let der = der(|params| params.not_after = date_time_ymd(year, 1, 2));
            Facts::of(&der).unwrap().not_after
        };
        assert_eq!(httpdate::fmt_http_date(of(2049)), "Sat, 02 Jan 2049 00:00:00 GMT");
        assert_eq!(httpdate::fmt_http_date(of(2050)), "Sun, 02 Jan 2050 00:00:00 GMT");
        assert_eq!(httpdate::fmt_http_date(of(1999)), "Sat, 02 Jan 1999 00:00:00 GMT");
    }

    #[test]
    fn what_is_no_certificate_is_nothing() {
        let whole = der(|params| {
            *params = CertificateParams::new(["a.example.com".to_owned()]).unwrap();
            let mut odd = CustomExtension::from_oid_content(&[1, 2, 3], vec![5, 0]);
            odd.set_criticality(true);
            params.custom_extensions.push(odd);
        });
        assert!(Facts::of(&whole).is_some());
        for end in 0..whole.len() {
            assert_eq!(Facts::of(&whole[..end]), None, "the first {end} bytes");
        }
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 0xff;
            // Whatever comes of it, it comes to an end.
            drop(Facts::of(&other));
        }
        assert_eq!(Facts::of(&[whole, vec![0]].concat()), None);
    }
}
