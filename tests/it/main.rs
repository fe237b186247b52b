//! One binary for all integration tests: it runs the program as its users do, and GNU parallel beside it where the two
//! must agree. `FANOUT_BIN` names another program to test.

#![cfg(unix)]

mod harness;

// Who may use whom in src/, and what may stand where.
mod layering;

// Where arguments come from: standard input, files, words of the command line, combinations.
mod inputs;

// How many inputs a job gets, and how they stand in its command.
mod batching;

// Replacement strings, and values that must not be read as code.
mod template;

// Replacement strings that options add, and expressions.
mod strings;

// Started directly, or by the shell that GNU parallel would choose: nobody can tell.
mod exec_or_shell;

// How many jobs run at once, and on which CPUs.
mod slots;

// Long lists in the order of the input.
mod order;

// What happens to what jobs write.
mod output;

// Where output is kept: files, tables.
mod results;

// Joblog, timing and summary.
mod report;

// A run goes on where another one ended.
mod resume;

// What is shown while jobs run.
mod progress;

// How fanout itself ends.
mod exit_status;

// When jobs start, end, are tried again, and what is shown of them.
mod control;

// What has to hold for a job to start.
mod conditions;

// A person is asked before each job.
mod interactive;

// Control options beside GNU parallel's.
mod control_differential;

// Jobs that are tried again.
mod retries;

// How long jobs and runs may take.
mod timeouts;

// What becomes of everything that a job has started.
mod containment;

// Nobody waits for the watcher.
mod watcher;

// What finished jobs leave running.
mod leftovers;

// Which descriptors jobs get.
mod descriptors;

// What this machine gives.
mod doctor;

// What happens where something runs out or is missing.
mod exhaustion;

// Signals that do not end the run, and what jobs inherit of them.
mod signals;

// Ctrl-Z and what follows.
mod job_control;

// The generated man page and completions are those of the one definition.
mod generated;

// One command under a semaphore.
mod semaphore;

// Blocks of streams and files for jobs to read.
mod pipe;

// What we do otherwise than GNU parallel, and what it does.
mod differences;

// Whole scripts that were written for GNU parallel.
mod scripts;

// What jobs run in, and where default options come from.
mod environment;

// env_parallel and parset, in bash, zsh and fish.
mod shell_init;

// Scripts whose first line names fanout.
mod shebang;

// GNU parallel's names of options.
mod options;

// GNU xargs' command line, beside the real one.
mod xargs;

// Help, version, and the errors of the command line.
mod help;
mod hosts;

// The commands of README.md do what it says.
mod readme;
