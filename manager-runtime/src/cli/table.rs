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

    /// The lines, each with a newline at its end and none with a blank before it. A column in which
    /// nothing stands is left out.
    pub(super) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns()).map(|column| self.width(column)).collect();
        let mut text = String::new();
        for line in &self.lines {
            let cells = line.iter().zip(&widths).filter(|(_, width)| **width > 0);
            let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    fn columns(&self) -> usize {
        self.lines.first().map_or(0, Vec::len)
    }

    /// The width of a column; 0 if there are lines and nothing stands in any of them.
    fn width(&self, column: usize) -> usize {
        let width = |line: &Vec<String>| line.get(column).map_or(0, |cell| cell.chars().count());
        let body = self.lines.iter().skip(1).map(width).max();
        match (self.lines.first().map_or(0, width), body) {
            (_, Some(0)) => 0,
            (head, body) => head.max(body.unwrap_or(0)),
        }
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
    fn an_empty_column_is_left_out() {
        let mut table = Table::new(["a", "b", "c"]);
        table.push(["1".to_owned(), String::new(), "3".to_owned()]);
        assert_eq!(table.render(), "a  c\n1  3\n");
    }

    #[test]
    fn a_head_without_lines_is_a_table_too() {
        assert_eq!(Table::new(["a", "b"]).render(), "a  b\n");
    }
}
