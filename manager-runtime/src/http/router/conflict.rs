//! Routes that no router can be built of.

use std::fmt;

use crate::captures::MOST;
use crate::route::{Host, Pattern};

/// Who declares a route, and where: it orders routes, and it is what people are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Declaration {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Which of the routes declared there.
    pub(crate) index: u32,
    pub(crate) handler: &'static str,
}

/// A route, as far as it claims paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) declared: Declaration,
    /// The host that the fault is about, if the route names any.
    pub(crate) host: Option<Host>,
    pub(crate) method: &'static str,
    pub(crate) pattern: Pattern,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim { declared, host, method, pattern } = self;
        let method = if method.is_empty() { "any" } else { method };
        match host {
            Some(host) => write!(f, "`{method} {pattern}` on `{host}`")?,
            None => write!(f, "`{method} {pattern}`")?,
        }
        let Declaration { file, line, handler, .. } = declared;
        match file {
            // Whatever has no place was made by the program, or is the runtime's own.
            &"" => write!(f, " of `{handler}`"),
            file => write!(f, " of handler `{handler}` ({file}:{line})"),
        }
    }
}

/// Why there is no router.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Two routes match the same.
    Conflict { first: Claim, second: Claim },
    /// What should be a regular expression is none, or is too large to be compiled.
    Expression { claim: Claim, why: String },
    /// The pattern and the host have more captures together than there is room for.
    Captures { claim: Claim, count: usize },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Conflict { first, second } => {
                write!(f, "{first} and {second} match the same paths; change one of the patterns")
            }
            Fault::Expression { claim, why } => {
                write!(f, "{claim} has a regular expression that cannot be compiled: {why}")
            }
            Fault::Captures { claim, count } => {
                write!(
                    f,
                    "{claim} captures {count} values, its host included; at most {MOST} are possible"
                )
            }
        }
    }
}
