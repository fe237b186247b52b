//! The end of a job in a compact form, for those that have to wait long for their turn.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::model::{Buffer, Captured, Finished, Outcome, Seq, Slot, Usage};

/// Outputs up to this size go along; larger ones are in the temporary file before long, or worth their place in memory.
const SMALL: u64 = 16 << 10;

/// [`Finished`] without anything that is not plain bytes.
#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    seq: u64,
    slot: Option<u32>,
    start: SystemTime,
    wall: Duration,
    outcome: Outcome,
    success: bool,
    usage: Usage,
    leaked: bool,
    tries: u32,
    command: &'a [u8],
    args: &'a [u8],
    tag: Option<&'a [u8]>,
    stdout: &'a [u8],
    stderr: &'a [u8],
    stdout_bytes: u64,
    stderr_bytes: u64,
    received: u64,
    sent: u64,
    identity: &'a [u8],
}

/// `finished` as bytes; `None` where its output is too large or somewhere else.
pub fn pack(finished: &Finished) -> Option<Vec<u8>> {
    let packed = Packed {
        seq: finished.seq.0,
        slot: finished.slot.map(|slot| slot.0),
        start: finished.start,
        wall: finished.wall,
        outcome: finished.outcome.clone(),
        success: finished.success,
        usage: finished.usage,
        leaked: finished.leaked,
        tries: finished.tries,
        command: &finished.command,
        args: finished.args.as_bytes(),
        tag: finished.tag.as_deref(),
        stdout: small(&finished.stdout)?,
        stderr: small(&finished.stderr)?,
        stdout_bytes: finished.stdout_bytes,
        stderr_bytes: finished.stderr_bytes,
        received: finished.received,
        sent: finished.sent,
        identity: &finished.identity,
    };
    postcard::to_stdvec(&packed).ok()
}

/// What [`pack`] was given; `None`: these are not its bytes.
pub fn unpack(bytes: &[u8]) -> Option<Finished> {
    let packed: Packed<'_> = postcard::from_bytes(bytes).ok()?;
    let captured = |bytes: &[u8]| match bytes {
        [] => Captured::Empty,
        bytes => Captured::Memory(Buffer::from(bytes.to_vec())),
    };
    let words = packed.args.strip_suffix(b"\0").map(|args| args.split(|byte| *byte == 0).collect());
    Some(Finished {
        seq: Seq(packed.seq),
        slot: packed.slot.map(Slot),
        start: packed.start,
        wall: packed.wall,
        outcome: packed.outcome,
        success: packed.success,
        usage: packed.usage,
        leaked: packed.leaked,
        tries: packed.tries,
        command: packed.command.to_vec(),
        args: words.unwrap_or_default(),
        tag: packed.tag.map(Arc::from),
        stdout: captured(packed.stdout),
        stderr: captured(packed.stderr),
        stdout_bytes: packed.stdout_bytes,
        stderr_bytes: packed.stderr_bytes,
        received: packed.received,
        sent: packed.sent,
        identity: packed.identity.to_vec(),
    })
}

fn small(captured: &Captured) -> Option<&[u8]> {
    match captured {
        Captured::Empty => Some(&[]),
        Captured::Memory(bytes) if captured.len() <= SMALL => Some(bytes),
        Captured::Memory(_) | Captured::Spilled(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back() {
        let finished = Finished {
            seq: Seq(70_000),
            slot: Some(Slot(3)),
            start: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            wall: Duration::from_micros(1234),
            outcome: Outcome::SpawnFailed("why".to_owned()),
            success: false,
            usage: Usage { user: Duration::from_millis(5), peak_rss: 1 << 20, ..Usage::default() },
            leaked: true,
            tries: 2,
            command: b"echo \xff".to_vec(),
            args: ["a", "", "b"].into_iter().collect(),
            tag: Some(Arc::from(&b"t"[..])),
            stdout: Captured::Memory(Buffer::from(b"out\n".to_vec())),
            stderr: Captured::Empty,
            stdout_bytes: 4,
            stderr_bytes: 0,
            received: 4,
            sent: 5,
            identity: b"i".to_vec(),
        };
        let bytes = pack(&finished).expect("small");
        assert!(bytes.len() < 100, "{}", bytes.len());
        let back = unpack(&bytes).expect("its own bytes");
        assert_eq!(format!("{back:?}"), format!("{finished:?}"));
    }

    #[test]
    fn large_output_is_not_packed() {
        assert!(small(&Captured::Memory(Buffer::from(vec![0; SMALL as usize + 1]))).is_none());
        assert!(unpack(b"").is_none());
    }
}
