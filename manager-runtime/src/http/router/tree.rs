//! The tree of segments, and the walk through it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::path::Segments;
use super::segment::{self, Matcher, Part, Shape};
use crate::captures::Spans;

/// A node of a tree.
pub(super) type NodeId = u32;

/// Whatever a tree leads to.
pub(super) type Goal = u32;

type Table<V> = HashMap<Box<str>, V, FixedState>;

/// The segments of all patterns of one kind.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Box<[Node]>,
    /// Whole texts of patterns without a capture. In every segment a text is first, so they win.
    whole: Table<Goal>,
    /// The length of the longest of them: what is longer need not be hashed.
    longest: usize,
}

#[derive(Debug, Default)]
struct Node {
    texts: Texts,
    /// In the order in which they are tried.
    mixed: Box<[(Matcher, NodeId)]>,
    any: Option<NodeId>,
    goals: Goals,
}

/// What is reached at a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Goals {
    /// By a text that ends here, and by one that ends here with a slash.
    pub(super) ends: [Option<Goal>; 2],
    /// Whether a text that ends here is to be redirected, and one that ends here with a slash.
    pub(super) redirects: [bool; 2],
    /// By a rest of one or more segments.
    pub(super) one_or_more: Option<Goal>,
    /// By a rest of none or more segments.
    pub(super) none_or_more: Option<Goal>,
    /// By all that is below the node.
    pub(super) below: Option<Goal>,
}

/// What comes of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Goal(Goal),
    /// With the other slash at its end, the text would have reached something.
    Redirect,
    Nothing,
}

impl Tree {
    /// What a text reaches as a whole. It need not be split for that; it has nothing encoded.
    pub(super) fn whole(&self, text: &str) -> Option<Goal> {
        if text.len() > self.longest { None } else { self.whole.get(text).copied() }
    }

    /// Walks through the tree and pushes what is captured on the way to the goal.
    pub(super) fn walk(&self, text: &Segments<'_>, spans: &mut Spans) -> Reached {
        Walk { nodes: &self.nodes, text, spans, redirect: false, hollow: None, steps: 0 }.run().0
    }

