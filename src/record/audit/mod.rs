//! Two nets behind the door: is withheld text in this output, and does it depend on any? Where, never what.
//!
//! Nothing here uses the code that finds and cuts passages: `extract` looks for them in its own, crude way. The first net
//! replaces everything withheld ([`SecondOpinion::twin`]) and compares; the second ([`LeakScan`]) looks for withheld words in the
//! bytes of an output, in every view. Neither gives a word away: a hit names places.

mod extract;
mod needles;
mod pdf;
mod twins;
mod views;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::diag::{Code, Diagnostic, FilePath, Finding};
use crate::record::source::{Source, Sources, Unredacted};
use crate::record::{Archive, Published, PublishedDocument, PublishedReport, Records};
use extract::Extract;
use needles::{Needles, Passage, Weight};
use twins::Lines;
use views::Sight;

pub(crate) use twins::Shape;

/// The words beyond which a bundled file counts as a text of its own, in which one ordinary word says nothing.
const LONG: usize = 60;
/// How near two ordinary words of a passage stand if they come from it, in bytes.
const NEAR: usize = 200;

/// The same archive with everything withheld replaced.
pub(crate) struct Twin {
    /// The archive.
    pub(crate) archive: Archive,
    lines: BTreeMap<FilePath, Lines>,
    /// Whether files are left out that withhold nothing.
    is_part: bool,
    files: BTreeSet<FilePath>,
}

impl std::fmt::Debug for Twin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Twin(…)")
    }
}

impl Twin {
    /// Returns the first file of which the twin publishes something else. `own` are the records of the original, `twin` those of
    /// the twin, which may be a part.
    ///
    /// Lists of files that nothing has named yet do not count.
    pub(crate) fn differs(&self, own: &Records, twin: &Records) -> Option<FilePath> {
        let code: FilePath = "content/code.toml".into();
        let homes = [&own.home, &twin.home].map(Option::as_slice);
        let documents = [&own.documents[..], &twin.documents];
        let reports = [&own.reports[..], &twin.reports];
        let of_document = |own: &PublishedDocument, twin: &PublishedDocument| {
            self.same(&own.document, &twin.document)
                && own.versions.len() == twin.versions.len()
                && own
                    .versions
                    .iter()
                    .zip(&twin.versions)
                    .all(|(own, twin)| self.same(own, twin))
        };
        let of_report = |own: &PublishedReport, twin: &PublishedReport| {
            own.member == twin.member && self.same(&own.report, &twin.report)
        };
        self.first(homes, file, |own, twin| self.same(own, twin))
            .or_else(|| (self.has(&code) && own.code != twin.code).then_some(code))
            .or_else(|| {
                self.first([&own.meetings, &twin.meetings], file, |own, twin| {
                    self.same(own, twin)
                })
            })
            .or_else(|| {
                self.first(
                    [&own.members, &twin.members],
                    |own| &own.file,
                    PartialEq::eq,
                )
            })
            .or_else(|| self.first(documents, |own| file(&own.document), of_document))
            .or_else(|| self.first(reports, |own| file(&own.report), of_report))
            .or_else(|| {
                self.first([&own.pages, &twin.pages], file, |own, twin| {
                    self.same(own, twin)
                })
            })
    }

    fn first<T>(
        &self,
        [own, twin]: [&[T]; 2],
        file: impl Fn(&T) -> &FilePath,
        same: impl Fn(&T, &T) -> bool,
    ) -> Option<FilePath> {
        let own: Vec<&T> = own.iter().filter(|own| self.has(file(own))).collect();
        let twin: Vec<&T> = twin.iter().filter(|twin| self.has(file(twin))).collect();
        let differing = own.iter().zip(&twin).find(|(own, twin)| !same(own, twin));
        match differing {
            Some((own, _)) => Some(Arc::clone(file(own))),
            None if own.len() == twin.len() => None,
            None => own
                .iter()
                .chain(&twin)
                .next_back()
                .map(|last| Arc::clone(file(last))),
        }
    }

    /// Compares all that is published of a document. In a part, the address of a withheld title depends on what is left out.
    fn same<F: PartialEq>(&self, own: &Published<F>, twin: &Published<F>) -> bool {
        let same_slug = own.slug == twin.slug || (self.is_part && own.paths.is_withheld);
        same_slug
            && (&own.original, &own.translations, &own.closed)
                == (&twin.original, &twin.translations, &twin.closed)
    }

