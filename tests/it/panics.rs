//! If the program itself fails, it says where in its own source, and nothing else: the words of a panic can be those of a text.

use std::process::Command;

const ASKED: &str = "CLERESTORY_TEST_PANIC";

/// Panics as slicing does, with the text in its message; only when another test asks for it.
#[test]
fn child() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    std::panic::set_hook(Box::new(clerestory::console::panicked));
    let text = String::from("Canary€ text that nobody may read");
    #[expect(clippy::string_slice, reason = "this is what must not tell its text")]
    let part = &text[..7];
    assert!(part.is_empty());
}

#[test]
fn a_panic_tells_its_place_and_no_text() {
    let output = Command::new(std::env::current_exe().expect("a test knows itself"))
        .args(["panics::child", "--exact", "--nocapture"])
        .env(ASKED, "yes")
        .output()
        .expect("a test can be run again");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let said: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("error: clerestory failed at "),
        "{said:?}"
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("Canary"));
    assert!(!said[0].contains("Canary"), "{said:?}");
}
