//! Makes a handler of a hand-written [`Base`].

use std::future::Future;
use std::marker::PhantomData;

use crate::base::Base;
use crate::body::Body;
use crate::context::{Context, Parts, with_current};
use crate::error::{Error, Result};
use crate::handler::{
    Building, Entrances, Handler, Key, Message, Needs, Parameters, Place, Spec, Values,
};
use crate::route::Port;
use crate::transfer::{Download, Upload};

/// Stands for a hand-written handler wherever a [`Handler`] is asked for. It has no typed callers.
pub(crate) struct ByHand<T>(PhantomData<fn() -> T>);

/// Stands for its `run_stream`, `run_file` and `run_metadata`. Whether it has them nobody knows before
/// they are called.
pub(crate) struct RunStream<T>(PhantomData<fn() -> T>);
pub(crate) struct RunFile<T>(PhantomData<fn() -> T>);
pub(crate) struct RunMetadata<T>(PhantomData<fn() -> T>);

/// The parameters of the methods of [`Base`]: who called, and the message.
pub(crate) struct SourceAnd<M>(PhantomData<fn() -> M>);

impl<M: Message> Parameters for SourceAnd<M> {
    type Message = M;
    type Values = (Context, M);
    const MESSAGES: usize = 1;

    async fn collect(parts: &mut Parts<'_>, message: Option<M::Value>) -> Result<(Context, M)> {
        match message {
            Some(message) => Ok((parts.context(), M::from_value(message))),
            None => Err(Error::internal("a call came without its message")),
        }
    }

    fn needs(_: &mut Needs) {}
}

/// What all of them have in common: the replica, how it is made, and a call that finds its context.
macro_rules! by_hand {
    ($name:ident, $message:ty => $output:ty, $files:ty, $spec:expr, |$replica:ident, $source:ident, $said:ident| $run:expr) => {
        impl<T: Base> Handler for $name<T> {
            type Replica = T;
            type Parameters = SourceAnd<$message>;
            type Output = Result<$output>;
            // Only the options are used; the name comes with `add_handler`.
            const SPEC: Spec = $spec;
            type Files = $files;

            fn key() -> &'static Key {
                // Shared by all hand-written handlers, which no typed call can name.
                static KEY: Key = Key::new();
                &KEY
            }

            async fn build(building: &Building) -> Result<T> {
                let context = &building.context;
                Ok(T::new(context.bus().clone(), context.state().clone()))
            }

            fn handle(
                $replica: &mut T,
                (context, $said): Values<Self>,
            ) -> impl Future<Output = Self::Output> + Send {
                let $source = context.source().to_string();
                // `Base` has no context: what it calls through the bus finds the chain and the deadline
                // here.
                with_current(context.frame, async move { $run })
            }
        }
    };
}

const BARE: Spec = Spec::new("", Place::new("", 0, 0, ""));

by_hand!(
    ByHand,
    String => String,
    Entrances<RunStream<T>, RunFile<T>, RunMetadata<T>>,
    BARE.port(Port::Upload).port(Port::Download).port(Port::Metadata),
    |replica, source, data| replica.run(source, data).await.map_err(Error::from_boxed)
);

by_hand!(RunStream, Upload => String, (), BARE, |replica, source, upload| {
    let name = upload.name().to_owned();
    // The ancestor's number, which is 0 where nobody said any.
    let size = upload.size_hint().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    replica.run_stream(source, Box::pin(upload), name, size).await.map_err(Error::from_boxed)
});

by_hand!(RunFile, String => Body, (), BARE, |replica, source, name| {
    let (reader, length) = replica.run_file(source, name).await.map_err(Error::from_boxed)?;
    Ok(Download::from_reader(reader).with_length(length).into_body())
});

by_hand!(RunMetadata, String => String, (), BARE, |replica, source, name| {
    replica.run_metadata(source, name).await.map_err(Error::from_boxed)
});
