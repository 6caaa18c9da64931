//! A table with a row for each size, and how often the first row each figure is.

/// A table that is printed as it comes: the last rows may take their time.
pub(crate) struct Curve {
    /// The first figure of each column that could be measured.
    first: Vec<f64>,
    /// Whether the least figure so far stands in the place of the first.
    against_least: bool,
}

impl Curve {
    /// Prints what stands above the rows.
    pub(crate) fn begin(title: &str, what: &str, columns: &[&str]) -> Self {
        println!("\n{title}");
        print!("  {what:>12}");
        for column in columns {
            print!(" {column:>18} {:>7}", "ratio");
        }
        println!();
        Curve { first: vec![f64::NAN; columns.len()], against_least: false }
    }

    /// Its ratios are to the least figure above: for what falls at first, and shall not rise again.
    pub(crate) fn against_least(self) -> Self {
        Curve { against_least: true, ..self }
    }

    /// Prints a row. What could not be measured is not a number.
    pub(crate) fn row(&mut self, size: &str, figures: &[f64]) {
        print!("  {size:>12}");
        for (figure, first) in figures.iter().zip(&mut self.first) {
            // What is nothing in the first row is no measure of the others.
            if *first <= 0.0 || first.is_nan() || (self.against_least && figure < first) {
                *first = *figure;
            }
            print!(" {:>18} {:>7}", short(*figure), ratio(figure / *first));
        }
        println!();
    }
}

fn ratio(ratio: f64) -> String {
    match ratio {
        _ if !ratio.is_finite() => "-".to_owned(),
        _ if ratio >= 100.0 => format!("{ratio:.0}"),
        _ => format!("{ratio:.2}"),
    }
}

/// A figure with as many digits as mean something.
fn short(figure: f64) -> String {
    match figure {
        _ if !figure.is_finite() => "-".to_owned(),
        size if size >= 1_000.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.3}"),
    }
}

/// A size as people write it, where it is one of bytes.
pub(crate) fn bytes(size: usize) -> String {
    match size {
        _ if size >= 1 << 20 => format!("{} MiB", size >> 20),
        _ if size >= 1 << 10 => format!("{} KiB", size >> 10),
        _ => format!("{size} B"),
    }
}
