//! Where output is kept: the files of `--results` and `--files`, whatever the inputs are and whatever happens meanwhile.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use crate::harness::{Dir, Signal, fanout, is_root, seq, sh, wait_for};

/// All regular files below `folder`, by their names from there, with what is in them.
fn files(folder: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").as_encoded_bytes().to_vec();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, text)| ([&name[..], b"/", &below].concat(), text)));
        } else {
            found.insert(name, fs::read(&path).expect("a file"));
        }
    }
    found
}

/// Values that would leave a folder, or be taken for each other.
fn hostile() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> =
        ["", ".", "..", "/", "//", "../..", "../../x", "/etc/passwd", "a/../../../b", "./..", "../"]
            .into_iter()
            .chain([
                "\\", "\\e", "\\.", "\\..", "\\\\..", "\\_", "..\\_..", "\\+", "\t", "\\t", "...", ".. ", " ..", "~",
                "-",
            ])
            .chain([
                "a",
                "A",
                "a/",
                "a//",
                "/a",
                "stdout",
                "seq",
                "1",
                "$(touch pwned)",
                "`touch pwned`",
                "'",
                "\"",
                "*",
            ])
            .map(|value| value.as_bytes().to_vec())
            .collect();
    values.extend([b"\xff".to_vec(), b"\xfe\xff/..".to_vec()]);
    for length in [253, 254, 255, 256, 257, 510, 1000] {
        values.push(vec![b'x'; length]);
        values.push([vec![b'x'; length], b"/..".to_vec()].concat());
        values.push([vec![b'/'; length], b"..".to_vec()].concat());
    }
    values
}

fn zero_terminated(values: &[Vec<u8>]) -> Vec<u8> {
    values.iter().flat_map(|value| [&value[..], b"\0"].concat()).collect()
}

#[test]
fn no_value_leaves_the_folder_and_each_has_files_of_its_own() {
    let values = hostile();
    let dir = Dir::new();
    dir.write("in/keep", "");
    let cmd = fanout().dir(&dir).args(["-0", "--results", "in/out", "printf %s"]);
    cmd.stdin(zero_terminated(&values)).run().ok().stdout("").quiet();
    let all = files(&dir.path());
    assert!(all.keys().all(|name| name.starts_with(b"in/out/1/") || name == b"in/keep"), "{all:?}");
    let mut kept: Vec<Vec<u8>> =
        all.iter().filter(|(name, _)| name.ends_with(b"/stdout")).map(|(_, text)| text.clone()).collect();
    let mut expected = values;
    kept.sort();
    expected.sort();
    assert_eq!(kept.len(), expected.len());
    assert!(kept == expected);
}

#[test]
fn no_value_in_a_template_leaves_the_folder() {
    for template in ["in/out/{}", "in/out/{}/", "in/out/x{}", "in/out/{}/y", "in/out/{}{}/{//}/z"] {
        let dir = Dir::new();
        let values = zero_terminated(&hostile());
        // Some values can't have files beside others: a folder and a file of one name.
        fanout().dir(&dir).args(["-0", "-j1", "--results", template, "printf %s"]).stdin(values).run();
        let all = files(&dir.path());
        assert!(all.len() > 30, "{template}");
        assert!(all.keys().all(|name| name.starts_with(b"in/out/")), "{template}: {all:?}");
    }
}

#[test]
fn output_can_be_followed_while_the_job_runs_and_seq_comes_last() {
    let dir = Dir::new();
    dir.fifo("go");
    let running =
        fanout().dir(&dir).args(["--results", "out", "echo first; read x < go; echo $x; : {}", ":::", "a"]).spawn();
    wait_for("the first line", || fs::read(dir.join("out/1/a/stdout")).is_ok_and(|text| text == b"first\n"));
    assert!(!dir.join("out/1/a/seq").exists());
    dir.write("go", "second\n");
    running.wait().ok();
    assert_eq!(dir.text("out/1/a/stdout"), "first\nsecond\n");
    assert_eq!(dir.text("out/1/a/seq"), "1");
}

#[test]
fn a_run_that_was_killed_goes_on_with_what_has_not_ended() {
    let dir = Dir::new();
    let job = "[ -e go ] || [ {} = a ] || { touch {}.runs; exec sleep 1000; }; echo done {}; echo {} >> ran";
    let args = ["-j3", "--results", "out", "--resume", job, ":::", "a", "b", "c"];
    let running = fanout().dir(&dir).args(args).spawn();
    wait_for("the jobs", || ["out/1/a/seq", "b.runs", "c.runs"].iter().all(|name| dir.join(name).exists()));
    running.signal(Signal::KILL);
    running.wait();
    dir.write("go", "");
    // A seq that was being written when it was killed.
    dir.write("out/1/b/seq", "");
    fanout().dir(&dir).args(args).run().ok().quiet();
    let mut ran: Vec<String> = dir.text("ran").lines().map(str::to_owned).collect();
    ran.sort();
    assert_eq!(ran, ["a", "b", "c"]);
    for name in ["a", "b", "c"] {
        assert_eq!(dir.text(format!("out/1/{name}/stdout")), format!("done {name}\n"));
    }
    fanout().dir(&dir).args(args).run().ok();
    assert_eq!(dir.text("ran").lines().count(), 3, "all are done");
}

