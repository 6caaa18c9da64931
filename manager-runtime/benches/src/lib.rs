//! What the suites share: [`measure`] runs candidates side by side, [`callers`] share their work, a [`child`] is a process
//! of its own and [`serving`] what it does as a server, [`machine`] says where that was, [`process`] reads what the
//! kernel knows of a process.
//!
//! Nothing here is compared with a number from another day. Every table holds its own floor (a boxed
//! future, a tokio channel, bare hyper), the candidates take turns in short rounds, and a ratio is the
//! median of the ratios within the rounds. So another program on the machine disturbs all of them
//! alike.

pub mod callers;
pub mod child;
pub mod machine;
pub mod measure;
pub mod process;
pub mod serving;
