//! An impl block with entrances for files beside `run`: one handler, whose calls run in the same replicas
//! whichever way they come in.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::context::{BoxFuture, Frame, Origin, Parts};
use crate::error::{Error, Result};
use crate::exchange::Target;
use crate::handler::{
    Answer, Building, Files, Handler, IntoReply, Key, Message, MessageOf, Needs, Parameter,
    Parameters, Request, Spec, Values, role,
};
use crate::message::{Payload, Reply};
use crate::replica::pool::{Fake, Pool};
use crate::route::Port;

/// All of `H` that runs in its replicas. An upload does not: it would keep one for as long as a client
/// takes.
pub(crate) struct Block<H>(PhantomData<fn() -> H>);

pub(crate) type UploadOf<H> = <<H as Handler>::Files as Files<H>>::Upload;
pub(crate) type DownloadOf<H> = <<H as Handler>::Files as Files<H>>::Download;
pub(crate) type MetadataOf<H> = <<H as Handler>::Files as Files<H>>::Metadata;

/// What is sent to one of the entrances.
pub(crate) enum BlockRequest<H: Handler> {
    Run(Request<H>),
    Download(Request<DownloadOf<H>>),
    Metadata(Request<MetadataOf<H>>),
}

/// What one of them answers.
pub(crate) enum BlockAnswer<H: Handler> {
    Run(Answer<H>),
    Download(Answer<DownloadOf<H>>),
    Metadata(Answer<MetadataOf<H>>),
}

/// The parameters of one of them.
pub(crate) enum BlockValues<H: Handler> {
    Run(Values<H>),
    Download(Values<DownloadOf<H>>),
    Metadata(Values<MetadataOf<H>>),
}

impl<H: Handler> Handler for Block<H> {
    type Replica = H::Replica;
    type Parameters = BlockParameters<H>;
    type Output = BlockReply<H>;
    const SPEC: Spec = H::SPEC;
    type Files = ();

    fn key() -> &'static Key {
        H::key()
    }

    async fn build(building: &Building) -> Result<H::Replica> {
        H::build(building).await
    }

    async fn handle(replica: &mut H::Replica, values: BlockValues<H>) -> BlockReply<H> {
        BlockReply(match values {
            BlockValues::Run(values) => {
                H::handle(replica, values).await.into_value().map(BlockAnswer::Run)
            }
            BlockValues::Download(values) => {
                let reply = DownloadOf::<H>::handle(replica, values).await;
                reply.into_value().map(BlockAnswer::Download)
            }
            BlockValues::Metadata(values) => {
                let reply = MetadataOf::<H>::handle(replica, values).await;
                reply.into_value().map(BlockAnswer::Metadata)
            }
        })
    }
}

pub(crate) struct BlockMessage<H: Handler>(BlockRequest<H>);

impl<H: Handler> Parameter for BlockMessage<H> {
    type Role = role::Message;
}

impl<H: Handler> Message for BlockMessage<H> {
    type Value = BlockRequest<H>;

    fn from_value(value: BlockRequest<H>) -> Self {
        BlockMessage(value)
    }

    fn decode(payload: Payload) -> Result<BlockRequest<H>> {
        let (port, payload) = payload.into_port();
        match port {
            None => MessageOf::<H>::decode(payload).map(BlockRequest::Run),
            Some(Port::Download) => {
                MessageOf::<DownloadOf<H>>::decode(payload).map(BlockRequest::Download)
            }
            Some(Port::Metadata) => {
                MessageOf::<MetadataOf<H>>::decode(payload).map(BlockRequest::Metadata)
            }
            Some(Port::Upload) => Err(Error::internal("an upload went astray")),
        }
    }
}

pub(crate) struct BlockParameters<H>(PhantomData<fn() -> H>);

impl<H: Handler> Parameters for BlockParameters<H> {
    type Message = BlockMessage<H>;
    type Values = BlockValues<H>;
    const MESSAGES: usize = 1;

    async fn collect(
        parts: &mut Parts<'_>,
        message: Option<BlockRequest<H>>,
    ) -> Result<BlockValues<H>> {
        match message {
            Some(BlockRequest::Run(request)) => {
                H::Parameters::collect(parts, Some(request)).await.map(BlockValues::Run)
            }
            Some(BlockRequest::Download(request)) => {
                let values =
                    <DownloadOf<H> as Handler>::Parameters::collect(parts, Some(request)).await;
                values.map(BlockValues::Download)
            }
            Some(BlockRequest::Metadata(request)) => {
                let values =
                    <MetadataOf<H> as Handler>::Parameters::collect(parts, Some(request)).await;
                values.map(BlockValues::Metadata)
            }
            None => Err(Error::internal("a call came without its message")),
        }
    }

    fn needs(needs: &mut Needs) {
        H::Parameters::needs(needs);
    }
}

pub(crate) struct BlockReply<H: Handler>(Result<BlockAnswer<H>>);

impl<H: Handler> IntoReply for BlockReply<H> {
    type Value = BlockAnswer<H>;

    fn into_value(self) -> Result<BlockAnswer<H>> {
        self.0
    }

    fn encode(value: BlockAnswer<H>) -> Result<Reply> {
        match value {
            BlockAnswer::Run(answer) => H::Output::encode(answer),
            BlockAnswer::Download(answer) => <DownloadOf<H> as Handler>::Output::encode(answer),
            BlockAnswer::Metadata(answer) => <MetadataOf<H> as Handler>::Output::encode(answer),
        }
    }
}

/// Where typed calls of `H` go: to its `run`.
pub(crate) struct Run<H: Handler>(pub(crate) Arc<Pool<Block<H>>>);

impl<H: Handler> Target<H> for Run<H> {
    fn call<'a>(
        &'a self,
        request: Request<H>,
        caller: &'a Arc<Frame>,
        timeout: Option<Duration>,
    ) -> BoxFuture<'a, Result<Answer<H>>> {
        let call = self.0.call(BlockRequest::Run(request), caller, timeout);
        Box::pin(async move {
            match call.await? {
                BlockAnswer::Run(answer) => Ok(answer),
                _ => Err(Error::internal("a reply went astray")),
            }
        })
    }

    fn send(&self, request: Request<H>, origin: Origin) -> Result<()> {
        self.0.send(BlockRequest::Run(request), origin)
    }
}

/// What stands in for the whole block where a test has replaced its `run`.
pub(crate) fn fake_block<H: Handler>(fake: Arc<Fake<H>>) -> Arc<Fake<Block<H>>> {
    Arc::new(move |request, context| match request {
        BlockRequest::Run(request) => {
            let call = fake(request, context);
            Box::pin(async move { call.await.map(BlockAnswer::Run) })
        }
        _ => Box::pin(async { Err(no_files()) }),
    })
}

/// And for its uploads.
pub(crate) fn fake_upload<H: Handler>() -> Arc<Fake<UploadOf<H>>> {
    Arc::new(|_, _| Box::pin(async { Err(no_files()) }))
}

fn no_files() -> Error {
    Error::not_implemented("a fake has no files: it answers messages")
}