#[test]
fn what_a_halt_has_ended_is_not_done() {
    let dir = Dir::new();
    let job = "[ {} = b ] && { until [ -s out/1/a/stdout ]; do sleep 0.01; done; exit 1; }; echo half; exec sleep 1000";
    fanout()
        .dir(&dir)
        .args(["-j2", "--halt", "now,fail=1", "--results", "out", job, ":::", "a", "b"])
        .run()
        .fails_with(1);
    assert!(dir.join("out/1/b/seq").exists());
    assert!(!dir.join("out/1/a/seq").exists());
    let done = fanout().dir(&dir).args(["--resume", "--results", "out", "echo {} >> ran", ":::", "a", "b"]).run();
    done.ok();
    assert_eq!(dir.text("ran"), "a\n");
}

#[test]
fn a_full_disk_fails_the_job_and_names_the_file() {
    // No file may grow above 100 kB: as a full disk, for any user. SIGXFSZ is ignored so that it looks like one.
    let limited = || fanout().under(["prlimit", "--fsize=100000"]).under_sh("trap '' XFSZ");
    let args = ["-j1", "--joblog", "log", "seq {}", ":::", "10", "100000", "20"];
    for (results, file, kept) in [
        (&["--results", "out"][..], "out/1/100000/stdout", "out/1/20/stdout"),
        (&["--results", "out/{}.txt"], "out/100000.txt", "out/20.txt"),
    ] {
        let done = limited().args(results).args(args).run().fails_with(1).stderr_has(file).stderr_has("job 2");
        assert_eq!(done.dir.text(kept), seq(20));
        let row = done.dir.text("log").lines().nth(2).expect("a row").to_owned();
        assert_eq!(row.split('\t').nth(6), Some("-1"), "{row}");
        let done = fanout().dir(&done.dir).args(results).args(["--resume", "--joblog", "log", "echo {}", ":::"]);
        let done = done.args(["10", "100000", "20"]).run().ok();
        assert_eq!(done.dir.text(file), "100000\n", "again, as it was not whole");
        assert_eq!(done.dir.text(kept), seq(20));
    }
    let done = limited().args(["--files"]).args(args).run().fails_with(1).stderr_has(".par").stderr_has("job 2");
    assert_eq!(done.text().lines().count(), 2);
    assert_eq!(files(&done.dir.tmp()).len(), 2, "whose names were printed");
    let done = limited().args(["--results", "out.csv"]).args(args).run();
    done.fails_with(255).stderr_has("--results out.csv").leaves_nothing();
}

#[test]
fn a_folder_that_cannot_be_made_fails_the_job_and_names_it() {
    let dir = Dir::new();
    dir.write("file", "");
    let done = fanout().dir(&dir).args(["--results", "file/x", "echo", ":::", "a", "b"]).run();
    done.fails_with(2).stderr_has("file/x").stdout("");
    assert_eq!(dir.text("file"), "");
    fanout()
        .dir(&dir)
        .args(["--results", "no/such.csv", "echo", ":::", "a"])
        .run()
        .fails_with(255)
        .stderr_has("no/such.csv");
    fanout().dir(&dir).args(["--tmpdir", "none", "echo", ":::", "a"]).run().fails_with(255).stderr_has("--tmpdir none");
    fanout()
        .dir(&dir)
        .env("TMPDIR", "/none")
        .args(["--files", "echo", ":::", "a"])
        .run()
        .fails_with(1)
        .stderr_has("/none");
}

#[test]
fn links_of_other_users_are_not_followed() {
    // Only root can make a link that is another user's.
    if !is_root() {
        return;
    }
    let dir = Dir::new();
    fs::create_dir(dir.join("target")).expect("a folder");
    let plant = "mkdir -p shared && chmod 1777 shared && ln -s ../target shared/out && chown -h 1234 shared/out";
    sh(plant).dir(&dir).run().ok();
    let done = fanout().dir(&dir).args(["--results", "shared/out", "echo", ":::", "a"]).run();
    done.fails_with(1).stderr_has("another user's symbolic link");
    assert!(files(&dir.join("target")).is_empty());
    // What is there under the name of a file is replaced, and not written through.
    let plant = "mkdir -p own/1/a && echo safe > precious && ln -s ../../../precious own/1/a/stdout";
    sh(plant).dir(&dir).run().ok();
    fanout().dir(&dir).args(["--results", "own", "echo", ":::", "a"]).run().ok();
    assert_eq!(dir.text("precious"), "safe\n");
    assert_eq!(dir.text("own/1/a/stdout"), "a\n");
}

