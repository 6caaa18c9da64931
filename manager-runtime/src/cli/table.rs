//! Text in aligned columns.

/// Lines of cells under a head; a column is as wide as its widest cell.
pub(super) struct Table {
    lines: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const COLUMNS: usize>(head: [&str; COLUMNS]) -> Self {
        Table { lines: vec![head.map(str::to_owned).to_vec()] }
    }

    pub(super) fn push<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        self.lines.push(cells.to_vec());
    }

    /// The lines, each with a newline at its end and none with a blank before it.
    pub(super) fn render(&self) -> String {
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for line in &self.lines {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            let cells: Vec<String> = cells.collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_no_line_ends_with_blanks() {
        let mut table = Table::new(["handler", "replicas", "route"]);
        table.push(["add".to_owned(), "5".to_owned(), "POST /add".to_owned()]);
        table.push(["billing.äpfel".to_owned(), "65535".to_owned(), String::new()]);
        let expected = "\
handler        replicas  route
add            5         POST /add
billing.äpfel  65535
";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn a_head_without_lines_is_a_table_too() {
        assert_eq!(Table::new(["a", "b"]).render(), "a  b\n");
    }
}
