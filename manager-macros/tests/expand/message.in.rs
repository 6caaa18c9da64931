#[message]
#[derive(Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    pub a: i64,
}

#[message(crate = my::runtime)]
enum Page<T, const N: usize = 1>
where
    T: Clone,
{
    Full([T; N]),
    Empty,
}
