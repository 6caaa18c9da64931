//! A stand-in.

use crate::captures::Captures;
use crate::route::{Host, Pattern};

pub(crate) struct Router<T>(Vec<(&'static str, Pattern, T)>);
pub(crate) struct Builder<T>(Vec<(&'static str, Pattern, T)>);

impl<T> Builder<T> {
    pub(crate) fn new() -> Self {
        Builder(Vec::new())
    }
    pub(crate) fn add<K>(
        &mut self,
        _hosts: &[Host],
        method: &'static str,
        pattern: &Pattern,
        target: T,
        _key: K,
    ) {
        self.0.push((method, *pattern, target));
    }
    pub(crate) fn build(self) -> Result<Router<T>, Vec<String>> {
        Ok(Router(self.0))
    }
}

pub(crate) enum Found<'r, T> {
    Route { target: &'r T, captures: Captures },
    OtherMethods { allow: String },
    Redirect { with_slash: bool },
    Nothing,
    Malformed,
}

impl<T> Router<T> {
    pub(crate) fn empty() -> Self {
        Router(Vec::new())
    }
    pub(crate) fn find(&self, _host: Option<&str>, path: &str, method: &str) -> Found<'_, T> {
        let mut allow = Vec::new();
        for (its, pattern, target) in &self.0 {
            if pattern.text == path {
                if *its == method || its.is_empty() {
                    return Found::Route { target, captures: Captures::default() };
                }
                allow.push(*its);
            }
        }
        if !allow.is_empty() {
            return Found::OtherMethods { allow: allow.join(", ") };
        }
        Found::Nothing
    }
}
