//! The programs that are built, the same twice.

use std::fmt::Write;

/// Who serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framework {
    Axum,
    Manager,
}

impl Framework {
    pub(crate) const BOTH: [Framework; 2] = [Framework::Axum, Framework::Manager];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Framework::Axum => "axum",
            Framework::Manager => "manager",
        }
    }

    /// The manifest of a project, in a workspace at this path.
    pub(crate) fn manifest(self, workspace: &str) -> String {
        let name = self.name();
        let dependencies = match self {
            Framework::Axum => {
                "axum = \"0.8\"\n\
                 serde = { version = \"1\", features = [\"derive\"] }\n\
                 tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\", \"signal\"] }\n\
                 \n[workspace]\n"
                    .to_owned()
            }
            // From a registry they would not be compiled incrementally; a path would be.
            Framework::Manager => format!(
                "manager-runtime = {{ path = \"{workspace}/manager-runtime\" }}\n\
                 \n[workspace]\n\
                 \n[profile.dev.package]\n\
                 manager-runtime = {{ incremental = false }}\n\
                 manager-macros = {{ incremental = false }}\n"
            ),
        };
        format!(
            "[package]\nname = \"wait-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\
             \n[dependencies]\n{dependencies}"
        )
    }

    /// A program that answers `GET /hello`, and adds two numbers at `POST /add`.
    pub(crate) fn hello(self) -> String {
        match self {
            Framework::Axum => {
                "use axum::{Json, Router, routing::{get, post}};\n\
                 \n\
                 #[derive(serde::Deserialize)]\n\
                 struct Sum { a: i64, b: i64 }\n\
                 \n\
                 #[derive(serde::Serialize)]\n\
                 struct Total { total: i64 }\n\
                 \n\
                 async fn hello() -> &'static str {\n    \
                     \"hello\"\n\
                 }\n\
                 \n\
                 async fn add(Json(sum): Json<Sum>) -> Json<Total> {\n    \
                     Json(Total { total: sum.a + sum.b })\n\
                 }\n\
                 \n\
                 #[tokio::main]\n\
                 async fn main() {\n    \
                     let router = Router::new().route(\"/hello\", get(hello)).route(\"/add\", post(add));\n    \
                     serve(router).await;\n\
                 }\n"
                .to_owned()
                    + SERVE
            }
            Framework::Manager => "use manager_runtime::prelude::*;\n\
                 \n\
                 #[message]\n\
                 pub struct Sum { pub a: i64, pub b: i64 }\n\
                 \n\
                 #[message]\n\
                 pub struct Total { pub total: i64 }\n\
                 \n\
                 #[handler(get = \"/hello\")]\n\
                 async fn hello() -> &'static str {\n    \
                     \"hello\"\n\
                 }\n\
                 \n\
                 #[handler(post = \"/add\")]\n\
                 async fn add(sum: Sum) -> Total {\n    \
                     Total { total: sum.a + sum.b }\n\
                 }\n\
                 \n\
                 fn main() -> ExitCode { manager!() }\n"
                .to_owned(),
        }
    }

    /// A program with so many handlers that each add two numbers, and the first one.
    pub(crate) fn handlers(self, count: usize) -> String {
        let mut source = self.hello();
        let end = match self {
            Framework::Axum => "#[tokio::main]",
            Framework::Manager => "fn main()",
        };
        source.truncate(source.find(end).expect("a program has an end"));
        let numbers = 1..count;
        for number in numbers.clone() {
            let handler = match self {
                Framework::Axum => format!(
                    "async fn h{number}(Json(sum): Json<Sum>) -> Json<Total> {{\n    \
                     Json(Total {{ total: sum.a + sum.b + {number} }})\n}}\n\n"
                ),
                Framework::Manager => format!(
                    "#[handler(post = \"/h{number}\")]\nasync fn h{number}(sum: Sum) -> Total {{\n    \
                     Total {{ total: sum.a + sum.b + {number} }}\n}}\n\n"
                ),
            };
            source += &handler;
        }
        match self {
            Framework::Axum => {
                source += "#[tokio::main]\nasync fn main() {\n    let router = Router::new();\n    \
                           let router = router.route(\"/hello\", get(hello)).route(\"/add\", post(add));\n";
                for number in numbers {
                    let line =
                        format!("    let router = router.route(\"/h{number}\", post(h{number}));");
                    let _ = writeln!(source, "{line}");
                }
                source += "    serve(router).await;\n}\n";
                source += SERVE;
            }
            Framework::Manager => source += "fn main() -> ExitCode { manager!() }\n",
        }
        source
    }
}

/// A program in which a developer has changed a line of the handler that all of them have.
pub(crate) fn changed(source: &str, time: usize) -> String {
    source.replace("sum.a + sum.b }", &format!("sum.a + sum.b + {time} }}"))
}

const SERVE: &str = "\n\
    async fn serve(router: Router) {\n    \
        let bind = std::env::var(\"BIND\").unwrap_or_else(|_| \"127.0.0.1:8080\".to_owned());\n    \
        let listener = tokio::net::TcpListener::bind(&bind).await.expect(\"the port is free\");\n    \
        println!(\"listening on http://{bind}\");\n    \
        let stop = async { _ = tokio::signal::ctrl_c().await };\n    \
        axum::serve(listener, router).with_graceful_shutdown(stop).await.expect(\"it serves\");\n\
    }\n";
