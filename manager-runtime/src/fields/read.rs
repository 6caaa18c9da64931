//! What is read of a path, a query, a form, or a whole request, and which error a misfit is.

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::misfit::{Misfit, shown};
use super::root::{Captured, Named};
use super::urlencoded::{Pair, pairs};
use crate::error::{Error, Kind, Result};

/// What a request says that a message is read of.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// What the path captured; it counts more than what else has the same name.
    pub(crate) captures: Vec<(&'static str, String)>,
    /// The query, still encoded, where the message is read of it.
    pub(crate) query: Option<String>,
    /// The members of the object that the body holds, where the message is read of a body.
    pub(crate) body: Option<Map<String, Value>>,
}

impl Fields {
    /// Whether nothing was sent that a message could be read of.
    pub(crate) fn is_empty(&self) -> bool {
        let Fields { captures, query, body } = self;
        captures.is_empty() && query.is_none() && body.as_ref().is_none_or(Map::is_empty)
    }
}

/// Reads a message out of all of them.
///
/// # Errors
///
/// A captured field that does not fit is `NotFound`, since there is nothing at such a path; one of the
/// query is `BadRequest`, one of the body `Unprocessable`.
pub(crate) fn read_message<T: DeserializeOwned>(fields: &Fields) -> Result<T> {
    let Fields { captures, query, body } = fields;
    let captured = |name: &str| captures.iter().any(|(own, _)| *own == name);
    let mut texts: Vec<Pair<'_>> = captures
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(&**value)))
        .collect();
    if let Some(query) = query {
        let said = pairs(query.as_bytes()).map_err(|why| unreadable("query", &why))?;
        texts.extend(said.into_iter().filter(|(name, _)| !captured(name)));
    }
    let make = || Named { pairs: &texts, members: body.as_ref() };
    read(make, |field, misfit| {
        if field.first().is_some_and(|name| captured(name)) {
            error(Kind::NotFound, "path", field, misfit)
        } else if body.is_some() {
            error(Kind::Unprocessable, "message", field, misfit)
        } else {
            error(Kind::BadRequest, "query", field, misfit)
        }
    })
}

/// Reads what a path captured: `NotFound` if it does not fit.
pub(crate) fn read_path<'a, T: DeserializeOwned>(
    captures: impl Iterator<Item = (&'static str, &'a str)>,
) -> Result<T> {
    let captures: Vec<(&'static str, &str)> = captures.collect();
    read(
        || Captured(&captures),
        |field, misfit| {
            // What stands at a place has a name as well.
            let place = field.first().and_then(|first| first.parse::<usize>().ok());
            let name = match (place, &*captures) {
                (Some(place), _) => captures.get(place),
                (None, [one]) => Some(one),
                _ => None,
            };
            match name {
                Some((name, _)) => error(Kind::NotFound, "path", &[(*name).to_owned()], misfit),
                None => error(Kind::NotFound, "path", field, misfit),
            }
        },
    )
}

/// Reads a query: `BadRequest` if it does not fit.
pub(crate) fn read_query<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = pairs(query.as_bytes()).map_err(|why| unreadable("query", &why))?;
    let make = || Named { pairs: &pairs, members: None };
    read(make, |field, misfit| error(Kind::BadRequest, "query", field, misfit))
}

/// Reads a form: `Unprocessable` if it does not fit, `BadRequest` if it is none.
pub(crate) fn read_form<T: DeserializeOwned>(form: &[u8]) -> Result<T> {
    let pairs = pairs(form).map_err(|why| unreadable("form", &why))?;
    let make = || Named { pairs: &pairs, members: None };
    read(make, |field, misfit| error(Kind::Unprocessable, "form", field, misfit))
}

/// Reads once; where that fails, once more with the place recorded: only who errs pays for it.
fn read<'de, T, D>(
    make: impl Fn() -> D,
    fail: impl FnOnce(&[String], &Misfit) -> Error,
) -> Result<T>
where
    T: DeserializeOwned,
    D: Deserializer<'de, Error = Misfit>,
{
    let misfit = match T::deserialize(make()) {
        Ok(value) => return Ok(value),
        Err(misfit) => misfit,
    };
    match serde_path_to_error::deserialize::<_, T>(make()) {
        // A type that reads another way the second time.
        Ok(_) => Err(fail(&[], &misfit)),
        Err(error) => {
            let field: Vec<String> = error.path().iter().filter_map(place).collect();
            Err(fail(&field, error.inner()))
        }
    }
}

