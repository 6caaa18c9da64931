//! One event, a hundred subscribers.
//!
//! A program of its own, because a hundred handlers take their time to compile.

use std::sync::Arc;

use manager_bench::callers::{self, Tally};
use manager_bench::machine;
use manager_bench::measure::{Candidate, Lap, Scale, compare};
use manager_runtime::prelude::*;
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, mpsc};

static TALLY: Tally = Tally::new();

/// Makes a subscriber of each name, and adds all of them to a manager.
macro_rules! subscribers {
    ($($name:ident)*) => {
        $(
            #[handler(on = "bench.event")]
            async fn $name(Json(number): Json<u64>) {
                std::hint::black_box(number);
                TALLY.take_one();
            }
        )*

        fn add_to(manager: &mut Manager) {
            $(manager.add::<$name>();)*
        }
    };
}

subscribers! {
    s00 s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19
    s20 s21 s22 s23 s24 s25 s26 s27 s28 s29 s30 s31 s32 s33 s34 s35 s36 s37 s38 s39
    s40 s41 s42 s43 s44 s45 s46 s47 s48 s49 s50 s51 s52 s53 s54 s55 s56 s57 s58 s59
    s60 s61 s62 s63 s64 s65 s66 s67 s68 s69 s70 s71 s72 s73 s74 s75 s76 s77 s78 s79
    s80 s81 s82 s83 s84 s85 s86 s87 s88 s89 s90 s91 s92 s93 s94 s95 s96 s97 s98 s99
}

/// Who tells the hundred.
#[derive(Clone)]
enum Emitter {
    Mailboxes(Arc<[mpsc::Sender<u64>]>),
    Broadcast(broadcast::Sender<u64>),
    Bus(Context),
}

/// The time from the emission of one event to the end of its last subscriber.
fn main() {
    println!("{}", machine::describe());
    let runtime = callers::runtime();
    let running = runtime.block_on(async {
        let mut manager = Manager::empty();
        add_to(&mut manager);
        manager.without_http().spawn().await.expect("the manager starts")
    });
    let listen = |_| {
        let (mailbox, mut letters) = mpsc::channel(1024);
        runtime.spawn(async move {
            while let Some(number) = letters.recv().await {
                std::hint::black_box(number);
                TALLY.take_one();
            }
        });
        mailbox
    };
    let mailboxes = Emitter::Mailboxes((0..100).map(listen).collect());
    let (sender, _) = broadcast::channel(1024);
    for _ in 0..100 {
        let mut letters = sender.subscribe();
        runtime.spawn(async move {
            while let Ok(number) = letters.recv().await {
                std::hint::black_box(number);
                TALLY.take_one();
            }
        });
    }
    let broadcast = Emitter::Broadcast(sender);
    let bus = Emitter::Bus(running.context().clone());
    compare(
        "an event to 100 subscribers, emitted and handled",
        Scale::from_arguments(),
        vec![
            Candidate::new("100 bounded mpsc, a consumer each", |times| {
                one_by_one(&runtime, times, &mailboxes)
            }),
            Candidate::new("tokio::sync::broadcast, 100 receivers", |times| {
                one_by_one(&runtime, times, &broadcast)
            }),
            Candidate::new("ctx.emit", |times| one_by_one(&runtime, times, &bus)),
        ],
    );
}

/// One event after the other: each begins when the last subscriber is done with the one before.
fn one_by_one(runtime: &Runtime, times: u64, emitter: &Emitter) -> Lap {
    callers::share(runtime, 1, times, |_, times| {
        let emitter = emitter.clone();
        async move {
            for number in 0..times {
                TALLY.expect(100);
                emitter.emit(number).await;
                TALLY.wait().await;
            }
        }
    })
}

impl Emitter {
    async fn emit(&self, number: u64) {
        match self {
            Emitter::Mailboxes(mailboxes) => {
                for mailbox in &**mailboxes {
                    mailbox.send(number).await.expect("a consumer");
                }
            }
            Emitter::Broadcast(sender) => {
                assert_eq!(sender.send(number).expect("receivers"), 100);
            }
            Emitter::Bus(ctx) => {
                let heard = ctx.emit("bench.event", Json(number)).await;
                assert_eq!(heard.expect("subscribers"), 100);
            }
        }
    }
}
