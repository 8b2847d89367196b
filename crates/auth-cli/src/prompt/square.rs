//! [`square`]: an address for the camera of a phone.

use anstyle::{Ansi256Color, Color, Style};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Black on white, whatever the terminal's own colours are: these two are the same in each palette. A code that is light on
/// dark is taken by few cameras.
const BLACK_ON_WHITE: Style = Style::new()
    .fg_color(Some(Color::Ansi256(Ansi256Color(16))))
    .bg_color(Some(Color::Ansi256(Ansi256Color(231))));

/// The lines of a QR code that says `text`, for a terminal with so many columns. `None` where it has no room.
pub(super) fn square(text: &str, columns: usize) -> Option<Vec<String>> {
    let code = QrCode::new(text).ok()?;
    let picture = code.render::<Dense1x2>().build();
    if picture.lines().any(|line| line.chars().count() > columns) {
        // A square that is wrapped is none.
        return None;
    }
    let (before, after) = (BLACK_ON_WHITE.render(), BLACK_ON_WHITE.render_reset());
    let lines = picture.lines().map(|line| format!("{before}{line}{after}"));
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::square;

    /// The brightness of each half of a character, as a terminal of that theme shows the text.
    fn shown(lines: &[String], foreground: u8, background: u8) -> Vec<Vec<u8>> {
        let mut rows = Vec::new();
        for line in lines {
            let (mut fore, mut back) = (foreground, background);
            let (mut upper, mut lower) = (Vec::new(), Vec::new());
            let mut rest = line.as_str();
            while let Some(first) = rest.chars().next() {
                if let Some(sequence) = rest.strip_prefix("\u{1b}[") {
                    let (codes, after) = sequence.split_once('m').unwrap();
                    match codes {
                        "0" | "" => (fore, back) = (foreground, background),
                        "38;5;16" => fore = 0,
                        "48;5;231" => back = 255,
                        other => panic!("{other}"),
                    }
                    rest = after;
                    continue;
                }
                let (top, bottom) = match first {
                    ' ' => (back, back),
                    '▀' => (fore, back),
                    '▄' => (back, fore),
                    '█' => (fore, fore),
                    other => panic!("{other}"),
                };
                upper.push(top);
                lower.push(bottom);
                rest = &rest[first.len_utf8()..];
            }
            rows.extend([upper, lower]);
        }
        rows
    }

    #[test]
    fn a_reader_takes_the_code_from_a_dark_terminal_and_from_a_light_one() {
        let text = "https://sso.example.org/realms/lab/device?user_code=WDJB-MJHT";
        let lines = square(text, 80).unwrap();
        for (foreground, background) in [(255, 0), (0, 255), (200, 40)] {
            let rows = shown(&lines, foreground, background);
            // Four points for each module, with some of the terminal round it.
            let (width, height) = (rows[0].len() + 8, rows.len() + 8);
            let at = |x: usize, y: usize| {
                let inner = |place: usize| (place / 4).checked_sub(4);
                let cell = inner(y).and_then(|y| rows.get(y)?.get(inner(x)?).copied());
                cell.unwrap_or(background)
            };
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(width * 4, height * 4, at);
            let grids = image.detect_grids();
            assert_eq!(grids.len(), 1, "{foreground} on {background}");
            assert_eq!(grids[0].decode().unwrap().1, text);
        }
    }

    #[test]
    fn where_it_has_no_room_there_is_none() {
        assert!(square("https://sso.example.org/device", 20).is_none());
    }
}
