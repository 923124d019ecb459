"""Owns what docs/comparison.md says of Hugo: builds the small site beside this file and says where its canaries come out.

    python3 tests/comparison/hugo.py path/to/hugo

Run by hand; nothing else depends on it. It needs Python and a Hugo, and writes into a temporary folder only.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

SITE = Path(__file__).parent / "hugo"
CANARY = re.compile(rb"canary[a-z]*", re.IGNORECASE)
PORT = 13137


def copy(here: Path, name: str) -> Path:
    """Copies the site."""
    root = here / name
    shutil.copytree(SITE, root)
    return root


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path}: no {old!r}"
    path.write_text(text.replace(old, new))


def build(hugo: str, root: Path, *options: str) -> str:
    """Builds a site into its public/; returns what was said."""
    run = subprocess.run([hugo, "--source", str(root), *options], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def canaries(root: Path) -> dict[str, set[str]]:
    """Returns the files of an output by the canaries in them or in their names."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file():
            for word in CANARY.findall(name.encode()) + CANARY.findall(path.read_bytes()):
                found.setdefault(word.decode().lower(), set()).add(name)
    return found


def tell(title: str, found: dict[str, set[str]]) -> None:
    print(f"\n## {title}\n")
    for word, files in sorted(found.items()):
        print(f"- {word}: {', '.join(sorted(files))}")
    if not found:
        print("- nothing")


def server_says(hugo: str, root: Path) -> str:
    """Starts the preview on loopback and returns the page it shows."""
    command = [hugo, "server", "--source", str(root), "--port", str(PORT), "--bind", "127.0.0.1", "--renderToMemory"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(50):
            time.sleep(0.2)
            try:
                edit_after_start(root)
                time.sleep(2)
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/posts/shortcode/") as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.read().decode()
            except OSError:
                continue
        return ""
    finally:
        server.terminate()
        server.wait()


def edit_after_start(root: Path) -> None:
    """Forgets the end of a shortcode, once the preview answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/posts/shortcode/"):
        pass
    edit(root / "content/posts/shortcode.md", "{{< /withheld >}}", "")


def main() -> None:
    hugo = str(Path(sys.argv[1]).resolve())
    print(subprocess.run([hugo, "version"], capture_output=True, text=True, check=True).stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)

        root = copy(here, "plain")
        build(hugo, root)
        tell("As it is", canaries(root / "public"))

        root = copy(here, "unsafe")
        with (root / "hugo.toml").open("a") as config:
            config.write("\n[markup.goldmark.renderer]\nunsafe = true\n")
        build(hugo, root)
        tell("With HTML allowed in Markdown", canaries(root / "public"))

        root = copy(here, "raw")
        edit(root / "layouts/home.json", "$page.Plain", "$page.RawContent")
        build(hugo, root)
        found = canaries(root / "public")
        tell("With a search index made of .RawContent", {word: {"index.json"} for word, files in found.items() if "index.json" in files})

        root = copy(here, "one")
        build(hugo, root)
        other = copy(here, "other")
        page = other / "content/posts/shortcode.md"
        edit(page, "Canaryswallowed, 4.2 million", "nothing at all, in many more words than before, and *with* marks")
        edit(page, "Canaryblock offered 4.2 million.", "| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: A note.\n")
        build(hugo, other)
        differing = {
            path.relative_to(root).as_posix(): {"differs"}
            for path in sorted((root / "public").rglob("*"))
            if path.is_file() and path.read_bytes() != (other / path.relative_to(root)).read_bytes()
        }
        tell("Files that change when other text stands in the shortcodes", differing)

        root = copy(here, "leftovers")
        draft = root / "content/posts/draft.md"
        edit(draft, "draft = true", "draft = false")
        build(hugo, root)
        edit(draft, "draft = false", "draft = true")
        (root / "content/posts/bundle/notes.txt").unlink()
        build(hugo, root)
        found = canaries(root / "public")
        late = ("canarydraft", "canarydrafttext", "canarytopic", "canaryalias", "canaryresource")
        tell("Left from the build before, in which it was public", {word: found[word] for word in late if word in found})
        build(hugo, root, "--cleanDestinationDir")
        found = canaries(root / "public")
        tell("The same, built with --cleanDestinationDir", {word: found[word] for word in late if word in found})

        root = copy(here, "log")
        edit(root / "content/posts/shortcode.md", "{{< /withheld >}}", "")
        said = build(hugo, root)
        print("\n## What a build says of a shortcode without an end\n")
        print("\n".join(line.replace(str(here), "…") for line in said.splitlines() if "ERROR" in line))
        print("canaries in it:", sorted({word.decode() for word in CANARY.findall(said.encode())}))
        print("a site stands in public/:", (root / "public/index.html").exists())

        root = copy(here, "misspelt")
        edit(root / "content/posts/shortcode.md", "{{< withheld >}}", "{{< witheld >}}")
        edit(root / "content/posts/shortcode.md", "{{< /withheld >}}", "{{< /witheld >}}")
        said = build(hugo, root)
        print("\n## What a build says of a shortcode with another name\n")
        print("\n".join(line.replace(str(here), "…") for line in said.splitlines() if "ERROR" in line))

        root = copy(here, "server")
        page = server_says(hugo, root)
        print("\n## What the preview shows of a shortcode without an end\n")
        print("canaries in it:", sorted({word.decode() for word in CANARY.findall(page.encode())}))


if __name__ == "__main__":
    main()
