//! Tables for people.

use auth_core::error::Untrusted;
use comfy_table::{Cell, LineStyle, Table, TableStyle};

/// Columns and a rule below their heads: no boxes.
const PLAIN: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Rows of several lines need something between them.
const RULED: TableStyle = PLAIN
    .row_separator(LineStyle::none().fill('╌').junction('╌'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table under `heads`. Cells are shown escaped: some of them come from files or from servers.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> String {
    let mut table = Table::new();
    let tall = rows.iter().flatten().any(|cell| cell.contains('\n'));
    table.load_style(if tall { RULED } else { PLAIN });
    table.set_header(heads);
    for row in rows {
        table.add_row(row.iter().map(|text| Cell::new(harmless(text))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((1, 0));
    }
    format!("{}\n", table.trim_fmt())
}

/// Each line by itself: the line breaks between them are ours.
fn harmless(text: &str) -> String {
    let lines = text.lines().map(|line| Untrusted::new(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}
