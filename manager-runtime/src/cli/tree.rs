//! The paths of a program as a tree, with what stands at each.

use std::collections::BTreeMap;

use super::table::Table;
use crate::bus::Declared;
use crate::http::{HandlerWay, around, ways};

/// The tree of all routes: where, which methods, which handler, what stands around it, where it was
/// declared. Empty if there is none.
pub(super) fn render(declared: &[Declared]) -> String {
    let mut roots: BTreeMap<Root, Node> = BTreeMap::new();
    for one in declared {
        let private = one.options.http.private;
        let hosts = one.options.http.hosts;
        let everywhere = hosts.is_empty().then_some(None);
        for host in hosts.iter().map(|host| Some(host.text)).chain(everywhere) {
            roots.entry(Root { private, host }).or_default().add(one);
        }
    }
    let several = roots.len() > 1 || roots.keys().any(|root| root.private || root.host.is_some());
    let mut table = Table::new(["path", "methods", "handler", "middleware", "declared"]);
    for (root, node) in roots.iter().filter(|(_, node)| !node.below.is_empty()) {
        if several {
            table.push([
                root.to_string(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ]);
        }
        node.print(usize::from(several), &mut table);
    }
    table.render()
}

/// Where a tree of paths stands: the address and the host.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Root {
    private: bool,
    host: Option<&'static str>,
}

impl std::fmt::Display for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.host.unwrap_or("every host"))?;
        if self.private { f.write_str(" (private)") } else { Ok(()) }
    }
}

/// What stands at a path and below it.
#[derive(Default)]
struct Node {
    here: Vec<Stop>,
    below: BTreeMap<String, Node>,
}

/// A handler at a path.
struct Stop {
    methods: Vec<&'static str>,
    handler: String,
    middleware: String,
    declared: String,
}

impl Node {
    fn add(&mut self, one: &Declared) {
        for HandlerWay { route, .. } in ways(one) {
            let pattern = &route.pattern;
            let mut node = &mut *self;
            // As it was written: the same path stands at one place however its captures are called.
            let text = pattern.text.split(' ').next().unwrap_or_default();
            let path = text.strip_prefix('/').unwrap_or(text);
            for segment in path.split_inclusive('/') {
                node = node.below.entry(format!("/{}", segment.trim_end_matches('/'))).or_default();
            }
            if pattern.ends_with_slash || path.is_empty() {
                node = node.below.entry("/".to_owned()).or_default();
            }
            let method = if route.method.is_empty() { "any" } else { route.method };
            let handler = &*one.options.name;
            if let Some(stop) = node.here.iter_mut().find(|stop| stop.handler == handler) {
                stop.methods.push(method);
                continue;
            }
            node.here.push(Stop {
                methods: vec![method],
                handler: handler.to_owned(),
                middleware: around(one, pattern).join(", "),
                declared: super::routes::place(one),
            });
        }
    }

    fn print(&self, depth: usize, table: &mut Table) {
        for (label, node) in &self.below {
            let label = format!("{:indent$}{label}", "", indent = 2 * depth);
            let mut cells = Some(label);
            for stop in &node.here {
                table.push([
                    cells.take().unwrap_or_default(),
                    stop.methods.join(", "),
                    stop.handler.clone(),
                    stop.middleware.clone(),
                    stop.declared.clone(),
                ]);
            }
            if let Some(label) = cells {
                table.push([label, String::new(), String::new(), String::new(), String::new()]);
            }
            node.print(depth + 1, table);
        }
    }
}
