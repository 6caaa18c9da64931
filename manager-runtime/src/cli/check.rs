//! `check`: everything that can be known to be wrong without starting anything.

use super::program::{Parts, crate_of, promised};
use super::run::Status;
use super::{log, terminal};
use crate::bus::topics::is_topic;
use crate::bus::{Declared, Topics};
use crate::config::{Layers, report};
use crate::manager::{Plan, Survey};

/// Prints every setting and everything that was found. Nothing is built, so the resources count by their
/// types alone.
pub(super) fn run(parts: Parts, layers: Layers) -> Status {
    let Parts { mut manager, resources, fittings: _, crates } = parts;
    let Survey { plan, usage, mut failed } = manager.survey(layers, &promised(&resources));
    failed.extend(crates_without_handlers(&crates, &plan));
    if usage.is_empty() {
        terminal::answer(format!("{}\n", report(&plan.settings)).as_bytes());
    }
    log::check();
    let unheard = unheard(&plan.declared);
    for warning in plan.warnings.iter().map(ToString::to_string).chain(unheard) {
        terminal::warning(&warning);
    }
    for finding in usage.iter().chain(&failed) {
        terminal::error(finding);
    }
    match (usage.is_empty(), failed.is_empty()) {
        (false, _) => Status::USAGE,
        (true, false) => Status::FAILED,
        (true, true) => {
            terminal::answer(verdict(&plan).as_bytes());
            Status::CLEAN
        }
    }
}

fn verdict(plan: &Plan) -> String {
    let handlers = match plan.declared.len() {
        1 => "1 handler".to_owned(),
        count => format!("{count} handlers"),
    };
    let left_out = match plan.left_out.len() {
        0 => String::new(),
        count => format!(", {count} left out by the setting `handlers`"),
    };
    format!("nothing is wrong: {handlers}{left_out}\n")
}

/// The crates that `manager!` names for their handlers and that brought none.
fn crates_without_handlers(crates: &[&'static str], plan: &Plan) -> Vec<String> {
    let linked: Vec<&str> = (plan.declared.iter().chain(&plan.left_out))
        .filter_map(|one| one.options.place)
        .map(|place| crate_of(place.module))
        .collect();
    let is_missing = |name: &&&str| {
        let name = crate_of(name);
        !linked.contains(&name.strip_prefix("r#").unwrap_or(name))
    };
    let finding = |name: &&str| {
        format!(
            "`manager! {{ crates: [{name}] }}` brings no handler: the crate has none, or they were \
             left out by a feature or a `cfg`; take it off the list"
        )
    };
    crates.iter().filter(is_missing).map(finding).collect()
}

/// The topics that are emitted by a literal name and that no handler hears. Only a warning: what is
/// emitted is read off the code, where another `emit` looks the same.
fn unheard(declared: &[Declared]) -> Vec<String> {
    let mut topics = Topics::default();
    for (number, one) in (0..).zip(declared) {
        for pattern in one.options.on {
            topics.subscribe(pattern, number);
        }
    }
    let mut warnings = Vec::new();
    for one in declared {
        let options = &one.options;
        let place = options.place.map(|place| format!(" ({place})")).unwrap_or_default();
        for topic in options.emits {
            let emits = format!("handler `{}`{place} emits `{topic}`", options.name);
            if !is_topic(topic) {
                warnings.push(format!(
                    "{emits}, which is no topic: words of letters, digits, `_` and `-` with dots between"
                ));
            } else if topics.hearers(topic).is_empty() {
                warnings.push(format!(
                    "{emits}, which no handler hears; subscribe with `on = \"{topic}\"`"
                ));
            }
        }
    }
    warnings
}