#[test]
fn jobs_of_one_name_do_not_mix() {
    // The first ends while the second runs: the names are the second's, and only its own end makes a seq.
    let dir = Dir::new();
    let job = "echo {#}; touch {#}.runs; until [ -e {#}.go ]; do sleep 0.01; done; echo {#}";
    let mut running = fanout().dir(&dir).args(["-j2", "--joblog", "log", "--results", "out", job]).stdin_live().spawn();
    running.feed("same\n");
    wait_for("the first", || dir.has("1.runs"));
    running.feed("same\n");
    running.close_stdin();
    wait_for("the second", || dir.has("2.runs"));
    dir.write("1.go", "");
    wait_for("the end of the first", || dir.text("log").lines().count() == 2);
    assert!(!dir.has("out/1/same/seq"));
    dir.write("2.go", "");
    running.wait().ok();
    assert_eq!((dir.text("out/1/same/stdout"), dir.text("out/1/same/seq")), ("2\n2\n".to_owned(), "2".to_owned()));
}

#[test]
fn a_table_goes_on_where_the_log_does() {
    let dir = Dir::new();
    let run = |resume: &[&str], inputs: &[&str]| {
        let cmd = fanout().dir(&dir).args(["-k", "--results", "t.csv", "--joblog", "log"]).args(resume);
        cmd.args(["echo", ":::"]).args(inputs).run().ok();
        dir.text("t.csv").lines().map(|row| row.split(',').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(run(&[], &["a", "b"]), ["Seq", "1", "\"", "2", "\""]);
    assert_eq!(run(&["--resume"], &["a", "b", "c"]), ["Seq", "1", "\"", "2", "\"", "3", "\""]);
    assert_eq!(run(&[], &["a"]), ["Seq", "1", "\""]);
}

#[test]
fn a_table_has_large_output_whole() {
    let done =
        fanout().args(["-k", "--buffer-size=64K", "--results", "-.json", "seq {}", ":::", "100000", "3"]).run().ok();
    let rows: Vec<serde_json::Value> =
        done.text().lines().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    assert_eq!(rows[0]["Stdout"], seq(100_000));
    assert_eq!(rows[1]["Stdout"], seq(3));
    let lines = fanout()
        .args(["-j1", "--lb", "--buffer-size=64K", "--results", "t.json", "seq {}", ":::", "100000"])
        .run()
        .ok();
    let row: serde_json::Value = serde_json::from_str(&lines.dir.text("t.json")).expect("JSON");
    assert_eq!(row["Stdout"], seq(100_000));
    lines.stdout(seq(100_000));
}

#[test]
fn files_print_names_and_standard_error_is_not_lost() {
    let done = fanout().args(["-k", "--files", "echo {}; echo e{} >&2", ":::", "a", "b"]).run().ok().stderr("ea\neb\n");
    let texts: Vec<Vec<u8>> = done.text().lines().map(|name| fs::read(name).expect("a file")).collect();
    assert_eq!(texts, [b"a\n", b"b\n"]);
    let done = fanout().args(["-k", "--files0", "echo", ":::", "a", "b"]).run().ok();
    let names: Vec<&[u8]> = done.stdout.strip_suffix(b"\0").expect("a NUL").split(|byte| *byte == 0).collect();
    let read = |name: &&[u8]| fs::read(OsString::from_vec(name.to_vec())).expect("a file");
    assert_eq!(names.iter().map(read).collect::<Vec<_>>(), [b"a\n", b"b\n"]);
}

#[test]
fn a_dry_run_makes_no_files() {
    for option in [&["--results", "out"][..], &["--results", "out/{}"], &["--files"]] {
        let done = fanout().args(option).args(["-k", "--dry-run", "echo", ":::", "a", "b"]).run().ok();
        assert!(files(&done.dir.path()).is_empty() && files(&done.dir.tmp()).is_empty());
        done.stdout("echo a\necho b\n");
    }
}

#[test]
fn a_table_that_is_an_input_is_refused() {
    let dir = Dir::new();
    dir.write("list.csv", "a\nb\n");
    let done = fanout().dir(&dir).args(["--results", "list.csv", "echo", "::::", "list.csv"]).run();
    done.fails_with(255).stderr_has("--results list.csv: is an input, too");
    assert_eq!(dir.text("list.csv"), "a\nb\n");
}

#[test]
fn a_compressor_that_fails_fails_the_job() {
    let done =
        fanout().args(["--compress-program", "cat >/dev/null; exit 3", "--results", "out", "echo", ":::", "a"]).run();
    done.fails_with(1).stderr_has("out/1/a/stdout").stderr_has("exit status 3");
    let done =
        fanout().args(["--compress-program", "true", "--results", "out", "yes | head -c 1000000 #", ":::", "a"]).run();
    done.fails_with(1).stderr_has("out/1/a/stdout");
}

/// One that does not read, and one that does not end.
#[test]
fn a_compressor_that_hangs_is_ended_with_the_run() {
    for (compressor, job) in
        [("touch ready; exec sleep 1000", "yes | head -c 1000000 #"), ("cat; touch ready; sleep 1000", "echo")]
    {
        let dir = Dir::new();
        let running =
            fanout().dir(&dir).args(["--compress-program", compressor, "--results", "out", job, ":::", "a"]).spawn();
        wait_for("the compressor", || dir.has("ready"));
        running.signal(Signal::TERM);
        running.wait().dies_of(Signal::TERM).leaves_nothing();
    }
}

#[test]
fn what_waits_on_disk_is_compressed() {
    // No file may grow above 1 MB; what waits is 20 MB.
    let job = "until [ {} = 2 ] || [ -e done ]; do sleep 0.01; done; yes {} | head -c 20000000; touch done";
    let run = |compress: &[&str]| {
        let cmd = fanout().under(["prlimit", "--fsize=1000000"]).under_sh("trap '' XFSZ");
        cmd.args(["-k", "-j2", "--buffer-size=64K"]).args(compress).args([job, ":::", "1", "2"]).run()
    };
    run(&[]).fails_with(255);
    let done = run(&["--compress"]).ok();
    assert!(done.stdout == ["1\n".repeat(10_000_000), "2\n".repeat(10_000_000)].concat().into_bytes());
}

#[test]
fn results_reach_the_disk_with_fsync() {
    let done = fanout().args(["--fsync", "--joblog", "log", "--results", "out", "echo", ":::", "a"]).run().ok();
    assert_eq!(done.dir.text("out/1/a/stdout"), "a\n");
}

#[test]
fn tags_and_colors_stand_at_the_starts_of_lines_only() {
    for mark in ["--tag", "--color"] {
        let done = fanout().args(["-k", "-j1", mark, "--buffer-size=64K", "seq", ":::", "100000"]).run().ok();
        let text = done.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 100_000);
        let whole = |(index, line): (usize, &&str)| {
            let plain = line.strip_suffix("\x1b[m").unwrap_or(line);
            plain.strip_suffix(&(index + 1).to_string()).is_some_and(|mark| mark.ends_with(['\t', 'K']))
        };
        assert!(lines.iter().enumerate().all(whole));
    }
}

#[test]
fn any_failure_is_red() {
    let done = fanout().args(["-k", "--cf", "echo {}; kill -{} $$; sleep 0.01", ":::", "9", "0"]).run().fails_with(1);
    done.stdout("\x1b[48;5;196;38;5;231m\x1b[K9\x1b[m\n0\n");
}

#[test]
fn the_latest_line_of_each_job_is_shown_on_a_terminal() {
    let dir = Dir::new();
    let job = "echo start {}; until [ -e go{} ]; do sleep 0.01; done; echo middle {}; echo end {}";
    let terminal =
        fanout().dir(&dir).args(["-j3", "-k", "--ll", "--tag", job, ":::", "1", "2", "3"]).on_terminal(24, 60);
    let shows = |lines: [&str; 3]| {
        let rows = terminal.rows();
        rows.len() >= 3 && lines.iter().zip(rows).all(|(line, shown)| shown.trim_end() == *line)
    };
    wait_for("all starts", || shows(["1       start 1", "2       start 2", "3       start 3"]));
    dir.write("go2", "");
    wait_for("the end of the second", || shows(["1       start 1", "2       end 2", "3       start 3"]));
    dir.write("go1", "");
    dir.write("go3", "");
    wait_for("all ends", || shows(["1       end 1", "2       end 2", "3       end 3"]));
    assert!(terminal.wait().0.success());
}

#[test]
fn without_a_terminal_the_latest_line_is_the_last() {
    let done = fanout().args(["-j1", "--latest-line", "echo a; echo b {} >&2; printf c{}", ":::", "1", "2"]).run().ok();
    done.stdout("c1\nc2\n");
}

#[test]
fn few_descriptors_are_made_do_with() {
    let inputs: String = seq(60);
    let cmd = fanout().under(["prlimit", "--nofile=64"]).args(["-j20", "--results", "out", "echo"]);
    let done = cmd.stdin(inputs).run().ok();
    assert_eq!(files(&done.dir.join("out")).keys().filter(|name| name.ends_with(b"/seq")).count(), 60);
}
