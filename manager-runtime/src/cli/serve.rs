//! `serve`: from a program to a service, until it ends.

use super::program::{Parts, Promise, promised};
use super::routes;
use super::run::{Status, in_runtime, refuse};
use super::{log, supervisor, terminal};
use crate::config::Layers;
use crate::manager::{End, NoStart, Plan, Running};
use crate::shutdown::Phase;
use crate::{panics, signals};

/// Serves until something stops it.
pub(super) fn run(parts: Parts, layers: Layers, loudness: i16) -> Status {
    log::start(loudness);
    panics::report();
    let Parts { mut manager, resources, fittings, crates: _ } = parts;
    manager.with_signals();
    match supervisor::sockets() {
        Ok(sockets) => _ = manager.inherit(sockets),
        Err(why) => return refuse(&NoStart::Failed(vec![why])),
    }
    // Everything that needs no runtime is checked before a resource opens its connections.
    let plan = match manager.plan(layers, &promised(&resources)) {
        Ok(plan) => plan,
        Err(why) => return refuse(&why),
    };
    plan.log_warnings();
    let table = table(&plan);
    in_runtime(async move {
        let mut plan = plan;
        let starting = async {
            fittings.keep(&mut plan).await.map_err(|why| NoStart::Failed(vec![why]))?;
            start(plan, resources).await
        };
        let started = tokio::select! {
            biased;
            // A signal that comes with the end of the start is heard by the manager as well.
            started = starting => started,
            status = signals::interruption() => return Status(status),
        };
        match started {
            Ok(running) => serve(running, &table).await,
            Err(why) => refuse(&why),
        }
    })
}

/// Makes what the handlers need, then the handlers, and opens the port.
pub(super) async fn start(mut plan: Plan, resources: Vec<Promise>) -> Result<Running, NoStart> {
    for resource in resources {
        let made = resource.keep().await.map_err(|why| NoStart::Failed(vec![why]))?;
        plan.provided.push(made);
    }
    plan.spawn().await
}

async fn serve(running: Running, table: &str) -> Status {
    let scheme = running.scheme();
    let address = running.address().map(|address| format!("listening on {scheme}://{address}\n"));
    let private = running.private_addr();
    let private =
        private.map(|address| format!("listening on {scheme}://{address} for private handlers\n"));
    terminal::say(&format!(
        "{}{}{table}",
        address.unwrap_or_default(),
        private.unwrap_or_default()
    ));
    supervisor::tell(supervisor::State::Ready);
    running.life().reaches(Phase::Draining).await;
    supervisor::tell(supervisor::State::Stopping);
    let end = running.end().await;
    match (signals::exit_status(), end) {
        (0, End::Clean) => Status::CLEAN,
        (0, End::Cut) => Status::CUT,
        // Whatever was lost by then: it was not waited for.
        (second_signal, _) => Status(second_signal),
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
