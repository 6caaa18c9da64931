//! A chat over WebSockets: what one says, all hear. A loop for each connection, and a drain that closes
//! them all. Try it with any client: `websocat ws://127.0.0.1:8080/chat`.

use manager_runtime::prelude::*;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Where everybody is.
pub struct Room(broadcast::Sender<String>);

/// Runs until the other side leaves, or the manager drains.
#[handler(get = "/chat", body_limit = "4KiB")]
async fn chat(room: Res<Room>, mut socket: WebSocket) -> Result<()> {
    let mut heard = room.0.subscribe();
    loop {
        tokio::select! {
            said = socket.next() => match said? {
                Some(WsMessage::Text(text)) => drop(room.0.send(text)),
                Some(WsMessage::Binary(_)) => return socket.close(1003, "text, please").await,
                None => return Ok(()),
            },
            heard = heard.recv() => match heard {
                Ok(text) => socket.send(text).await?,
                Err(RecvError::Lagged(missed)) => socket.send(format!("({missed} missed)")).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}

/// The same room for those who only speak; says how many heard it.
#[handler(post = "/say")]
async fn say(room: Res<Room>, text: String) -> Json<usize> {
    Json(room.0.send(text).unwrap_or(0))
}

fn main() -> ExitCode {
    manager! { provide: [Room(broadcast::channel(100).0)] }
}
