//! Any bytes as a meeting, its translation and a member record, through the door.
//!
//! ```sh
//! cargo install cargo-fuzz; mkdir -p fuzz/corpus/door
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none door fuzz/corpus/door tests/door/seeds -- -dict=tests/door/words.dict -max_total_time=600
//! ```
#![no_main]

#[path = "../../tests/it/door.rs"]
mod door;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    door::holds(input);
});