    fn has(&self, file: &FilePath) -> bool {
        !self.is_part || self.files.contains(file)
    }

    /// Returns those messages about the original that are about a file of the twin.
    pub(crate) fn part_of(&self, told: &[Diagnostic]) -> Vec<Diagnostic> {
        told.iter()
            .filter(|told| self.has(&told.file))
            .cloned()
            .collect()
    }

    /// Says whether messages about the twin are those about the original, lines told back.
    pub(crate) fn says_the_same(&self, original: &[Diagnostic], own: &[Diagnostic]) -> bool {
        original.len() == own.len()
            && original.iter().zip(own).all(|(one, other)| {
                let lines = self.lines.get(&other.file);
                let same_line = match (one.place, other.place) {
                    (Some(one), Some(other)) => lines.map_or(one.line == other.line, |lines| {
                        lines.can_be(other.line, one.line)
                    }),
                    (None, None) => true,
                    _ => false,
                };
                same_line
                    && (one.code, &one.file, &one.message, &one.help)
                        == (other.code, &other.file, &other.message, &other.help)
            })
    }
}

/// What is withheld, found a second time and in another way.
pub(crate) struct SecondOpinion<'a> {
    archive: &'a Archive,
    extracts: Vec<(&'a str, Extract)>,
    /// The files that are withheld as attachments or with their document, with the source that says so and its line.
    files: BTreeMap<String, (FilePath, usize)>,
}

impl std::fmt::Debug for SecondOpinion<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecondOpinion(…)")
    }
}

impl Archive {
    /// Looks for everything withheld, without the code of the door.
    pub(crate) fn second_opinion(&self) -> SecondOpinion<'_> {
        let extracts: Vec<(&str, Extract)> = self
            .sources
            .texts
            .par_iter()
            .map(|(path, source)| (path.as_str(), extract::extract(path, source.text.expose())))
            .collect();
        SecondOpinion {
            archive: self,
            files: withheld_files(&extracts, &self.sources),
            extracts,
        }
    }
}

impl SecondOpinion<'_> {
    /// Says whether anything is withheld.
    pub(crate) fn withholds(&self) -> bool {
        self.extracts
            .iter()
            .any(|(_, found)| found.is_closed || !found.secrets.is_empty())
    }

    /// Returns the files with everything withheld replaced.
    pub(crate) fn twin(&self, shape: Shape) -> Twin {
        self.twin_of(shape, None)
    }

    /// Returns only those files with everything withheld replaced that withhold something, and those that belong to them.
    pub(crate) fn partial_twin(&self, shape: Shape) -> Twin {
        let withholding: BTreeSet<(&str, &str)> = self
            .extracts
            .iter()
            .filter(|(_, found)| found.is_closed || !found.secrets.is_empty())
            .map(|(path, _)| family(path))
            .collect();
        self.twin_of(shape, Some(&|path| withholding.contains(&family(path))))
    }

    fn twin_of(&self, shape: Shape, part: Option<&dyn Fn(&str) -> bool>) -> Twin {
        let own = &self.archive.sources;
        let mut sources = Sources {
            texts: own
                .texts
                .iter()
                .filter(|(path, _)| part.is_none_or(|part| part(path)))
                .map(|(path, source)| (path.clone(), source.clone()))
                .collect(),
            assets: own.assets.clone(),
            findings: own.findings.clone(),
        };
        let mut lines = BTreeMap::new();
        let replaced: Vec<_> = self
            .extracts
            .par_iter()
            .filter_map(|(path, found)| {
                let source = own.texts.get(*path)?;
                Some((*path, twins::replace(source.text.expose(), found, shape)?))
            })
            .collect();
        for (path, (text, moved)) in replaced {
            if let Some(source) = sources.texts.get_mut(path) {
                lines.insert(Arc::clone(&source.file), moved);
                *source = Source {
                    file: Arc::clone(&source.file),
                    text: Unredacted::new(text),
                    broken_at: source.broken_at,
                };
            }
        }
        for (path, other) in twins::renamed(self.files.keys(), shape) {
            if let Some(file) = sources.assets.remove(&path) {
                sources.assets.insert(other, file);
            }
        }
        let files = sources
            .texts
            .values()
            .map(|source| Arc::clone(&source.file))
            .collect();
        Twin {
            archive: Archive {
                root: self.archive.root.clone(),
                sources,
            },
            lines,
            is_part: part.is_some(),
            files,
        }
    }

    /// Prepares the search for withheld words. `configuration` is TOML; `public` are the other public inputs, as they are.
    pub(crate) fn leak_scan(&self, configuration: &str, public: &[&[u8]]) -> LeakScan {
        let mut needles = Needles::new();
        for (path, found) in &self.extracts {
            let Some(source) = self.archive.sources.texts.get(*path) else {
                continue;
            };
            let starts = line_starts(source.text.expose());
            let line = |at: usize| starts.partition_point(|start| *start <= at);
            for secret in &found.secrets {
                let first = line(secret.range.start);
                let last = line(secret.range.end.saturating_sub(1)).max(first);
                let passage = Passage {
                    file: Arc::clone(&source.file),
                    lines: (first, last),
                };
                needles.add(passage, &secret.texts);
            }
            if found.has_withheld_title {
                let passage = Passage {
                    file: Arc::clone(&source.file),
                    lines: (1, 1),
                };
                let name = telling_name(path, found);
                needles.add(passage, &[name]);
            }
        }
        let mut whole: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (path, (file, line)) in &self.files {
            // A file that is not there cannot get out.
            let Ok(bytes) = self.archive.read_asset(path) else {
                continue;
            };
            let passage = Passage {
                file: Arc::clone(file),
                lines: (*line, *line),
            };
            let same_size = whole.entry(bytes.len()).or_default();
            same_size.push((fingerprint(&bytes), passage.clone()));
            let texts = match String::from_utf8(bytes) {
                Ok(text) => vec![text],
                Err(error) => pdf::texts(error.as_bytes()),
            };
            needles.add(passage, &texts);
        }
        needles.prepare();
        self.extracts
            .par_iter()
            .filter(|(_, found)| !found.is_draft)
            .for_each(|(path, found)| {
                for text in &found.public {
                    needles.publish(text.as_bytes(), false);
                }
                if !found.has_withheld_title {
                    needles.publish(path.as_bytes(), false);
                }
            });
        for text in extract::public_toml(configuration) {
            needles.publish(text.as_bytes(), false);
        }
        public.par_iter().for_each(|text| {
            needles.publish(text, false);
            needles.publish(text, true);
        });
        needles.forget_public();
        LeakScan { needles, whole }
    }
}

