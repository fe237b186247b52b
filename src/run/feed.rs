//! The reader: records from the inputs to the pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use anyhow::{Result, anyhow, bail};

use super::resume::{Next, Resume};
use crate::exec::{Events, Pool};
use crate::input::{BadInput, Source, TooLong};
use crate::model::{Event, Finished};
use crate::schedule::Scheduler;
use crate::sys::limits;
use crate::sys::wake::Wake;

/// So many records are read before a thread is started for the rest, where nothing has to be waited for: a short run is over
/// before one would have started.
const AT_HAND: usize = 4;

/// What is said of a bug of ours.
const FAILED: &str = "internal error: the reader failed";

/// Everything that is between an input and the pool.
pub struct Feed<'scope, 'a, 'e, 'p, 't> {
    /// Where records come from.
    pub source: &'scope mut Source<'t>,
    /// Which of them an earlier run has done.
    pub resume: &'scope mut Resume<'t>,
    /// Says when to stop.
    pub scheduler: &'scope Scheduler<'a>,
    /// Ends a wait for input.
    pub stop: &'scope Wake,
    /// Where records go.
    pub pool: &'scope Pool<'p>,
    /// Where those go that are done.
    pub events: &'scope Events<'e>,
}

/// How the reading goes on, or went.
pub enum Reading<'scope> {
    /// On a thread of its own.
    Thread(ScopedJoinHandle<'scope, Result<()>>),
    /// It is over.
    Over(Result<()>),
}

impl<'scope> Feed<'scope, '_, '_, '_, '_> {
    /// Reads what is at hand, and leaves the rest to a thread. `until_the_end` is dropped when all has been read, also when that
    /// panics: the main thread must not wait for it then.
    pub fn start(mut self, scope: &'scope Scope<'scope, '_>, until_the_end: impl Send + 'scope) -> Reading<'scope> {
        // Passing jobs over is not for the main thread, which has signals to wait for.
        let at_hand = if self.source.is_at_hand() && !self.resume.is_on() { AT_HAND } else { 0 };
        let (scheduler, pool) = (self.scheduler, self.pool);
        match self.read(scope, at_hand) {
            Ok(true) => {
                let read = move || {
                    let _until_the_end = until_the_end;
                    let read = self.read(scope, usize::MAX);
                    self.close(read)
                };
                match Builder::new().name("reader".into()).spawn_scoped(scope, read) {
                    Ok(thread) => Reading::Thread(thread),
                    Err(error) => {
                        scheduler.drain();
                        pool.close();
                        let why = limits::shortage(&error);
                        Reading::Over(Err(anyhow!("can't start a thread to read the input: {why}")))
                    }
                }
            }
            read => Reading::Over(self.close(read)),
        }
    }

    /// Reads so many records. Answers whether there may be more. A bug of ours is an error like any other: slots would wait for
    /// ever.
    fn read(&mut self, scope: &'scope Scope<'scope, '_>, most: usize) -> Result<bool> {
        catch_unwind(AssertUnwindSafe(|| self.try_read(scope, most))).unwrap_or_else(|_| bail!(FAILED))
    }

    fn try_read(&mut self, scope: &'scope Scope<'scope, '_>, most: usize) -> Result<bool> {
        let (scheduler, pool) = (self.scheduler, self.pool);
        for _ in 0..most {
            if scheduler.is_stopping() {
                return Ok(false);
            }
            if most == AT_HAND && pool.is_full() {
                // The main thread has signals to wait for.
                return Ok(true);
            }
            match self.resume.next(self.source, self.stop, &|| scheduler.is_stopping())? {
                Some(Next::Run(record)) => pool.submit(scope, record),
                Some(Next::PassOver(seq)) => {
                    self.events.send(Event::Finished(Box::new(Finished::already_done(seq))));
                }
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn close(&self, read: Result<bool>) -> Result<()> {
        // An input that is too long is the last one: those before it are run, as by GNU parallel.
        if read.as_ref().is_err_and(|error| !(error.is::<TooLong>() || error.is::<BadInput>())) {
            self.scheduler.drain();
        }
        self.pool.close();
        read.map(|_| ())
    }
}

impl Reading<'_> {
    /// Waits for the end.
    ///
    /// # Errors
    /// An input that can't be read.
    pub fn end(self) -> Result<()> {
        match self {
            Reading::Over(read) => read,
            // A panic of ours has printed its message; what it left undone is an error like any other.
            Reading::Thread(thread) => thread.join().unwrap_or_else(|_| bail!(FAILED)),
        }
    }
}
