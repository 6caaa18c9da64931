//! A handler written by hand beside the others.

#![deny(warnings)]

use std::sync::Arc;

use manager_runtime::{BoxError, prelude::*};

struct Echo {
    bus: Arc<MultiBus>,
    state: Arc<SharedState>,
    served: u64,
}

impl Base for Echo {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        Echo { bus, state, served: 0 }
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.bus.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.state.clone()
    }

    async fn run(&mut self, src: String, data: String) -> Result<String, BoxError> {
        self.served += 1;
        let shouted = self.publish(data, "shout".to_owned()).await?;
        Ok(format!("{shouted} from {src}, number {}", self.served))
    }
}

#[handler]
async fn shout(text: String) -> String {
    text.to_uppercase()
}

#[handler]
async fn ask(ctx: Context, text: String) -> Result<String> {
    ctx.publish("echo", text).await?.text()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut manager = Manager::new_default();
    manager.add_handler::<Echo>("echo", 2).without_http();
    let running = manager.spawn().await?;
    let reply = running.context().call::<ask>("hello".to_owned()).await?;
    assert_eq!(reply, "HELLO from ask, number 1");
    running.stop().await
}
