//! `serve`: from a program to a service, until it ends.

use super::program::{Parts, promised};
use super::routes;
use super::run::{Status, in_runtime, refuse};
use super::{log, terminal};
use crate::config::Layers;
use crate::manager::{End, NoStart, Plan, Running};
use crate::{panics, signals};

/// Serves until something stops it.
pub(super) fn run(parts: Parts, layers: Layers, loudness: i16) -> Status {
    log::start(loudness);
    panics::report();
    let Parts { mut manager, resources, crates: _ } = parts;
    manager.with_signals();
    // Everything that needs no runtime is checked before a resource opens its connections.
    let mut plan = match manager.plan(layers, &promised(&resources)) {
        Ok(plan) => plan,
        Err(why) => return refuse(&why),
    };
    plan.log_warnings();
    in_runtime(async move {
        for resource in resources {
            match resource.keep().await {
                Ok(made) => plan.provided.push(made),
                Err(why) => return refuse(&NoStart::Failed(vec![why])),
            }
        }
        let table = table(&plan);
        match plan.spawn().await {
            Ok(running) => serve(running, &table).await,
            Err(why) => refuse(&why),
        }
    })
}

async fn serve(running: Running, table: &str) -> Status {
    let address = running.address().map(|address| format!("listening on http://{address}\n"));
    terminal::say(&format!("{}{table}", address.unwrap_or_default()));
    match (running.end().await, signals::exit_status()) {
        (End::Clean, _) => Status::CLEAN,
        (End::Cut, 0) => Status::CUT,
        (End::Cut, second_signal) => Status(second_signal),
    }
}

/// What was found, for the eyes of whoever started it.
fn table(plan: &Plan) -> String {
    if plan.declared.is_empty() {
        return "no handlers: declare some with `#[handler]`, or name their crates in `manager! { crates: [..] }`\n"
            .to_owned();
    }
    routes::summary(&plan.declared, &plan.left_out)
}
