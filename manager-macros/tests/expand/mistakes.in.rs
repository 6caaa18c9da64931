#[handler(replica = 5, timeout = "10s")]
pub async fn options_alone(text: String) -> String {
    text
}

#[handler]
pub(crate) async fn the_item_itself(text: &str) -> String {
    text.into()
}

#[handler]
impl Counter {
    async fn runn(&self) {}
}

#[message]
#[derive(Serialize)]
struct Sum;

fn main() -> ExitCode {
    manager! { bnd: "x", drain: "y" }
}
