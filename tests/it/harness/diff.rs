//! Showing bytes, and where two of them differ.

/// How much of an output a failing test shows.
const SHOWN: usize = 4000;

/// Bytes for a message: line by line, everything that is not printable escaped, cut where it is long.
pub fn show(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "    (nothing)\n".to_owned();
    }
    let shown = &bytes[..bytes.len().min(SHOWN)];
    let mut text: String =
        shown.split_inclusive(|byte| *byte == b'\n').map(|line| format!("    {}\n", one(line))).collect();
    if bytes.len() > SHOWN {
        text.push_str(&format!("    ... and {} bytes more\n", bytes.len() - SHOWN));
    }
    text
}

/// What differs, with the lines around the first difference.
pub fn diff(expected: &[u8], actual: &[u8]) -> String {
    let old: Vec<&[u8]> = expected.split_inclusive(|byte| *byte == b'\n').collect();
    let new: Vec<&[u8]> = actual.split_inclusive(|byte| *byte == b'\n').collect();
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(2);
    let mut text = format!(
        "they differ from line {} on (expected {} lines, {} bytes; got {} lines, {} bytes):\n",
        same + 1,
        old.len(),
        expected.len(),
        new.len(),
        actual.len()
    );
    for line in &old[from..same] {
        text.push_str(&format!("      {}\n", one(line)));
    }
    for line in old[same..].iter().take(12) {
        text.push_str(&format!("    - {}\n", one(line)));
    }
    for line in new[same..].iter().take(12) {
        text.push_str(&format!("    + {}\n", one(line)));
    }
    text
}

fn one(line: &[u8]) -> String {
    let text = line[..line.len().min(300)].escape_ascii().to_string();
    if line.len() > 300 { format!("{text}... ({} bytes)", line.len()) } else { text }
}
