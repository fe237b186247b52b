//! Writes `man/` and `completions/` anew from the definition of the command line: `cargo run --example generate`.

mod render;

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for (path, text) in render::files()? {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}
