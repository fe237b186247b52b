//! Where arguments come from.
use crate::harness::fanout;
#[test]
fn lines_of_standard_input() {
    fanout().args(["-k", "echo"]).stdin("1\n2\n").run().ok().stdout("1\n2\n").quiet();
}
