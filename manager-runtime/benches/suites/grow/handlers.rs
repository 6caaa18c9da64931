//! More and more handlers, each written by hand under a name of its own and with an envelope endpoint.

use std::sync::Arc;
use std::time::Instant;

use manager_bench::measure::Scale;
use manager_runtime::prelude::*;
use manager_runtime::{BoxError, MultiBus};

use crate::client::{Client, request};
use crate::curve::Curve;
use crate::memory;
use crate::row::{Child, Row, nanos};

/// Says what it is told.
struct Echo {
    bus: Arc<MultiBus>,
    state: Arc<SharedState>,
}

impl Base for Echo {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        Echo { bus, state }
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.bus.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.state.clone()
    }

    async fn run(&mut self, _: String, data: String) -> Result<String, BoxError> {
        Ok(data)
    }
}

fn name(number: usize) -> String {
    format!("h{number}")
}

pub(crate) async fn row(count: usize, scale: Scale) -> Row {
    let mut manager = Manager::empty();
    for number in 0..count {
        manager.add_handler::<Echo>(&name(number), 1);
    }
    let (started, running) = Started::of(manager).await;
    let last = name(count - 1);
    let ctx = running.context();
    let call = nanos(scale, async |times| {
        for _ in 0..times {
            ctx.publish(last.as_str(), "hello").await.expect("an answer");
        }
    })
    .await;
    let mut figures = started.each(count);
    figures.push(call);
    Row::serving(figures, running)
}

/// What it took to start a manager, without what an empty one takes.
pub(crate) struct Started {
    micros: f64,
    held: f64,
    resident: f64,
}

/// The figures of [`Started`] for each handler.
pub(crate) const STARTED: [&str; 3] = ["start us each", "held KiB each", "resident KiB each"];

impl Started {
    pub(crate) async fn of(manager: Manager) -> (Self, manager_runtime::Running) {
        // What is made once for a process is made with the first.
        let (_, running) = Started::measured(Manager::empty()).await;
        running.stop().await.expect("it stops");
        let (empty, running) = Started::measured(Manager::empty()).await;
        running.stop().await.expect("it stops");
        let (whole, running) = Started::measured(manager).await;
        let started = Started {
            micros: (whole.micros - empty.micros).max(0.0),
            held: whole.held - empty.held,
            resident: whole.resident,
        };
        (started, running)
    }

    async fn measured(mut manager: Manager) -> (Self, manager_runtime::Running) {
        let (held, resident) = (memory::held(), memory::resident());
        let begun = Instant::now();
        let running = manager.with_bind("127.0.0.1:0").spawn().await.expect("the manager starts");
        let started = Started {
            micros: begun.elapsed().as_secs_f64() * 1e6,
            held: memory::held() - held,
            resident: memory::resident() - resident,
        };
        (started, running)
    }

    pub(crate) fn each(&self, count: usize) -> Vec<f64> {
        let Started { micros, held, resident } = *self;
        let each = |figure: f64| figure / count as f64;
        // A single one is too small to be told from what else comes and goes at a start.
        let held = if held > 0.0 { each(held) / 1024.0 } else { f64::NAN };
        vec![each(micros), held, memory::resident_each(resident, count) / 1024.0]
    }
}

pub(crate) fn table(counts: &[usize], scale: Scale) {
    let [start, held, resident] = STARTED;
    let mut curve = Curve::begin(
        "handlers by hand; a call by name and a request go to the last of them",
        "handlers",
        &[start, held, resident, "call ns", "request CPU us"],
    );
    for count in counts {
        let child = Child::start("handlers", *count, scale);
        let mut client = Client::connect(&child.address).expect("the server accepts");
        let request = request("POST", &format!("/{}", name(count - 1)), b"hello");
        let asked = child.cpu_nanos(scale, || _ = client.ask(&request));
        let mut figures = child.figures.clone();
        figures.push(asked / 1000.0);
        curve.row(&count.to_string(), &figures);
    }
}
