//! The ways in which a run is ended.

use std::time::Duration;

/// One of them. The watcher is the process that was started, the runner its child that does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Term,
    Int,
    Quit,
    HupThenTerm,
    TwoInts,
    KillWatcher,
    KillRunner,
    TermThenKillWatcher,
    TermThenKillRunner,
    Timeout,
    HaltFail,
    HaltDone,
    ClosedStdout,
}

/// All of them.
pub const ENDS: [End; 13] = [
    End::Term,
    End::Int,
    End::Quit,
    End::HupThenTerm,
    End::TwoInts,
    End::KillWatcher,
    End::KillRunner,
    End::TermThenKillWatcher,
    End::TermThenKillRunner,
    End::Timeout,
    End::HaltFail,
    End::HaltDone,
    End::ClosedStdout,
];

impl End {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            End::Term => "term",
            End::Int => "int",
            End::Quit => "quit",
            End::HupThenTerm => "hup-then-term",
            End::TwoInts => "two-ints",
            End::KillWatcher => "kill-watcher",
            End::KillRunner => "kill-runner",
            End::TermThenKillWatcher => "term-then-kill-watcher",
            End::TermThenKillRunner => "term-then-kill-runner",
            End::Timeout => "timeout",
            End::HaltFail => "halt-fail",
            End::HaltDone => "halt-done",
            End::ClosedStdout => "closed-stdout",
        }
    }

    /// Whether the run ends by an option, at a moment of its own.
    pub fn is_option(self) -> bool {
        matches!(self, End::Timeout | End::HaltFail | End::HaltDone)
    }

    /// How long the termination sequence may take. A signal that is not in it gets 200 ms of its own before.
    pub fn sequence(self) -> Duration {
        Duration::from_millis(if matches!(self, End::Int | End::Quit | End::TwoInts) { 575 } else { 375 })
    }
}
