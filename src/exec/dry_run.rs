//! `--dry-run` and `--shell-quote`: an executor that prints commands instead of running them.

use super::{Attempt, Executor, Task, Trial};
use crate::model::{Buffer, Captured, Outcome};
use crate::template::{ShellFamily, Template, quoted};

/// Prints each command on standard output, as GNU parallel's `--dry-run` and `--shell-quote`.
#[derive(Debug)]
pub struct DryRun<'a> {
    template: &'a Template,
    family: ShellFamily,
    quotes: u8,
}

impl<'a> DryRun<'a> {
    /// Shows the commands of `template`, each quoted so often for a shell of this family.
    pub fn new(template: &'a Template, family: ShellFamily, quotes: u8) -> DryRun<'a> {
        DryRun { template, family, quotes }
    }
}

impl Executor for DryRun<'_> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        let mut text = Vec::new();
        let trial = match self.template.text(task.record, task.slot, &mut text) {
            Ok(()) => {
                for _ in 0..self.quotes {
                    text = quoted(&text, self.family);
                }
                text.push(b'\n');
                let count = text.len() as u64;
                let stdout = (Captured::Memory(Buffer::from(text)), count);
                Trial { stdout, ..Trial::without_process(Outcome::Exited(0)) }
            }
            Err(refusal) => Trial::without_process(Outcome::Refused(refusal.reason)),
        };
        Attempt::Ended(Box::new(trial))
    }
}