/// Returns the files that are withheld as attachments or with their document, with the source that says so and its line.
fn withheld_files(
    extracts: &[(&str, Extract)],
    sources: &Sources,
) -> BTreeMap<String, (FilePath, usize)> {
    let mut files = BTreeMap::new();
    for (path, found) in extracts {
        let Some(source) = sources.texts.get(*path) else {
            continue;
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in &found.files {
            let file =
                crate::slug::join(folder, name).filter(|file| sources.assets.contains_key(file));
            if let Some(file) = file {
                let at = source.text.expose().find(name.as_str()).unwrap_or(0);
                let line = line_starts(source.text.expose()).partition_point(|start| *start <= at);
                files.insert(file, (Arc::clone(&source.file), line));
            }
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if found.is_closed && name.starts_with("index.") {
            let inside = format!("{folder}/");
            for file in sources
                .assets
                .keys()
                .filter(|file| file.starts_with(&inside))
            {
                files.insert(file.clone(), (Arc::clone(&source.file), 1));
            }
        }
    }
    files
}

/// Returns the name of a file without its folder, its language and its ending; of a bundle, that of its folder.
fn stem(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    if stem == "index" && folder.contains('/') {
        folder.rsplit('/').next().unwrap_or(folder)
    } else {
        stem
    }
}

/// Returns what a file has in common with those that are read together with it: translations, and versions of a document.
fn family(path: &str) -> (&str, &str) {
    let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
    if folder.starts_with("documents/") {
        (folder, "")
    } else {
        (folder, stem(path))
    }
}

/// Returns the parts of a file's name that say more than date and kind.
fn telling_name(path: &str, found: &Extract) -> String {
    let is_telling = |part: &&str| {
        !part.bytes().all(|byte| byte.is_ascii_digit())
            && !found
                .public
                .iter()
                .any(|public| public.split('-').any(|own| own == *part))
    };
    stem(path)
        .split(['-', '_'])
        .filter(is_telling)
        .collect::<Vec<_>>()
        .join("-")
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

fn fingerprint(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn file<F>(own: &Published<F>) -> &FilePath {
    &own.original.file
}

/// Looks for withheld text in the files of an output.
#[derive(Debug)]
pub struct LeakScan {
    needles: Needles,
    /// Fingerprints of files that are withheld whole, by their sizes.
    whole: BTreeMap<usize, Vec<([u8; 32], Passage)>>,
}

/// Where a file of an output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was made of records and templates.
    Made,
    /// It was put beside a text by its author.
    Bundled,
}

/// Withheld text in an output: where, never what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The file of the output, relative to its root.
    pub output: String,
    /// The byte at which it stands, or at which stands what holds it.
    pub offset: usize,
    /// How the file has to be looked at to see it.
    pub view: String,
    /// The source.
    pub file: FilePath,
    /// The first and the last line of the passage.
    pub lines: (usize, usize),
    /// Whether the file could not be looked through.
    pub is_unsearchable: bool,
    is_plain: bool,
    needle: Option<usize>,
}

impl Hit {
    /// Returns the hit as it is told; `folder` is where the output stands, if it stands somewhere.
    pub(crate) fn explain(&self, folder: &str, help: &str) -> Diagnostic {
        let file: FilePath = if folder.is_empty() {
            self.output.as_str().into()
        } else {
            format!("{}/{}", folder.trim_end_matches('/'), self.output).into()
        };
        let finding = if self.is_unsearchable {
            Finding::new(
                Code::UnsearchableFile,
                &file,
                "this file unpacks to more than can be searched for withheld text",
            )
            .help("take it out of the output, or put its content there unpacked")
        } else {
            let (first, last) = self.lines;
            let lines = if first == last {
                format!("line {first}")
            } else {
                format!("lines {first} to {last}")
            };
            let message = format!(
                "withheld text of {}, {lines}, stands at byte {}, seen in {}",
                self.file, self.offset, self.view
            );
            Finding::new(Code::WithheldTextFound, &file, message).help(help)
        };
        finding.disclose("", &[], true)
    }
}

impl LeakScan {
    /// Says whether there is anything to look for.
    pub(crate) fn is_idle(&self) -> bool {
        self.needles.is_empty() && self.whole.is_empty()
    }

    /// Returns how many passages the search cannot see, for every word and run of them is public, and how many there are.
    #[must_use]
    pub fn unseen(&self) -> (usize, usize) {
        (self.needles.unseen(), self.needles.passages.len())
    }

    /// Looks at a file and its name.
    pub(crate) fn search(&self, output: &str, bytes: &[u8], origin: Origin) -> Vec<Hit> {
        if self.is_idle() {
            return Vec::new();
        }
        let mut seen = views::look(&self.needles, output, bytes);
        seen.sights
            .extend(views::look_at_name(&self.needles, output));
        if origin == Origin::Bundled {
            keep_telling(&mut seen.sights, bytes);
        }
        let mut hits = Vec::new();
        let mut known = BTreeSet::new();
        for sight in seen.sights {
            let passage = &self.needles.passages[sight.find.passage];
            if known.insert((sight.find.passage, sight.view.clone(), sight.find.needle)) {
                hits.push(Hit {
                    output: output.to_owned(),
                    offset: sight.offset,
                    is_plain: sight.view.iter().all(|view| {
                        matches!(
                            *view,
                            "its text"
                                | "an attribute or comment"
                                | "its name"
                                | "escapes"
                                | "folded lines"
                                // What is no UTF-8 once it was read as mail.
                                | "Latin-1"
                        )
                    }),
                    view: sight.view.join(", in it "),
                    file: Arc::clone(&passage.file),
                    lines: passage.lines,
                    is_unsearchable: false,
                    needle: Some(sight.find.needle),
                });
            }
        }
        if let Some(same) = self.whole.get(&bytes.len()) {
            let own = fingerprint(bytes);
            for (_, passage) in same.iter().filter(|(known, _)| *known == own) {
                hits.push(Hit {
                    output: output.to_owned(),
                    offset: 0,
                    view: "the whole file".to_owned(),
                    file: Arc::clone(&passage.file),
                    lines: passage.lines,
                    is_unsearchable: false,
                    is_plain: false,
                    needle: None,
                });
            }
        }
        if seen.is_cut_short {
            hits.push(Hit {
                output: output.to_owned(),
                offset: 0,
                view: "packed data".to_owned(),
                file: "content".into(),
                lines: (0, 0),
                is_unsearchable: true,
                is_plain: false,
                needle: None,
            });
        }
        hits
    }
}

/// In a bundled file a round figure alone says nothing, nor does one ordinary word in a text of some length or in a tag; two of the same passage near each other do.
fn keep_telling(sights: &mut Vec<Sight>, bytes: &[u8]) {
    let is_long =
        bytes.len() > 64 << 10 || words::spelled(&String::from_utf8_lossy(bytes)).len() > LONG;
    let all: Vec<(usize, usize, usize)> = sights
        .iter()
        .map(|sight| (sight.find.passage, sight.find.start, sight.find.needle))
        .collect();
    sights.retain(|sight| {
        let company = || {
            let mut near: Vec<usize> = all
                .iter()
                .filter(|(passage, start, _)| {
                    *passage == sight.find.passage && start.abs_diff(sight.find.start) < NEAR
                })
                .map(|(_, _, needle)| *needle)
                .collect();
            near.sort_unstable();
            near.dedup();
            near.len()
        };
        match sight.find.weight {
            Weight::Round => company() >= 2,
            // The words of tags are those of a format.
            Weight::Ordinary => !(is_long || sight.find.is_in_tag) || company() >= 2,
            Weight::Run => company() >= 4,
            Weight::Telling => true,
        }
    });
}

/// Takes out what the same file of a twin says as well, in plain sight: nobody can have it from what is withheld.
pub(crate) fn without_coincidences(hits: Vec<Hit>, twin: &[Hit]) -> Vec<Hit> {
    let known: BTreeSet<(&str, usize)> = twin
        .iter()
        .filter(|hit| hit.is_plain)
        .filter_map(|hit| Some((hit.output.as_str(), hit.needle?)))
        .collect();
    hits.into_iter()
        .filter(|hit| {
            let is_known = |needle| known.contains(&(hit.output.as_str(), needle));
            !(hit.is_plain && hit.needle.is_some_and(is_known))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigSource;
    use crate::record::Reading;

    /// A door that lets something depend on what is withheld shows in the first comparison, whatever it is.
    #[test]
    fn records_that_depend_on_what_is_withheld_are_told() {
        let root =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/golden/withheld");
        let config = ConfigSource::read(&root).unwrap().parse().value;
        let archive = Archive::read(&root).unwrap();
        let reading = Reading {
            today: jiff::civil::date(2026, 11, 24),
            drafts: false,
        };
        let published = archive.disclose(&config, reading).records;
        let opinion = archive.second_opinion();
        for shape in [Shape::Short, Shape::Rich] {
            for twin in [opinion.twin(shape), opinion.partial_twin(shape)] {
                let same = twin.archive.disclose(&config, reading).records;
                assert_eq!(twin.differs(&published, &same), None, "{shape:?}");
            }
        }
        let twin = opinion.twin(Shape::Short);
        let changes: [fn(&mut Records); 7] = [
            |records| records.meetings[0].slug.push('x'),
            |records| records.meetings[1].original.fields.draft = true,
            |records| records.meetings.reverse(),
            |records| drop(records.meetings.pop()),
            |records| records.members[0].slug.push('x'),
            |records| drop(records.pages.pop()),
            |records| drop(records.documents.pop()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut other = published.clone();
            change(&mut other);
            assert!(twin.differs(&published, &other).is_some(), "change {index}");
            assert!(twin.differs(&other, &published).is_some(), "change {index}");
        }
    }

    #[test]
    fn files_beside_a_document_withheld_as_a_whole_are_withheld() {
        let closed =
            "+++\ndate = 2026-01-02\n[confidential]\nground = \"g\"\nuntil = 2027-01-01\n+++\nx\n";
        let open = "+++\ntitle = \"x\"\n+++\nx\n";
        let files = [
            ("content/meetings/one/index.md", closed),
            ("content/meetings/one/index.fr.md", closed),
            ("content/meetings/one/slides.pdf", "secret"),
            ("content/meetings/two/index.md", open),
            ("content/meetings/two/slides.pdf", "public"),
            ("content/meetings/three.md", closed),
            ("content/meetings/plan.pdf", "public"),
        ];
        let files = files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let archive = Archive::from_files(files.collect());
        let opinion = archive.second_opinion();
        let withheld: Vec<&String> = opinion.files.keys().collect();
        assert_eq!(withheld, ["meetings/one/slides.pdf"]);
        for shape in [Shape::Short, Shape::Rich] {
            let twin = opinion.twin(shape).archive.sources.assets;
            assert!(twin.contains_key("meetings/two/slides.pdf"));
            assert!(!twin.contains_key("meetings/one/slides.pdf"), "{twin:?}");
        }
    }

    #[test]
    fn only_what_stands_in_plain_sight_can_be_a_coincidence() {
        let hit = |output: &str, is_plain, needle| Hit {
            output: output.to_owned(),
            offset: 0,
            view: String::new(),
            file: "content/x.md".into(),
            lines: (1, 1),
            is_unsearchable: false,
            is_plain,
            needle,
        };
        let plain = || hit("a", true, Some(1));
        let packed = || hit("a", false, Some(1));
        assert!(without_coincidences(vec![plain()], &[plain()]).is_empty());
        for (own, twin) in [
            (packed(), plain()),
            (plain(), packed()),
            (packed(), packed()),
            (plain(), hit("b", true, Some(1))),
            (plain(), hit("a", true, Some(2))),
            (hit("a", true, None), hit("a", true, None)),
        ] {
            assert_eq!(without_coincidences(vec![own.clone()], &[twin]), [own]);
        }
    }

    #[test]
    fn in_a_long_file_two_ordinary_words_tell_and_one_does_not() {
        let text = "+++\ntitle = \"x\"\n+++\n::: confidential ground=\"g\" until=\"2027-01-01\"\nThe saffron works were cheap and Marigold was not.\n:::\n";
        let files = [("content/meetings/one.md".to_owned(), text.into())];
        let archive = Archive::from_files(files.into());
        let scan = archive.second_opinion().leak_scan("", &[]);
        let long = "public words ".repeat(LONG);
        let hits = |own: &str| {
            let bytes = format!("{long}{own}{long}").into_bytes();
            scan.search("x.txt", &bytes, Origin::Bundled).len()
        };
        assert_eq!(hits("saffron "), 0);
        assert!(hits("saffron and cheap ") > 0);
        assert!(hits("Marigold ") > 0);
        assert!(!scan.search("x.txt", b"saffron", Origin::Bundled).is_empty());
        let bytes = format!("{long}saffron {long}").into_bytes();
        assert!(!scan.search("x.txt", &bytes, Origin::Made).is_empty());
        assert!(
            !scan
                .search("marigold/index.html", b"x", Origin::Made)
                .is_empty()
        );
    }

    #[test]
    fn the_name_of_a_withheld_title_is_sought_and_drafts_make_nothing_public() {
        let title = "title = { confidential = \"x\", ground = \"g\", until = 2027-01-01 }\n";
        let withheld = format!("+++\n{title}date = 2026-01-02\nkind = \"plenary\"\n+++\nPublic.\n");
        let draft = "+++\ntitle = \"Marigoldplan\"\ndraft = true\n+++\nMarigoldplan\n";
        let files = [
            (
                "content/meetings/2026-01-02-plenary-marigoldplan.md",
                withheld.as_str(),
            ),
            ("content/meetings/2026-01-03-plenary.md", draft),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let archive = Archive::from_files(files.into());
        let scan = archive.second_opinion().leak_scan("", &[]);
        assert!(
            !scan
                .search("x.txt", b"the Marigoldplan", Origin::Made)
                .is_empty()
        );
        assert!(
            scan.search("x.txt", b"2026 01 02 plenary", Origin::Made)
                .is_empty()
        );
        let public = archive.second_opinion().leak_scan("", &[b"marigoldplan"]);
        assert!(
            public
                .search("x.txt", b"the Marigoldplan", Origin::Made)
                .is_empty()
        );
    }

    #[test]
    fn messages_are_the_same_only_if_each_is() {
        let root =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/broken/raw-html");
        let config = ConfigSource::read(&root).unwrap().parse().value;
        let text = "+++\ntitle = \"x\"\n+++\n::: confidential ground=\"commercial\" until=\"2026-02-01\"\na\n:::\n";
        let archive = Archive::from_files([("content/pages/x.md".to_owned(), text.into())].into());
        let reading = Reading {
            today: jiff::civil::date(2026, 11, 24),
            drafts: false,
        };
        let told = |archive: &Archive| {
            let disclosure = archive.disclose(&config, reading);
            archive.explain(&disclosure.findings, &disclosure.guard)
        };
        let twin = archive.second_opinion().twin(Shape::Rich);
        let (own, other) = (told(&archive), told(&twin.archive));
        assert_eq!(own.len(), 1);
        assert!(twin.says_the_same(&own, &other));
        assert!(!twin.says_the_same(&own, &[]));
        assert!(!twin.says_the_same(&[], &other));
        let mut changed = other.clone();
        changed[0].message.push('!');
        assert!(!twin.says_the_same(&own, &changed));
    }
}
