//! Who answers which method on one resource.

use http::HeaderValue;

/// A method and the number of who answers it. The method `""` stands for all that nobody else takes.
pub(super) type Answer = (&'static str, u32);

/// The methods of one resource.
#[derive(Debug)]
pub(super) struct Methods {
    named: Box<[Answer]>,
    others: Option<u32>,
    allow: HeaderValue,
}

impl Methods {
    /// Those who declare this form of the path come before those who answer it as well.
    pub(super) fn new(own: &[Answer], lenient: &[Answer]) -> Self {
        let mut methods = Methods {
            named: Box::new([]),
            others: None,
            allow: HeaderValue::from_static("OPTIONS"),
        };
        let mut named: Vec<Answer> = Vec::new();
        for answers in [own, lenient] {
            if methods.others.is_some() {
                break;
            }
            let given = |method: &str| answers.iter().find(|(own, _)| *own == method);
            let head =
                given("GET").filter(|_| given("HEAD").is_none()).map(|(_, to)| ("HEAD", *to));
            for answer in answers.iter().copied().chain(head) {
                if !answer.0.is_empty() && named.iter().all(|(method, _)| *method != answer.0) {
                    named.push(answer);
                }
            }
            methods.others = given("").map(|(_, to)| *to);
        }
        let mut allowed: Vec<&str> = named.iter().map(|(method, _)| *method).collect();
        allowed.push("OPTIONS");
        allowed.sort_unstable();
        allowed.dedup();
        // A method is a token (RFC 9110, section 9.1), which the macros have checked.
        if let Ok(allow) = HeaderValue::try_from(allowed.join(", ")) {
            methods.allow = allow;
        }
        methods.named = named.into();
        methods
    }

    pub(super) fn answer(&self, method: &str) -> Option<u32> {
        let named = self.named.iter().find(|(own, _)| *own == method);
        named.map(|(_, to)| *to).or(self.others)
    }

    /// The value of `Allow`.
    pub(super) fn allow(&self) -> &HeaderValue {
        &self.allow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_one_answer() {
        let check = |own: &[Answer],
                     lenient: &[Answer],
                     allow: &str,
                     answers: &[(&str, Option<u32>)]| {
            let methods = Methods::new(own, lenient);
            assert_eq!(methods.allow(), allow);
            for (method, expected) in answers {
                assert_eq!(methods.answer(method), *expected, "{method} of {own:?}, {lenient:?}");
            }
        };
        check(
            &[("GET", 1), ("POST", 2)],
            &[],
            "GET, HEAD, OPTIONS, POST",
            &[
                ("GET", Some(1)),
                ("HEAD", Some(1)),
                ("POST", Some(2)),
                ("PUT", None),
                ("get", None),
                ("", None),
            ],
        );
        check(&[("GET", 1), ("HEAD", 2)], &[], "GET, HEAD, OPTIONS", &[("HEAD", Some(2))]);
        check(&[("HEAD", 1)], &[], "HEAD, OPTIONS", &[("GET", None), ("OPTIONS", None)]);
        check(&[("OPTIONS", 1), ("LOCK", 2)], &[], "LOCK, OPTIONS", &[("OPTIONS", Some(1))]);
        check(
            &[("", 1), ("GET", 2)],
            &[("PUT", 3)],
            "GET, HEAD, OPTIONS",
            &[("PUT", Some(1)), ("HEAD", Some(2)), ("OPTIONS", Some(1))],
        );
        check(
            &[("POST", 1)],
            &[("GET", 2), ("POST", 3), ("", 4)],
            "GET, HEAD, OPTIONS, POST",
            &[("GET", Some(2)), ("HEAD", Some(2)), ("POST", Some(1)), ("PUT", Some(4))],
        );
        check(&[("GET", 1)], &[("HEAD", 2)], "GET, HEAD, OPTIONS", &[("HEAD", Some(1))]);
    }
}
