//! The integration tests: the program as its users meet it, over whole sites.
//!
//! One binary, so that the crate is linked once. `support` holds what the modules share; each module says at its top what
//! it holds the program to. Sites that are built as they stand lie in `tests/sites/`.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make, read and remove files, all in temporary folders but for `UPDATE_GOLDEN`"
)]

mod support;

mod attachments;
mod audit;
mod broken;
mod cli;
mod door;
mod fuzz;
mod generator;
mod golden;
mod kill;
mod lookout;
mod minutes;
mod mutants;
mod panics;
mod property;
mod register;
mod review;
mod same_bytes;
mod secretariats;
mod serve;
mod theme_pages;
mod tidy;
mod write;
mod write_kill;
