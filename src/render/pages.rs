//! One page after another: what each says about itself, and what its template sees.

use tera::Context;

use serde::Serialize;

use crate::data;
use crate::intl;
use crate::links;
use crate::record::{Disclosed, Status};
use crate::render::lens::Lens;
use crate::render::view::{Alternate, Item, MeetingItem, MemberItem, Page, Pager, Year};
use crate::render::{Frame, Show};
use crate::site::{DATA_SETS, MEETINGS_PER_PAGE};

/// Members of one status.
#[derive(Serialize)]
struct Group {
    status: &'static str,
    status_text: String,
    members: Vec<MemberItem>,
}

impl Frame<'_> {
    /// Returns what a page says about itself, and puts what it shows into the context.
    pub(super) fn describe(&self, show: Show, context: &mut Context) -> Page {
        match show {
            Show::Home => self.home(context),
            Show::Meetings(number) => self.register(number, context),
            Show::Meeting(index) => self.meeting(index, context),
            Show::Members => self.members(context),
            Show::Member(index) => self.member(index, context),
            Show::Code => self.code(context),
            Show::Chapter(index) => self.chapter(index, context),
            Show::Documents => self.documents(context),
            Show::Document(index, version) => self.document(index, version, context),
            Show::Reports => self.reports(context),
            Show::Report(index) => self.report(index, context),
            Show::Topics => self.topics(context),
            Show::Topic(index) => self.topic(index, context),
            Show::Withheld => self.withheld(context),
            Show::Changes => self.changes(context),
            Show::Data => self.data(context),
            Show::Free(index) => self.free(index, context),
            Show::NotFound => self.not_found(),
        }
    }

    /// Returns the title of a section.
    fn section(&self, name: &str) -> String {
        self.lens.strings.get(&format!("section-{name}")).to_owned()
    }

    /// Returns the description of a section, for search engines.
    fn told(&self, name: &str) -> String {
        self.lens
            .strings
            .get(&format!("describe-{name}"))
            .to_owned()
    }

    fn home(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let home = site.home.as_ref();
        let page = self.page(
            "home",
            "",
            home.map_or_else(|| self.section("home"), |home| lens.page_title(home).text),
            "home",
        );
        context.insert("title", &home.map(|home| lens.page_title(home)));
        context.insert("text", &home.map(|home| lens.body(home, &page.root)));
        let latest: Vec<MeetingItem> = site
            .meetings
            .iter()
            .take(5)
            .map(|meeting| lens.meeting_item(meeting, String::new()))
            .collect();
        context.insert("latest", &latest);
        let changes: Vec<_> = site
            .changes(lens.language)
            .iter()
            .take(5)
            .map(|change| lens.change_item(change))
            .collect();
        context.insert("changes", &changes);
        context.insert("figures", &lens.figures());
        context.insert("chapters", &self.chapters);
        let description = home
            .and_then(|home| home.edition(lens.language).0.fields.description.as_ref())
            .and_then(Disclosed::public)
            .or(site.config.description.as_ref())
            .map_or_else(|| self.told("home"), |text| lens.local(text).text);
        Page {
            description,
            ..page
        }
    }

    fn register(&self, number: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let path = register_path(number);
        let page = self.page("meetings", &path, self.section("meetings"), "meetings");
        let from = (number - 1) * MEETINGS_PER_PAGE;
        let shown = site.meetings.iter().skip(from).take(MEETINGS_PER_PAGE);
        let mut years: Vec<Year> = Vec::new();
        for meeting in shown {
            let year = meeting
                .fields()
                .date
                .as_ref()
                .map(|date| date.value.year().to_string())
                .unwrap_or_default();
            let item = lens.meeting_item(meeting, String::new());
            match years.last_mut().filter(|own| own.year == year) {
                Some(own) => own.meetings.push(item),
                None => years.push(Year {
                    year,
                    meetings: vec![item],
                }),
            }
        }
        context.insert("years", &years);
        context.insert("pager", &pager(lens, number));
        context.insert("total", &site.meetings.len());
        Page {
            description: self.told("meetings"),
            ..page
        }
    }

    fn meeting(&self, index: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let meeting = &site.meetings[index];
        let title = lens.meeting_title(meeting).text;
        let page = self.below("meeting", &meeting.path, title, "meetings");
        let view = lens.meeting_view(index, &page.root);
        let description = first_of(&view.text.summary, &self.told("meetings"));
        context.insert("meeting", &view);
        Page {
            description,
            ..page
        }
    }

    fn members(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let mut groups: Vec<Group> = Vec::new();
        for status in Status::ALL {
            let mut members: Vec<MemberItem> = site
                .members
                .iter()
                .filter(|member| member.fields.status == status)
                .map(|member| lens.member_item(member))
                .collect();
            members.sort_by(|a, b| {
                lens.intl
                    .compare(&a.name.text, &b.name.text)
                    .then_with(|| a.slug.cmp(&b.slug))
            });
            if !members.is_empty() {
                groups.push(Group {
                    status: status.as_str(),
                    status_text: lens.status_text(status),
                    members,
                });
            }
        }
        // Where no summary names a member, a column of zeros would say what nobody knows.
        context.insert("has_attendance", &!site.attendance.is_empty());
        context.insert("has_reports", &!site.reports.is_empty());
        context.insert("groups", &groups);
        let chapters: Vec<Item> = self
            .chapters
            .iter()
            .map(|chapter| Item {
                words: chapter.title.clone(),
                path: Some(chapter.path.clone()),
                name: Some(chapter.id.clone()),
                ..Item::default()
            })
            .collect();
        context.insert("chapters", &chapters);
        Page {
            description: self.told("members"),
            ..self.page("members", "members/", self.section("members"), "members")
        }
    }

    fn member(&self, index: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let member = &site.members[index];
        let view = lens.member_view(member);
        let description = first_of(
            view.description
                .as_ref()
                .filter(|words| words.notice.is_none())
                .map_or("", |words| words.text.as_str()),
            &self.told("members"),
        );
        let page = self.below(
            "member",
            &member.path,
            view.item.name.text.clone(),
            "members",
        );
        context.insert("member", &view);
        Page {
            description,
            ..page
        }
    }

    fn code(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let title = site.code.title.as_ref().map_or_else(
            || Lens::text(self.section("code")),
            |title| lens.local(title),
        );
        context.insert("title", &title);
        context.insert("chapters", &self.chapters);
        Page {
            description: self.told("code"),
            ..self.page("code", "code/", title.text, "code")
        }
    }

    fn chapter(&self, index: usize, context: &mut Context) -> Page {
        let chapter = &self.chapters[index];
        context.insert("chapter", chapter);
        let path = format!("code/{}/", chapter.id);
        Page {
            description: self.told("code"),
            ..self.below("chapter", &path, chapter.title.text.clone(), "code")
        }
    }

    fn documents(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let mut documents: Vec<_> = site
            .documents
            .iter()
            .map(|document| lens.document_item(document))
            .collect();
        documents.sort_by(|a, b| {
            lens.intl
                .compare(&a.title.text, &b.title.text)
                .then_with(|| a.path.cmp(&b.path))
        });
        context.insert("documents", &documents);
        Page {
            description: self.told("documents"),
            ..self.page(
                "documents",
                "documents/",
                self.section("documents"),
                "documents",
            )
        }
    }

    fn document(&self, index: usize, version: Option<usize>, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let document = &site.documents[index];
        let title = lens.document_title(document);
        let (path, title) = match version.and_then(|version| document.versions.get(version)) {
            Some(version) => (
                version.path.as_str(),
                lens.version_title(
                    title,
                    version
                        .fields()
                        .version
                        .as_ref()
                        .map_or("", |version| &version.value),
                )
                .text,
            ),
            None => (document.entry.path.as_str(), title.text),
        };
        let mut page = self.below("document", path, title, "documents");
        if version.is_some() {
            page.crumbs.push(Item {
                words: lens.document_title(document),
                path: Some(lens.path(&document.entry.path)),
                ..Item::default()
            });
        }
        let view = lens.document_view(index, version, &page.root);
        let description = first_of(&view.about.summary, &self.told("documents"));
        context.insert("document", &view);
        Page {
            description,
            ..page
        }
    }

    fn reports(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let reports: Vec<_> = site
            .reports
            .iter()
            .map(|report| lens.report_item(report))
            .collect();
        context.insert("reports", &reports);
        Page {
            description: self.told("reports"),
            ..self.page("reports", "reports/", self.section("reports"), "reports")
        }
    }

    fn report(&self, index: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let report = &site.reports[index];
        let page = self.below(
            "report",
            &report.entry.path,
            lens.report_title(report).text,
            "reports",
        );
        let view = lens.report_view(report, &page.root);
        let description = first_of(&view.text.summary, &self.told("reports"));
        context.insert("report", &view);
        Page {
            description,
            ..page
        }
    }

    fn topics(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let mut topics: Vec<_> = site
            .topics
            .iter()
            .map(|topic| lens.topic_item(topic))
            .collect();
        topics.sort_by(|a, b| {
            lens.intl
                .compare(&a.label.text, &b.label.text)
                .then_with(|| a.slug.cmp(&b.slug))
        });
        context.insert("topics", &topics);
        Page {
            description: self.told("topics"),
            ..self.page("topics", "topics/", self.section("topics"), "topics")
        }
    }

    fn topic(&self, index: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let topic = &site.topics[index];
        let item = lens.topic_item(topic);
        let meetings: Vec<MeetingItem> = topic
            .meetings
            .iter()
            .map(|index| lens.meeting_item(&site.meetings[*index], String::new()))
            .collect();
        let documents: Vec<_> = topic
            .documents
            .iter()
            .map(|index| lens.document_item(&site.documents[*index]))
            .collect();
        context.insert("topic", &item);
        context.insert("meetings", &meetings);
        context.insert("documents", &documents);
        Page {
            description: self.told("topics"),
            ..self.below(
                "topic",
                &format!("topics/{}/", topic.slug),
                item.label.text,
                "topics",
            )
        }
    }

    fn withheld(&self, context: &mut Context) -> Page {
        let parts = self.lens.register_parts();
        context.insert("total", &parts.iter().map(|part| part.total).sum::<usize>());
        context.insert("due", &parts.iter().map(|part| part.due).sum::<usize>());
        context.insert("parts", &parts);
        Page {
            description: self.told("withheld"),
            ..self.page(
                "withheld",
                "withheld/",
                self.section("withheld"),
                "withheld",
            )
        }
    }

    fn changes(&self, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let changes: Vec<_> = site
            .changes(lens.language)
            .iter()
            .map(|change| lens.change_item(change))
            .collect();
        context.insert("changes", &changes);
        Page {
            description: self.told("changes"),
            ..self.page("changes", "changes/", self.section("changes"), "changes")
        }
    }

    fn data(&self, context: &mut Context) -> Page {
        context.insert("sets", &self.data_sets());
        Page {
            description: self.told("data"),
            ..self.page("data", "data/", self.section("data"), "data")
        }
    }

    fn free(&self, index: usize, context: &mut Context) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let entry = &site.pages[index];
        let page = self.page(
            "page",
            &entry.path,
            lens.page_title(entry).text,
            &entry.record.slug,
        );
        let text = lens.body(entry, &page.root);
        let fields = &entry.edition(lens.language).0.fields;
        let own = fields
            .description
            .as_ref()
            .and_then(Disclosed::public)
            .map(|text| lens.local(text).text);
        let description = own.unwrap_or_else(|| first_of(&text.summary, &self.told("home")));
        context.insert("title", &lens.page_title(entry));
        context.insert("text", &text);
        context.insert(
            "attachments",
            &lens.attachments(fields.attachments.as_ref(), &entry.record.paths.folder),
        );
        Page {
            description,
            ..page
        }
    }

    fn not_found(&self) -> Page {
        let (lens, site) = (self.lens, self.lens.site);
        let page = self.page(
            "404",
            "",
            lens.strings.get("not-found-title").to_owned(),
            "",
        );
        // It is shown at any address, so nothing in it may be relative.
        let root = site.config.base_url.path().to_owned();
        Page {
            root,
            is_noindex: true,
            path: lens.path("404.html"),
            url: site.config.base_url.join(&lens.path("404.html")),
            crumbs: Vec::new(),
            ..page
        }
    }

    /// Returns what a page of the first level says about itself.
    pub(super) fn page(
        &self,
        kind: &'static str,
        path: &str,
        title: String,
        section: &str,
    ) -> Page {
        let (lens, config) = (self.lens, &self.lens.site.config);
        let own = lens.path(path);
        let alternates = config
            .languages
            .iter()
            .map(|language| {
                let path = links::in_language(config, path, language);
                Alternate {
                    lang: language.to_string(),
                    name: intl::own_name(language),
                    url: config.base_url.join(&links::encode(&path)),
                    path,
                    is_current: language == lens.language,
                    is_default: language == config.default_language(),
                }
            })
            .collect();
        let feed = |path: &str, key: &str| Item {
            words: Lens::text(lens.strings.get(key)),
            path: Some(lens.path(path)),
            ..Item::default()
        };
        let home = Item {
            words: Lens::text(lens.strings.get("section-home")),
            path: Some(lens.path("")),
            ..Item::default()
        };
        Page {
            kind,
            root: links::to_root(&own),
            home: lens.path(""),
            lang: lens.language.to_string(),
            title,
            description: String::new(),
            url: config.base_url.join(&links::encode(&own)),
            section: section.to_owned(),
            alternates,
            feeds: vec![
                feed("feed.xml", "feed-all"),
                feed("meetings/feed.xml", "feed-meetings"),
                feed("changes/feed.xml", "feed-changes"),
            ],
            is_noindex: false,
            crumbs: if path.is_empty() {
                Vec::new()
            } else {
                vec![home]
            },
            path: own,
        }
    }

    /// Returns what a page below a section says about itself.
    fn below(&self, kind: &'static str, path: &str, title: String, section: &str) -> Page {
        let mut page = self.page(kind, path, title, section);
        let name = self
            .lens
            .strings
            .get(&format!("section-{section}"))
            .to_owned();
        page.crumbs.push(Item {
            words: Lens::text(name),
            path: Some(self.lens.path(&format!("{section}/"))),
            ..Item::default()
        });
        page
    }

    fn data_sets(&self) -> Vec<DataSet> {
        let lens = self.lens;
        let set = |name: &&'static str| DataSet {
            name,
            title: lens.strings.get(&format!("section-{name}")).to_owned(),
            records: data::count(lens, name),
            json: lens.path(&format!("data/{name}.json")),
            csv: lens.path(&format!("data/{name}.csv")),
            schema: lens.path(&format!("data/schema/{name}.json")),
        };
        DATA_SETS.iter().map(set).collect()
    }
}

/// A data set in the list of data.
#[derive(Serialize)]
struct DataSet {
    name: &'static str,
    title: String,
    records: usize,
    json: String,
    csv: String,
    schema: String,
}

fn first_of(text: &str, otherwise: &str) -> String {
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text.to_owned()
    }
}

fn register_path(number: usize) -> String {
    if number == 1 {
        "meetings/".to_owned()
    } else {
        format!("meetings/page/{number}/")
    }
}

fn pager(lens: &Lens<'_>, current: usize) -> Pager {
    let total = lens.site.register_pages();
    let path = |number: usize| lens.path(&register_path(number));
    Pager {
        current,
        total,
        pages: (1..=total)
            .map(|number| Item {
                words: Lens::text(number.to_string()),
                path: Some(path(number)),
                ..Item::default()
            })
            .collect(),
        previous: (current > 1).then(|| path(current - 1)),
        next: (current < total).then(|| path(current + 1)),
    }
}
