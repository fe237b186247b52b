//! `--dry-run`: an executor that prints commands instead of running them.

use super::{Attempt, Executor, Task, Trial};
use crate::model::{Buffer, Captured, Outcome};
use crate::template::Template;

/// Prints each command on standard output, as GNU parallel's `--dry-run`.
#[derive(Debug)]
pub struct DryRun<'a> {
    template: &'a Template,
}

impl<'a> DryRun<'a> {
    /// Shows the commands of `template`.
    pub fn new(template: &'a Template) -> DryRun<'a> {
        DryRun { template }
    }
}

impl Executor for DryRun<'_> {
    fn execute(&mut self, task: &Task<'_>) -> Attempt {
        let mut text = Vec::new();
        let trial = match self.template.text(task.record, task.slot, &mut text) {
            Ok(()) => {
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
