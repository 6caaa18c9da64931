//! Testing a handler: as the function that it is, with its neighbours, and with one of them replaced.

use manager_runtime::prelude::*;

/// Asks somebody far away for the weather.
#[handler]
async fn weather(city: String) -> Result<String> {
    Err(Error::internal(format!("this example has no network to ask about {city}")))
}

/// Says whether to take an umbrella.
#[handler]
async fn umbrella(ctx: Context, city: String) -> Result<&'static str> {
    let weather = ctx.call::<weather>(city).await?;
    Ok(if weather.contains("rain") { "take it" } else { "leave it" })
}

/// Shouts.
#[handler]
async fn shout(text: String) -> String {
    text.to_uppercase()
}

fn main() -> ExitCode {
    manager!()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_is_a_function() {
        assert_eq!(shout("hey".to_owned()).await, "HEY");
    }

    #[tokio::test]
    async fn a_neighbour_can_be_replaced() -> Result<()> {
        let running = Manager::empty()
            .add::<umbrella>()
            .fake::<weather, _>(|city| async move { Ok(format!("rain in {city}")) })
            .without_http()
            .spawn()
            .await?;
        let advice = running.context().call::<umbrella>("Bergen".to_owned()).await?;
        assert_eq!(advice, "take it");
        running.stop().await
    }

    #[tokio::test]
    async fn its_failure_is_an_error_of_ours() -> Result<()> {
        let running =
            Manager::empty().add::<umbrella>().add::<weather>().without_http().spawn().await?;
        let error = running.context().call::<umbrella>("Bergen".to_owned()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        running.stop().await
    }
}
