//! Tables for people.

use auth_core::error::Untrusted;
use comfy_table::{Cell, LineStyle, Table, TableStyle};
use console::{Term, measure_text_width};

/// Columns and a rule below their heads: no boxes.
const PLAIN: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Rows of several lines need something between them.
const RULED: TableStyle = PLAIN
    .row_separator(LineStyle::none().fill('╌').junction('╌'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table under `heads`. Where a terminal is too narrow for it, each row is a paragraph: broken words serve nobody. Cells
/// are shown escaped: some of them come from files or from servers.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> String {
    let columns = Term::stdout().size_checked().map(|(_, columns)| columns);
    within(columns.map(usize::from), heads, rows)
}

/// The same for so many columns, or as wide as it gets.
fn within<const N: usize>(
    columns: Option<usize>,
    heads: [&str; N],
    rows: &[[String; N]],
) -> String {
    let table = whole(heads, rows);
    let widest = table.lines().map(measure_text_width).max();
    match columns {
        Some(columns) if widest.is_some_and(|widest| widest > columns) => {
            rows.iter().map(|row| paragraph(row, columns)).collect()
        }
        _ => table,
    }
}

fn whole<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> String {
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

/// The first cell, and below it the others one after the other, on as many lines as they need.
fn paragraph(row: &[String], columns: usize) -> String {
    let cells = row.iter().map(|cell| harmless(cell).replace('\n', ", "));
    let mut cells = cells.filter(|cell| !cell.is_empty() && cell != NOTHING);
    let mut text = format!("{}\n", cells.next().unwrap_or_default());
    let mut line = String::new();
    for cell in cells {
        if !line.is_empty() && line.chars().count() + cell.chars().count() + 4 > columns {
            text.push_str(&format!("  {line},\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&cell);
    }
    text.push_str(&format!("  {line}\n"));
    text
}

/// What stands in a cell that has nothing to say.
pub(crate) const NOTHING: &str = "–";

/// Each line by itself: the line breaks between them are ours.
fn harmless(text: &str) -> String {
    let lines = text.lines().map(|line| Untrusted::new(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_no_wider_than_the_terminal_and_loses_nothing() {
        let heads = ["profile", "kind", "defined", "API", "state"];
        let rows = [
            [
                "destiny-azure-development",
                "entra",
                "built-in",
                "https://api.dev.evidence-repository.org/",
                "log in",
            ],
            [
                "desp-otp",
                "client-credentials",
                "built-in, file",
                "http://127.0.0.1:18931/sso/auth/realms/highway/api",
                "not ready",
            ],
        ];
        let rows = rows.map(|row| row.map(str::to_owned));
        let mut shown = String::new();
        for columns in [60, 80, 120] {
            let table = within(Some(columns), heads, &rows);
            let widest = table.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(columns), "{widest:?}\n{table}");
            for cell in rows.iter().flatten() {
                assert!(table.contains(cell.as_str()), "{cell}\n{table}");
            }
            shown.push_str(&format!("{columns} columns\n{table}\n"));
        }
        insta::assert_snapshot!(shown);
    }
}
