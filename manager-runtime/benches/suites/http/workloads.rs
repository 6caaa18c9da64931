//! What is asked of the servers, and which of it the command line wants.

use crate::load::{Order, Protocol};
use crate::servers::{self, Maker};

/// Something that is asked of every server.
pub(crate) struct Workload {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it is called above its table.
    pub(crate) title: &'static str,
    pub(crate) question: &'static str,
    pub(crate) protocol: Protocol,
    /// The numbers of connections it is measured with.
    connections: &'static [u64],
    /// What only the measured server is asked beside it: how it is called, and the question.
    also: Option<(&'static str, &'static str)>,
}

const WORKLOADS: &[Workload] = &[
    Workload {
        name: "plain",
        title: "plain text on a route",
        question: "plain",
        protocol: Protocol::Http1,
        connections: &[1, 64, 256],
        also: None,
    },
    Workload {
        name: "add",
        title: "the envelope endpoint",
        question: "add",
        protocol: Protocol::Http1,
        connections: &[1, 64, 256],
        also: None,
    },
    Workload {
        name: "order",
        title: "two parameters among 50 routes",
        question: "order",
        protocol: Protocol::Http1,
        connections: &[64],
        also: None,
    },
    Workload {
        name: "sum",
        title: "JSON in and out on a route",
        question: "sum",
        protocol: Protocol::Http1,
        connections: &[64],
        also: None,
    },
    Workload {
        name: "chain",
        title: "three functions, or three handlers that call each other",
        question: "chain",
        protocol: Protocol::Http1,
        connections: &[64],
        also: Some(("manager, by name", "chain_by_name")),
    },
    Workload {
        name: "plain-h2",
        title: "plain text on a route, HTTP/2 with 100 streams",
        question: "plain",
        protocol: Protocol::Http2,
        connections: &[1],
        also: None,
    },
    Workload {
        name: "add-h2",
        title: "the envelope endpoint, HTTP/2 with 100 streams",
        question: "add",
        protocol: Protocol::Http2,
        connections: &[1],
        also: None,
    },
    Workload {
        name: "pipelined",
        title: "plain text on a route, 16 requests at once",
        question: "plain",
        protocol: Protocol::Pipelined,
        connections: &[64],
        also: None,
    },
];

/// One line of a table.
pub(crate) struct Candidate {
    pub(crate) title: &'static str,
    pub(crate) maker: &'static Maker,
    pub(crate) question: &'static str,
}

impl Workload {
    /// What can be compared in it: the first is the floor of the others.
    pub(crate) fn candidates(&self, makers: &[&'static Maker]) -> Vec<Candidate> {
        let can = |maker: &&&'static Maker| maker.http2 || self.protocol != Protocol::Http2;
        let mut candidates = Vec::new();
        for maker in makers.iter().filter(can) {
            candidates.push(Candidate { title: maker.title, maker, question: self.question });
            if let Some((title, question)) = self.also.filter(|_| maker.name == "manager") {
                candidates.push(Candidate { title, maker, question });
            }
        }
        candidates
    }

    /// This question to a server.
    pub(crate) fn order<'a>(
        &self,
        candidate: &Candidate,
        address: &'a str,
        connections: u64,
    ) -> Order<'a> {
        Order { address, question: candidate.question, protocol: self.protocol, connections }
    }
}

/// What the command line wants: `--only NAME,NAME` of the workloads, `--server NAME,NAME`, `--connections N`.
pub(crate) struct Wanted {
    only: Option<String>,
    connections: Option<u64>,
    pub(crate) makers: Vec<&'static Maker>,
}

impl Wanted {
    pub(crate) fn from_arguments() -> Self {
        let value = |flag: &str| std::env::args().skip_while(|word| word != flag).nth(1);
        let connections = value("--connections").map(|number| number.parse().expect("a number"));
        let wanted = Wanted {
            only: value("--only"),
            connections,
            makers: servers::chosen(value("--server").as_deref()),
        };
        let names: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
        assert!(wanted.workloads().next().is_some(), "--only takes some of {}", names.join(","));
        assert!(!wanted.makers.is_empty(), "--server takes some of {}", servers::names());
        wanted
    }

    pub(crate) fn workloads(&self) -> impl Iterator<Item = &'static Workload> {
        let is_wanted = |workload: &&Workload| {
            let only = self.only.as_deref();
            only.is_none_or(|only| only.split(',').any(|name| name == workload.name))
        };
        WORKLOADS.iter().filter(is_wanted)
    }

    /// How many connections a workload is to be measured with.
    pub(crate) fn connections(&self, workload: &Workload) -> Vec<u64> {
        self.connections.map_or_else(|| workload.connections.to_vec(), |number| vec![number])
    }
}
