//! Links the programs statically where the machine has what it takes.
//!
//! A job runner is started for every little thing, and a dynamic loader that looks for three libraries and relocates them
//! takes longer than all of our own start-up: an empty Rust program takes 1.4 times an empty C program, a static one 0.8
//! times (see ARCHITECTURE.md). `-C target-feature=+crt-static` would do it, but only together with `--target`, which moves
//! the programs to another folder. So the linker is shown the archives under the names that rustc asks for.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=FANOUT_DYNAMIC");
    let gnu = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
        && env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
    let native = env::var("HOST") == env::var("TARGET");
    let (Ok(out), true, None) = (env::var("OUT_DIR"), gnu && native, env::var_os("FANOUT_DYNAMIC")) else { return };
    if let Some(folder) = archives(Path::new(&out)) {
        println!("cargo:rustc-link-arg-bins=-L{}", folder.display());
        println!("cargo:rustc-link-arg-bins=-static-pie");
    }
}

/// A folder where each library that rustc names leads to its archive; `None` where one is missing.
fn archives(out: &Path) -> Option<PathBuf> {
    let [libc, libm, unwind, gcc] = ["libc.a", "libm.a", "libgcc_eh.a", "libgcc.a"].map(archive);
    let start = archive("rcrt1.o");
    let (libc, libm, unwind, gcc, _) = (libc?, libm?, unwind?, gcc?, start?);
    let folder = out.join("archives");
    fs::create_dir_all(&folder).ok()?;
    let group = format!("GROUP ( {libc} {unwind} {gcc} )\n");
    for (name, script) in [
        ("libc.so", group.as_str()),
        ("libgcc_s.so", group.as_str()),
        ("libm.so", &format!("GROUP ( {libm} )\n")),
        // Part of libc since glibc 2.34.
        ("libpthread.so", ""),
        ("libdl.so", ""),
        ("librt.so", ""),
        ("libutil.so", ""),
    ] {
        let script = if script.is_empty() { group.as_str() } else { script };
        fs::write(folder.join(name), script).ok()?;
    }
    Some(folder)
}

/// Where the C compiler finds a file of its own or of the C library.
fn archive(name: &str) -> Option<String> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(compiler).arg(format!("-print-file-name={name}")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    // One that it does not know is answered as it is.
    (output.status.success() && path.contains('/') && Path::new(&path).exists()).then_some(path)
}