    /// How many times a walk compares something.
    #[cfg(test)]
    pub(super) fn steps(&self, text: &Segments<'_>) -> usize {
        let mut spans = Spans::default();
        let spans = &mut spans;
        Walk { nodes: &self.nodes, text, spans, redirect: false, hollow: None, steps: 0 }.run().1
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// Children by their text. Few of them are found faster one after the other.
#[derive(Debug)]
enum Texts {
    Few(Box<[(Box<str>, NodeId)]>),
    Many(Table<NodeId>),
}

const FEW: usize = 6;

impl Default for Texts {
    fn default() -> Self {
        Texts::Few(Box::new([]))
    }
}

impl Texts {
    fn new(children: Vec<(Box<str>, NodeId)>) -> Self {
        if children.len() <= FEW {
            Texts::Few(children.into())
        } else {
            Texts::Many(children.into_iter().collect())
        }
    }

    fn get(&self, text: &str) -> Option<NodeId> {
        match self {
            Texts::Few(children) => {
                children.iter().find(|(own, _)| **own == *text).map(|(_, child)| *child)
            }
            Texts::Many(children) => children.get(text).copied(),
        }
    }
}

struct Walk<'w, 'p> {
    nodes: &'w [Node],
    text: &'w Segments<'p>,
    spans: &'w mut Spans,
    redirect: bool,
    /// Whether a segment is empty, once it has been looked for.
    hollow: Option<bool>,
    steps: usize,
}

impl Walk<'_, '_> {
    fn run(mut self) -> (Reached, usize) {
        let reached = match self.visit(0, self.text.start, 0) {
            Some(goal) => Reached::Goal(goal),
            None if self.redirect => Reached::Redirect,
            None => Reached::Nothing,
        };
        (reached, self.steps)
    }

    /// Looks for a goal at this node and below it. A segment begins at `start`, unless the text is at
    /// its end.
    ///
    /// It calls itself once for each segment of a pattern, never of a path. There is one way to a node,
    /// so none is visited twice, and a node without a goal need not be remembered.
    fn visit(&mut self, node: NodeId, start: usize, depth: usize) -> Option<Goal> {
        let node = &self.nodes[node as usize];
        self.steps += 1;
        if start > self.text.end {
            return self.arrive(&node.goals);
        }
        let end = self.text.end_of(start, depth);
        let segment = &self.text.text[start..end];
        if segment.is_empty() {
            self.hollow = Some(true);
            return None;
        }
        let next = |walk: &mut Self, child| walk.visit(child, end + 1, depth + 1);
        if let Some(goal) = node.texts.get(segment).and_then(|child| next(self, child)) {
            return Some(goal);
        }
        let before = self.spans.len();
        for (matcher, child) in &node.mixed {
            self.steps += 1;
            if matcher.matches(segment, start, self.spans)
                && let Some(goal) = next(self, *child)
            {
                return Some(goal);
            }
            self.spans.truncate(before);
        }
        if let Some(child) = node.any {
            self.spans.push(start, end);
            if let Some(goal) = next(self, child) {
                return Some(goal);
            }
            self.spans.truncate(before);
        }
        self.rest(&node.goals, start)
    }

    /// The text ends at this node.
    fn arrive(&mut self, goals: &Goals) -> Option<Goal> {
        let form = usize::from(self.text.slash);
        if let Some(goal) = goals.ends[form] {
            return Some(goal);
        }
        if let Some(goal) = goals.none_or_more {
            let end = self.text.text.len();
            self.spans.push(end, end);
            return Some(goal);
        }
        self.redirect |= goals.redirects[form];
        None
    }

    /// The text goes on, and no child of this node leads to a goal.
    fn rest(&mut self, goals: &Goals, start: usize) -> Option<Goal> {
        let rest = goals.one_or_more.or(goals.none_or_more);
        let goal = rest.or(goals.below)?;
        if *self.hollow.get_or_insert_with(|| self.text.is_hollow(start)) {
            return None;
        }
        if rest.is_some() {
            self.spans.push(start, self.text.text.len());
        }
        Some(goal)
    }
}

/// A tree that still grows.
#[derive(Debug)]
pub(super) struct Growing {
    /// What stands between two segments, and so in none of them.
    separator: char,
    nodes: Vec<GrowingNode>,
    children: HashMap<(NodeId, Shape), NodeId, FixedState>,
}

#[derive(Debug, Default)]
struct GrowingNode {
    texts: Vec<(Box<str>, NodeId)>,
    mixed: Vec<(Vec<Part>, Matcher, NodeId)>,
    any: Option<NodeId>,
    /// The text that leads here, with a separator before each segment, unless there is something else
    /// than text in it.
    whole: Option<String>,
    goals: Goals,
}

impl Growing {
    pub(super) const ROOT: NodeId = 0;

    pub(super) fn paths() -> Self {
        Growing::new('/')
    }

    pub(super) fn hosts() -> Self {
        Growing::new('.')
    }

    fn new(separator: char) -> Self {
        let root = GrowingNode { whole: Some(String::new()), ..GrowingNode::default() };
        Growing { separator, nodes: vec![root], children: HashMap::default() }
    }

    /// The child of this shape, which is made if it does not exist. Mixed ones of equal rank are tried in
    /// the order in which they are made. A rest is no child.
    pub(super) fn child(
        &mut self,
        node: NodeId,
        shape: Shape,
    ) -> Result<NodeId, regex_lite::Error> {
        let known = (node, shape);
        if let Some(child) = self.children.get(&known) {
            return Ok(*child);
        }
        let child = self.nodes.len() as NodeId;
        let parent = &mut self.nodes[node as usize];
        let mut whole = None;
        match &known.1 {
            Shape::Text(text) => {
                parent.texts.push((text.as_str().into(), child));
                // With a percent sign, this is not how it is sent.
                let separator = self.separator;
                let before = parent.whole.as_ref().filter(|_| !text.contains(['%', separator]));
                whole = before.map(|before| format!("{before}{separator}{text}"));
            }
            Shape::Mixed(parts) => {
                parent.mixed.push((parts.clone(), Matcher::new(parts)?, child));
            }
            Shape::Any | Shape::Rest { .. } => parent.any = Some(child),
        }
        self.nodes.push(GrowingNode { whole, ..GrowingNode::default() });
        self.children.insert(known, child);
        Ok(child)
    }

    pub(super) fn goals(&mut self, node: NodeId) -> &mut Goals {
        &mut self.nodes[node as usize].goals
    }

    pub(super) fn finish(self) -> Tree {
        let mut whole = Table::default();
        let separator = self.separator;
        let mut finish = |node: GrowingNode| {
            let GrowingNode { texts, mut mixed, any, whole: text, goals } = node;
            let forms = text.map(|text| forms(text, separator)).into_iter().flatten();
            for (form, goal) in forms.zip(goals.ends) {
                whole.extend(form.zip(goal).map(|(form, goal)| (form.into(), goal)));
            }
            mixed.sort_by_key(|(parts, ..)| segment::rank(parts));
            let mixed = mixed.into_iter().map(|(_, matcher, child)| (matcher, child)).collect();
            Node { texts: Texts::new(texts), mixed, any, goals }
        };
        let nodes = self.nodes.into_iter().map(&mut finish).collect();
        let longest = whole.keys().map(|text| text.len()).max().unwrap_or(0);
        Tree { nodes, whole, longest }
    }
}

/// How a whole text is sent, and how with a slash at its end. A root has one form and a host has no
/// slash.
fn forms(whole: String, separator: char) -> [Option<String>; 2] {
    match (separator, &*whole) {
        ('/', "") => [Some("/".to_owned()), None],
        ('/', _) => [Some(whole.clone()), Some(whole + "/")],
        _ => [whole.strip_prefix(separator).map(str::to_owned), None],
    }
}
