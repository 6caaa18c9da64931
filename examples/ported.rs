//! A program that was written against `manager_handlers`, ported.
//!
//! What the port took:
//!
//! 1. `use manager_handlers::..` became `use manager_runtime::..`, and `async-trait` and `futures` are
//!    dependencies no more.
//! 2. `#[async_trait]` above `impl Base for ..` is gone.
//! 3. `run(&self, ..)` became `run(&mut self, ..)`: a replica belongs to one call at a time.
//! 4. `publish` and `dispatch` return results: a `?` behind each.
//! 5. The state is not async: `.await` behind `insert` and `get` is gone, `get` names the type that it
//!    wants, and a wrong type is an error instead of a silent `None`.
//! 6. `.boxed()` of the futures crate became `Box::pin(..)`.
//! 7. `start` returns a result.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{AsyncFunction, BoxError, SyncFunction};
use tokio::time::sleep;

struct MyHandler {
    communication_line: Arc<MultiBus>,
    shared_state: Arc<SharedState>,
}

impl Base for MyHandler {
    async fn run(&mut self, src: String, data: String) -> Result<String, BoxError> {
        tracing::info!(%src, %data, "received");

        self.shared_state.insert("counter", StateType::Int(42));

        let shared_function: SyncFunction = Arc::new(|input: String| input + " pesto");
        self.shared_state.insert("sync_func", StateType::FunctionSync(shared_function));

        let shared_async_function: AsyncFunction =
            Arc::new(|input: String| -> Pin<Box<dyn Future<Output = String> + Send>> {
                Box::pin(async move {
                    sleep(Duration::from_millis(5)).await;
                    format!("{input} is done")
                })
            });
        self.shared_state.insert("async_func", StateType::FunctionAsync(shared_async_function));

        // Publishes and waits for the reply.
        let response = self.publish(data, "other_handler".to_string()).await?;

        // Dispatches and does not wait.
        self.dispatch("notification data".to_string(), "notification_handler".to_string()).await?;

        Ok(format!("Processed data with response: {response}"))
    }

    fn get_name(&self) -> String {
        "my_handler".to_string()
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.communication_line.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.shared_state.clone()
    }

    fn new(communication_line: Arc<MultiBus>, shared_state: Arc<SharedState>) -> Self {
        MyHandler { communication_line, shared_state }
    }
}

struct OtherHandler {
    communication_line: Arc<MultiBus>,
    shared_state: Arc<SharedState>,
}

impl Base for OtherHandler {
    async fn run(&mut self, src: String, data: String) -> Result<String, BoxError> {
        let counter: i32 = self.shared_state.get("counter")?.unwrap_or_default();
        let sync_func: Option<SyncFunction> = self.shared_state.get("sync_func")?;
        let async_func: Option<AsyncFunction> = self.shared_state.get("async_func")?;
        let (Some(sync_func), Some(async_func)) = (sync_func, async_func) else {
            return Err("the functions are not in the state".into());
        };
        let cooked = sync_func(data);
        let done = async_func(cooked).await;
        Ok(format!("{done}, {counter} for {src}"))
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.communication_line.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.shared_state.clone()
    }

    fn new(communication_line: Arc<MultiBus>, shared_state: Arc<SharedState>) -> Self {
        OtherHandler { communication_line, shared_state }
    }
}

struct NotificationHandler {
    communication_line: Arc<MultiBus>,
    shared_state: Arc<SharedState>,
}

impl Base for NotificationHandler {
    async fn run(&mut self, src: String, data: String) -> Result<String, BoxError> {
        self.shared_state.insert("notified", format!("{data} from {src}"));
        Ok(String::new())
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.communication_line.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.shared_state.clone()
    }

    fn new(communication_line: Arc<MultiBus>, shared_state: Arc<SharedState>) -> Self {
        NotificationHandler { communication_line, shared_state }
    }
}

fn handlers(manager: &mut Manager) -> &mut Manager {
    manager
        .add_handler::<MyHandler>("my_handler", 5)
        .add_handler::<OtherHandler>("other_handler", 3)
        .add_handler::<NotificationHandler>("notification_handler", 1)
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut manager = Manager::new_default();
    manager.with_max_requests(1000).with_keep_alive(10).with_environment().with_signals();
    handlers(&mut manager).start().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_does_what_it_did() -> Result<()> {
        let mut manager = Manager::new_default();
        let running = handlers(&mut manager).without_http().spawn().await?;
        let reply = running.context().publish("my_handler", "pasta").await?.text()?;
        assert_eq!(reply, "Processed data with response: pasta pesto is done, 42 for my_handler");
        let state = running.state().clone();
        running.stop().await?; // which waits for the dispatched call
        let notified: Option<String> = state.get("notified")?;
        assert_eq!(notified.as_deref(), Some("notification data from my_handler"));
        Ok(())
    }
}
