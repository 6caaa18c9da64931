//! salvo.

use std::path::PathBuf;

use futures_util::StreamExt;
use manager_bench::serving;
use salvo::affix_state;
use salvo::prelude::*;

/// Runs it on a free port.
pub(crate) fn run(file: PathBuf) {
    serving::on_tokio(async {
        let router = Router::new()
            .hoop(affix_state::inject(file))
            .push(Router::with_path("down").get(down))
            .push(Router::with_path("up").post(up));
        let acceptor = TcpListener::new(serving::ANY).bind().await;
        serving::listens(acceptor.local_addr().expect("a bound port has an address"));
        Server::new(acceptor).serve(router).await;
    });
}

#[handler]
async fn down(request: &mut Request, depot: &mut Depot, response: &mut Response) {
    if let Ok(file) = depot.get_typed::<PathBuf>() {
        response.send_file(file, request.headers()).await;
    }
}

#[handler]
async fn up(request: &mut Request) -> Result<String, StatusError> {
    let mut count = 0;
    let mut body = request.take_body();
    while let Some(frame) = body.next().await {
        let frame = frame.map_err(|_| StatusError::bad_request())?;
        count += frame.data_ref().map_or(0, |piece| piece.len());
    }
    Ok(count.to_string())
}