fn place(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

fn error(kind: Kind, what: &str, field: &[String], misfit: &Misfit) -> Error {
    // Nothing that a client sends would help.
    let kind = if misfit.is_ours { Kind::Internal } else { kind };
    let text = match field {
        [] => format!("the {what} does not fit: {misfit}"),
        field => format!("the {what} does not fit at `{}`: {misfit}", shown(&field.join("."))),
    };
    Error::new(kind, text)
}

fn unreadable(what: &str, why: &str) -> Error {
    Error::bad_request(format!("the {what} cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct User {
        id: u32,
        name: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        deep: Option<Deep>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Deep {
        on: bool,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Strict {
        id: u32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Closed {
        id: u32,
    }

    fn user(id: u32, name: Option<&str>, tags: &[&str]) -> User {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        User { id, name: name.map(str::to_owned), tags, deep: None }
    }

    fn fields(
        captures: &[(&'static str, &str)],
        query: Option<&str>,
        body: Option<Value>,
    ) -> Fields {
        let body = body.map(|body| body.as_object().unwrap().clone());
        let captures = captures.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        Fields { captures, query: query.map(str::to_owned), body }
    }

    #[track_caller]
    fn fails<T: Debug>(outcome: Result<T>, kind: Kind, text: &str) {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.message()), (kind, text));
    }

    #[test]
    fn a_message_is_read_of_path_query_and_body() {
        let read = |captures: &[(&'static str, &str)], query, body| {
            read_message::<User>(&fields(captures, query, body)).unwrap()
        };
        assert_eq!(read(&[("id", "7")], None, None), user(7, None, &[]));
        assert_eq!(read(&[], Some("id=7&name=a+b"), None), user(7, Some("a b"), &[]));
        assert_eq!(
            read(&[("id", "7")], Some("id=8&tags=x&name=&tags=y"), None),
            user(7, Some(""), &["x", "y"])
        );
        assert_eq!(
            read(&[("id", "7")], None, Some(json!({"id": 8, "tags": ["x"]}))),
            user(7, None, &["x"])
        );
        let deep = read(&[], None, Some(json!({"id": 8, "deep": {"on": true}})));
        assert_eq!(deep.deep, Some(Deep { on: true }));
    }

    #[test]
    fn a_misfit_of_a_message_says_where_it_comes_from() {
        let check = |captures: &[(&'static str, &str)], query, body, kind, text| {
            fails(read_message::<User>(&fields(captures, query, body)), kind, text);
        };
        check(
            &[("id", "x")],
            Some("name=1"),
            None,
            Kind::NotFound,
            r#"the path does not fit at `id`: expected a whole number from 0 to 4294967295, found "x""#,
        );
        check(
            &[],
            Some("id=%0a<b>"),
            None,
            Kind::BadRequest,
            r#"the query does not fit at `id`: expected a whole number from 0 to 4294967295, found "\n<b>""#,
        );
        check(
            &[],
            Some("id=%ff"),
            None,
            Kind::BadRequest,
            r#"the query cannot be read: the value of "id" is not UTF-8"#,
        );
        check(&[], None, None, Kind::BadRequest, "the query does not fit: `id` is missing");
        check(
            &[],
            None,
            Some(json!({})),
            Kind::Unprocessable,
            "the message does not fit: `id` is missing",
        );
        check(
            &[("id", "7")],
            None,
            Some(json!({"tags": ["x", 1]})),
            Kind::Unprocessable,
            "the message does not fit at `tags.1`: invalid type: integer `1`, expected a string",
        );
        // The body has types, and text is no number there.
        check(
            &[],
            None,
            Some(json!({"id": "7"})),
            Kind::Unprocessable,
            r#"the message does not fit at `id`: invalid type: string "7", expected u32"#,
        );
    }

    #[test]
    fn a_path_is_read_by_name_by_place_or_as_one_value() {
        let one = || [("id", "7")].into_iter();
        let two = || [("id", "7"), ("name", "a/b")].into_iter();
        assert_eq!(read_path::<u8>(one()).unwrap(), 7);
        assert_eq!(read_path::<(u8,)>(one()).unwrap(), (7,));
        assert_eq!(read_path::<Strict>(one()).unwrap(), Strict { id: 7 });
        assert_eq!(read_path::<User>(two()).unwrap(), user(7, Some("a/b"), &[]));
        assert_eq!(read_path::<(u8, String)>(two()).unwrap(), (7, "a/b".to_owned()));
        assert_eq!(read_path::<Vec<String>>(two()).unwrap(), ["7", "a/b"]);
        let pairs = read_path::<Vec<(String, String)>>(two()).unwrap();
        assert_eq!(pairs[1], ("name".to_owned(), "a/b".to_owned()));
        let map = read_path::<BTreeMap<String, String>>(two()).unwrap();
        assert_eq!(map["name"], "a/b");
        read_path::<()>([].into_iter()).unwrap();
    }

    #[test]
    fn a_path_that_does_not_fit_is_a_place_that_does_not_exist() {
        let two = || [("id", "7"), ("name", "a\nb")].into_iter();
        let number = r#"expected a whole number from 0 to 255, found "a\nb""#;
        let text = format!("the path does not fit at `name`: {number}");
        fails(read_path::<(u8, u8)>(two()), Kind::NotFound, &text);
        fails(read_path::<Vec<u8>>(two()), Kind::NotFound, &text);
        fails(read_path::<BTreeMap<String, u8>>(two()), Kind::NotFound, &text);
        fails(read_path::<u8>([("name", "a\nb")].into_iter()), Kind::NotFound, &text);
        let closed =
            r#"the path does not fit at `name`: there is no field "name"; the fields are `id`"#;
        fails(read_path::<Closed>(two()), Kind::NotFound, closed);
        // No path would do.
        let text = "the path does not fit: one value should be read of a pattern that captures 2";
        fails(read_path::<u8>(two()), Kind::Internal, text);
        let text =
            "the path does not fit: a tuple of 3 should be read of a pattern that captures 2";
        fails(read_path::<(u8, u8, u8)>(two()), Kind::Internal, text);
    }

    #[test]
    fn a_query_and_a_form_are_read_alike_and_fail_differently() {
        assert_eq!(read_query::<User>("tags=b&id=7&tags=a").unwrap(), user(7, None, &["b", "a"]));
        assert_eq!(read_form::<User>(b"tags=b&id=7&tags=a").unwrap(), user(7, None, &["b", "a"]));
        let pairs = read_query::<Vec<(String, String)>>("b=1&a=2&b=3").unwrap();
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(pairs, [("b", "1"), ("a", "2"), ("b", "3")]);
        let map = read_query::<BTreeMap<String, Vec<u8>>>("b=1&a=2&b=3").unwrap();
        assert_eq!(map, BTreeMap::from([("a".to_owned(), vec![2]), ("b".to_owned(), vec![1, 3])]));
        read_query::<()>("a=1").unwrap();
        fails(
            read_query::<Strict>("id=1&id=2"),
            Kind::BadRequest,
            "the query does not fit at `id`: given 2 times, and one value is expected",
        );
        fails(
            read_form::<Strict>(b""),
            Kind::Unprocessable,
            "the form does not fit: `id` is missing",
        );
        fails(
            read_form::<Strict>(b"id=%ff"),
            Kind::BadRequest,
            r#"the form cannot be read: the value of "id" is not UTF-8"#,
        );
        fails(
            read_query::<u8>("id=1"),
            Kind::Internal,
            "the query does not fit: what is read here has names: it takes a struct or a map",
        );
    }

    #[test]
    fn many_names_cost_no_more_than_their_number() {
        let form: String = (0..200_000).map(|number| format!("k{number}=1&")).collect();
        let begin = std::time::Instant::now();
        let map = read_form::<std::collections::HashMap<String, u8>>(form.as_bytes()).unwrap();
        assert_eq!(map.len(), 200_000);
        assert!(begin.elapsed() < std::time::Duration::from_secs(20), "{:?}", begin.elapsed());
    }
}
