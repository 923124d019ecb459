//! Pages of a PDF, painted in the mind: is there text that no reader of the page sees?
//!
//! The operators of every page are followed as a viewer follows them. Letters become small boxes; whatever is painted later and is
//! opaque covers them. What was painted before them is their background. This file knows where letters stand only about, for
//! it has no fonts, so a word counts as covered when most of its letters do. It must never return what a letter is.

#![expect(
    clippy::many_single_char_names,
    reason = "matrices and curves are written so in the format"
)]

use std::collections::BTreeMap;
use std::rc::Rc;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::attachment::Refusal;
use crate::attachment::geometry::{Area, Clips, Matrix, Painted, Point, Rect, Shape};
use crate::attachment::glyphs::{Font, Mask};
use crate::attachment::pdf::LARGEST_STREAM;
use crate::diag::Code;

/// How much of a page is looked at. Beyond, the page is refused.
const MOST_OPERATIONS: usize = 4_000_000;
const MOST_LETTERS: usize = 500_000;
const MOST_TESTS: u64 = 400_000_000;

/// A fill that lets more of its background through than this covers nothing.
const OPAQUE: f64 = 0.3;

/// What can be wrong with the text of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Covered,
    Invisible,
    SameColour,
    Outside,
    Tiny,
    Unreadable,
}

impl Kind {
    fn refusal(self, pages: &[usize]) -> Refusal {
        let at = places(pages);
        let (code, found, remedy) = match self {
            Self::Covered => (
                Code::FileWithHiddenText,
                format!("{at}, text lies under a box or a picture and can still be copied"),
                "delete the text in the document it was written in and export it again, or use the redaction tool of the PDF program and apply it",
            ),
            Self::Invisible => (
                Code::FileWithHiddenText,
                format!(
                    "{at}, there is text that is not painted, such as the layer that text recognition puts over a scan"
                ),
                "export the document from the program it was written in, or save the scan without text recognition",
            ),
            Self::SameColour => (
                Code::FileWithHiddenText,
                format!("{at}, text has the colour of what is behind it"),
                "delete the text, or give it a colour that can be read, and export the document again",
            ),
            Self::Outside => (
                Code::FileWithHiddenText,
                format!("{at}, text stands outside of what is shown of the page"),
                "delete what stands outside, or undo the cropping, and export the document again",
            ),
            Self::Tiny => (
                Code::FileWithHiddenText,
                format!("{at}, text is too small to be read"),
                "delete the text, or make it larger, and export the document again",
            ),
            Self::Unreadable => (
                Code::UnreadableFile,
                format!("{at}, something is too complicated or too damaged to be looked through"),
                "print the document into a new PDF",
            ),
        };
        Refusal::new(code, found, remedy)
    }
}

/// Says on which pages something is.
fn places(pages: &[usize]) -> String {
    let (shown, more) = pages.split_at(pages.len().min(5));
    let numbers: Vec<String> = shown.iter().map(usize::to_string).collect();
    let word = if pages.len() == 1 { "page" } else { "pages" };
    let rest = if more.is_empty() {
        String::new()
    } else {
        format!(" and {} more", more.len())
    };
    format!("on {word} {}{rest}", numbers.join(", "))
}

/// Looks at every page.
pub(super) fn inspect(document: &Document) -> Vec<Refusal> {
    let mut found: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    let mut fonts = BTreeMap::new();
    for (number, id) in (1..).zip(document.page_iter()) {
        let mut page = Page::new(document, id, &mut fonts);
        if page.read(id).is_none() {
            page.kinds.push(Kind::Unreadable);
        }
        page.judge();
        page.kinds.sort_unstable();
        page.kinds.dedup();
        for kind in std::mem::take(&mut page.kinds) {
            found.entry(kind).or_default().push(number);
        }
    }
    found
        .into_iter()
        .map(|(kind, pages)| kind.refusal(&pages))
        .collect()
}

/// A colour, where it is known.
type Colour = Option<[f64; 3]>;

const BLACK: Colour = Some([0.0; 3]);
const WHITE: [f64; 3] = [1.0; 3];

/// What `q` keeps and `Q` brings back.
#[derive(Clone)]
struct State<'d> {
    to_page: Matrix,
    clip: Rect,
    /// Clips that are no upright rectangles; their bounds are in `clip` too.
    clips: Clips,
    fill: Colour,
    stroke: Colour,
    /// How many components a colour has in the space that is set, where its colours are known.
    fill_space: Option<usize>,
    stroke_space: Option<usize>,
    fill_alpha: f64,
    stroke_alpha: f64,
    is_masked: bool,
    line: f64,
    font: Option<Rc<Font<'d>>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    mode: i64,
}

/// A letter that was painted: points of it, and which of them were covered since.
struct Letter {
    points: [(f32, f32); 15],
    covered: u16,
}

struct Page<'d, 'f> {
    document: &'d Document,
    fonts: &'f mut BTreeMap<ObjectId, Rc<Font<'d>>>,
    state: State<'d>,
    stack: Vec<State<'d>>,
    text: Matrix,
    line: Matrix,
    shape: Shape,
    /// Whether the shape becomes a clip, and if so whether by the even-odd rule.
    clipping: Option<bool>,
    shown: Rect,
    letters: Vec<Letter>,
    /// Letters by the place where they stand, in squares of 32 points.
    grid: BTreeMap<(i32, i32), Vec<usize>>,
    largest: f64,
    painted: Vec<(Painted, Colour)>,
    kinds: Vec<Kind>,
    counts: BTreeMap<Kind, usize>,
    operations: usize,
    tests: u64,
}

const SQUARE: f64 = 32.0;

impl<'d, 'f> Page<'d, 'f> {
    fn new(
        document: &'d Document,
        id: ObjectId,
        fonts: &'f mut BTreeMap<ObjectId, Rc<Font<'d>>>,
    ) -> Self {
        let media = inherited(document, id, b"MediaBox").and_then(|area| rectangle(document, area));
        let crop = inherited(document, id, b"CropBox").and_then(|area| rectangle(document, area));
        let media = media.unwrap_or(Rect::new(0.0, 0.0, 612.0, 792.0));
        let shown = crop.map_or(media, |crop| crop.within(media));
        let state = State {
            to_page: Matrix::SAME,
            clip: Rect::ALL,
            clips: Clips::default(),
            fill: BLACK,
            stroke: BLACK,
            fill_space: Some(1),
            stroke_space: Some(1),
            fill_alpha: 1.0,
            stroke_alpha: 1.0,
            is_masked: false,
            line: 1.0,
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
        };
        Self {
            document,
            fonts,
            state,
            stack: Vec::new(),
            text: Matrix::SAME,
            line: Matrix::SAME,
            shape: Shape::default(),
            clipping: None,
            shown,
            letters: Vec::new(),
            grid: BTreeMap::new(),
            largest: 0.0,
            painted: Vec::new(),
            kinds: Vec::new(),
            counts: BTreeMap::new(),
            operations: 0,
            tests: 0,
        }
    }

    fn read(&mut self, id: ObjectId) -> Option<()> {
        let page = self.document.get_dictionary(id).ok()?;
        let resources =
            inherited(self.document, id, b"Resources").and_then(|object| object.as_dict().ok());
        let bytes = self
            .document
            .get_page_content_with_limit(id, LARGEST_STREAM)
            .ok()?;
        if page.has(b"Contents") && bytes.is_empty() {
            return Some(());
        }
        self.run(&bytes, resources, 0)
    }

    /// Follows the operators of a page or of a form.
    fn run(&mut self, bytes: &[u8], resources: Option<&'d Dictionary>, depth: usize) -> Option<()> {
        let content = Content::decode(bytes).ok()?;
        for operation in &content.operations {
            self.operations += 1;
            if self.operations > MOST_OPERATIONS
                || self.letters.len() > MOST_LETTERS
                || self.tests > MOST_TESTS
            {
                return None;
            }
            self.step(operation, resources, depth)?;
        }
        Some(())
    }

    fn step(
        &mut self,
        operation: &Operation,
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Option<()> {
        let operands = operation.operands.as_slice();
        let numbers = numbers(operands);
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("q", _) => {
                if self.stack.len() > 500 {
                    return None;
                }
                self.stack.push(self.state.clone());
            }
            ("Q", _) => {
                if let Some(state) = self.stack.pop() {
                    self.state = state;
                }
            }
            ("cm", [a, b, c, d, e, f]) => {
                self.state.to_page = Matrix([*a, *b, *c, *d, *e, *f]).then(self.state.to_page);
            }
            ("w", [width]) => self.state.line = *width,
            ("gs", _) => self.graphics_state(operands, resources),
            ("m" | "l" | "c" | "v" | "y" | "re" | "h", _) => {
                self.draw(operation.operator.as_str(), &numbers);
            }
            ("W", _) => self.clipping = Some(false),
            ("W*", _) => self.clipping = Some(true),
            ("f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "S" | "s" | "n", _) => {
                self.paint(operation.operator.as_str());
            }
            ("sh", _) => {
                let area = self.state.clip.within(self.shown);
                self.cover(Shape::of(area), false, None, self.state.fill_alpha, None);
            }
            ("BI", _) => {
                let unit = Shape::quad(self.state.to_page);
                self.cover(unit, false, None, self.state.fill_alpha, None);
            }
            ("Do", _) => self.object(operands, resources, depth)?,
            (
                "g" | "rg" | "k" | "G" | "RG" | "K" | "cs" | "CS" | "sc" | "scn" | "SC" | "SCN",
                _,
            ) => self.colour(operation, &numbers, resources),
            _ => self.letters(operation, &numbers, resources),
        }
        Some(())
    }

    fn draw(&mut self, operator: &str, numbers: &[f64]) {
        let to_page = self.state.to_page;
        let at = |x: f64, y: f64| to_page.apply((x, y));
        match (operator, numbers) {
            ("m", [x, y]) => self.shape.begin(at(*x, *y)),
            ("l", [x, y]) => self.shape.line(at(*x, *y)),
            ("c", [a, b, c, d, e, f]) => self.shape.curve(at(*a, *b), at(*c, *d), at(*e, *f)),
            ("v", [c, d, e, f]) => {
                let from = self.shape.last();
                self.shape.curve(from, at(*c, *d), at(*e, *f));
            }
            ("y", [a, b, e, f]) => self.shape.curve(at(*a, *b), at(*e, *f), at(*e, *f)),
            ("re", [x, y, width, height]) => {
                self.shape.begin(at(*x, *y));
                self.shape.line(at(x + width, *y));
                self.shape.line(at(x + width, y + height));
                self.shape.line(at(*x, y + height));
                self.shape.close();
            }
            _ => self.shape.close(),
        }
    }

    fn paint(&mut self, operator: &str) {
        let shape = std::mem::take(&mut self.shape);
        if let Some(is_even_odd) = self.clipping.take() {
            let (clip, clips) = (self.state.clip, Rc::clone(&self.state.clips));
            self.fill_and_stroke(operator, shape.clone());
            self.state.clip = clip.within(shape.bounds());
            // A page that nests more shapes than this is looked at as if the others were not there: more counts as covered.
            if !shape.is_upright() && clips.len() < 64 {
                let mut all = clips.to_vec();
                all.push(Rc::new(Painted::new(
                    shape,
                    is_even_odd,
                    clip,
                    &Clips::default(),
                )));
                self.state.clips = all.into();
            }
        } else {
            self.fill_and_stroke(operator, shape);
        }
    }

    fn fill_and_stroke(&mut self, operator: &str, shape: Shape) {
        let is_stroked = matches!(operator, "B" | "B*" | "b" | "b*" | "S" | "s");
        let width = self.state.line * self.state.to_page.scale();
        if is_stroked && width >= 3.0 {
            let (colour, alpha) = (self.state.stroke, self.state.stroke_alpha);
            let bars = shape.thick(width, matches!(operator, "s" | "b" | "b*"));
            self.cover(bars, false, colour, alpha, None);
        }
        if matches!(operator, "f" | "F" | "f*" | "B" | "B*" | "b" | "b*") {
            let (colour, alpha) = (self.state.fill, self.state.fill_alpha);
            self.cover(shape, operator.ends_with('*'), colour, alpha, None);
        }
    }

    /// Paints a shape over everything before it.
    fn cover(
        &mut self,
        shape: Shape,
        is_even_odd: bool,
        colour: Colour,
        alpha: f64,
        mask: Option<(&Mask, Matrix)>,
    ) {
        if alpha <= OPAQUE || self.state.is_masked {
            return;
        }
        let painted = Painted::new(
            shape,
            is_even_odd,
            self.state.clip.within(self.shown),
            &self.state.clips,
        );
        let bounds = painted.bounds();
        if bounds.is_empty() {
            return;
        }
        let reach = bounds.grown(self.largest);
        let (low, high) = (
            square(reach.left, reach.bottom),
            square(reach.right, reach.top),
        );
        for (_, indices) in self
            .grid
            .range((low.0, i32::MIN)..=(high.0, i32::MAX))
            .filter(|((_, y), _)| (low.1..=high.1).contains(y))
        {
            for index in indices {
                let Some(letter) = self.letters.get_mut(*index) else {
                    continue;
                };
                for (bit, (x, y)) in letter.points.iter().enumerate() {
                    let point = (f64::from(*x), f64::from(*y));
                    self.tests += 1;
                    if letter.covered & (1 << bit) == 0 && bounds.holds(point) {
                        self.tests += painted.cost();
                        let is_opaque = mask
                            .is_none_or(|(mask, to_mask)| mask.at(to_mask.apply(point)) > OPAQUE);
                        if is_opaque && painted.holds(point) {
                            letter.covered |= 1 << bit;
                        }
                    }
                }
            }
        }
        if bounds.width() > 2.0 && bounds.height() > 2.0 {
            // What shines through is a colour that nobody wrote down.
            self.painted
                .push((painted, colour.filter(|_| alpha > 0.95)));
        }
    }

    fn graphics_state(&mut self, operands: &[Object], resources: Option<&'d Dictionary>) {
        let Some(own) = self
            .resource(resources, b"ExtGState", operands)
            .and_then(|object| object.as_dict().ok())
        else {
            return;
        };
        let number = |key: &[u8]| own.get_deref(key, self.document).ok().and_then(number);
        if let Some(alpha) = number(b"ca") {
            self.state.fill_alpha = alpha;
        }
        if let Some(alpha) = number(b"CA") {
            self.state.stroke_alpha = alpha;
        }
        if let Some(width) = number(b"LW") {
            self.state.line = width;
        }
        if let Ok(mask) = own.get_deref(b"SMask", self.document) {
            self.state.is_masked = mask.as_dict().is_ok() || mask.as_stream().is_ok();
        }
        if let Ok(Object::Array(font)) = own.get_deref(b"Font", self.document)
            && let [font, size] = font.as_slice()
        {
            self.state.size = number_of(size);
            self.state.font = self.font(font);
        }
    }

    /// Returns what a name stands for in the resources of a page or form.
    fn resource(
        &self,
        resources: Option<&'d Dictionary>,
        kind: &[u8],
        operands: &[Object],
    ) -> Option<&'d Object> {
        let name = operands.last()?.as_name().ok()?;
        let kinds = resources?
            .get_deref(kind, self.document)
            .ok()?
            .as_dict()
            .ok()?;
        kinds.get_deref(name, self.document).ok()
    }

    fn colour(
        &mut self,
        operation: &Operation,
        numbers: &[f64],
        resources: Option<&'d Dictionary>,
    ) {
        let operator = operation.operator.as_str();
        let is_fill = operator.starts_with(char::is_lowercase);
        let space = match operator.to_lowercase().as_str() {
            "g" => Some(1),
            "rg" => Some(3),
            "k" => Some(4),
            "cs" => self.space(&operation.operands, resources),
            _ if is_fill => self.state.fill_space,
            _ => self.state.stroke_space,
        };
        let is_new_space = operator.eq_ignore_ascii_case("cs");
        let colour = match (space, numbers) {
            (Some(1 | 3 | 4), []) if is_new_space => BLACK,
            (Some(1), [grey]) => Some([*grey; 3]),
            (Some(3), [red, green, blue]) => Some([*red, *green, *blue]),
            (Some(4), [c, m, y, k]) => Some([*c, *m, *y].map(|ink| (1.0 - ink) * (1.0 - k))),
            _ => None,
        };
        if is_fill {
            (self.state.fill, self.state.fill_space) = (colour, space);
        } else {
            (self.state.stroke, self.state.stroke_space) = (colour, space);
        }
    }

    fn space(&self, operands: &[Object], resources: Option<&'d Dictionary>) -> Option<usize> {
        match operands.last()?.as_name().ok()? {
            b"DeviceGray" | b"G" => return Some(1),
            b"DeviceRGB" | b"RGB" => return Some(3),
            b"DeviceCMYK" | b"CMYK" => return Some(4),
            _ => {}
        }
        let space = self.resource(resources, b"ColorSpace", operands)?;
        if let Ok(name) = space.as_name() {
            return match name {
                b"DeviceGray" => Some(1),
                b"DeviceRGB" => Some(3),
                b"DeviceCMYK" => Some(4),
                _ => None,
            };
        }
        let items = space.as_array().ok()?;
        match items.first()?.as_name().ok()? {
            b"CalGray" => Some(1),
            b"CalRGB" => Some(3),
            b"ICCBased" => {
                let (_, profile) = self.document.dereference(items.get(1)?).ok()?;
                let count = profile.as_stream().ok()?.dict.get(b"N").ok()?;
                usize::try_from(count.as_i64().ok()?).ok()
            }
            _ => None,
        }
    }

    /// Paints a picture, or follows a form.
    fn object(
        &mut self,
        operands: &[Object],
        resources: Option<&'d Dictionary>,
        depth: usize,
    ) -> Option<()> {
        let Some(Object::Stream(stream)) = self.resource(resources, b"XObject", operands) else {
            return Some(());
        };
        let kind = stream
            .dict
            .get(b"Subtype")
            .ok()
            .and_then(|kind| kind.as_name().ok());
        if kind == Some(b"Image") {
            self.picture(stream);
            return Some(());
        }
        if depth > 20 {
            return None;
        }
        let dictionary = &stream.dict;
        let own = dictionary
            .get_deref(b"Resources", self.document)
            .ok()
            .and_then(|object| object.as_dict().ok());
        let matrix = dictionary
            .get_deref(b"Matrix", self.document)
            .ok()
            .and_then(|object| object.as_array().ok());
        let matrix = matrix
            .and_then(|items| <[f64; 6]>::try_from(self.follow_numbers(items)).ok())
            .map_or(Matrix::SAME, Matrix);
        let bounds = dictionary
            .get(b"BBox")
            .ok()
            .and_then(|area| rectangle(self.document, area));
        let saved = self.state.clone();
        let (stack, text, line) = (std::mem::take(&mut self.stack), self.text, self.line);
        self.state.to_page = matrix.then(self.state.to_page);
        if let Some(bounds) = bounds {
            self.state.clip = self
                .state
                .clip
                .within(Shape::of(bounds).through(self.state.to_page).bounds());
        }
        let bytes = stream
            .decompressed_content_with_limit(LARGEST_STREAM)
            .ok()?;
        let read = self.run(&bytes, own.or(resources), depth + 1);
        self.state = saved;
        self.stack = stack;
        (self.text, self.line) = (text, line);
        read
    }

    fn picture(&mut self, stream: &'d Stream) {
        let unit = Shape::quad(self.state.to_page);
        let mask = Mask::of(self.document, stream);
        let to_mask = self.state.to_page.inverse();
        let colour = stream
            .dict
            .has(b"ImageMask")
            .then_some(self.state.fill)
            .flatten();
        let alpha = self.state.fill_alpha;
        match (&mask, to_mask) {
            (Some(mask), Some(to_mask)) => {
                self.cover(unit, false, colour, alpha, Some((mask, to_mask)));
            }
            _ => self.cover(unit, false, colour, alpha, None),
        }
    }

    fn follow_numbers(&self, items: &[Object]) -> Vec<f64> {
        let all = items
            .iter()
            .filter_map(|item| self.document.dereference(item).ok());
        all.filter_map(|(_, item)| number(item)).collect()
    }

    fn font(&mut self, object: &'d Object) -> Option<Rc<Font<'d>>> {
        let id = object.as_reference().ok();
        if let Some(font) = id.and_then(|id| self.fonts.get(&id)) {
            return Some(Rc::clone(font));
        }
        let (_, dictionary) = self.document.dereference(object).ok()?;
        let font = Rc::new(Font::new(self.document, dictionary.as_dict().ok()?));
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&font));
        }
        Some(font)
    }

    /// Follows the operators of text.
    fn letters(
        &mut self,
        operation: &Operation,
        numbers: &[f64],
        resources: Option<&'d Dictionary>,
    ) {
        match (operation.operator.as_str(), numbers) {
            ("BT", _) => (self.text, self.line) = (Matrix::SAME, Matrix::SAME),
            ("Tc", [space]) => self.state.letter_space = *space,
            ("Tw", [space]) => self.state.word_space = *space,
            ("Tz", [percent]) => self.state.stretch = percent / 100.0,
            ("TL", [leading]) => self.state.leading = *leading,
            ("Ts", [rise]) => self.state.rise = *rise,
            ("Tr", [_]) => {
                self.state.mode = operation
                    .operands
                    .first()
                    .and_then(|mode| mode.as_i64().ok())
                    .unwrap_or(0);
            }
            ("Tf", [size]) => {
                self.state.size = *size;
                let name = operation
                    .operands
                    .first()
                    .and_then(|name| name.as_name().ok());
                let fonts = resources
                    .and_then(|own| own.get_deref(b"Font", self.document).ok())
                    .and_then(|fonts| fonts.as_dict().ok());
                let font = name.and_then(|name| fonts?.get(name).ok());
                self.state.font = font.and_then(|font| self.font(font));
            }
            ("Td", [x, y]) => self.move_line(*x, *y),
            ("TD", [x, y]) => {
                self.state.leading = -y;
                self.move_line(*x, *y);
            }
            ("Tm", [a, b, c, d, e, f]) => {
                self.line = Matrix([*a, *b, *c, *d, *e, *f]);
                self.text = self.line;
            }
            ("T*", _) => self.move_line(0.0, -self.state.leading),
            ("Tj", _) => self.show_all(&operation.operands),
            ("'", _) => {
                self.move_line(0.0, -self.state.leading);
                self.show_all(&operation.operands);
            }
            ("\"", [word, letter]) => {
                (self.state.word_space, self.state.letter_space) = (*word, *letter);
                self.move_line(0.0, -self.state.leading);
                self.show_all(&operation.operands);
            }
            ("TJ", _) => {
                for item in &operation.operands {
                    if let Object::Array(items) = item {
                        self.show_all(items);
                    }
                }
            }
            _ => {}
        }
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(self.line);
        self.text = self.line;
    }

    fn show_all(&mut self, items: &[Object]) {
        for item in items {
            match item {
                Object::String(bytes, _) => self.show(bytes),
                Object::Integer(_) | Object::Real(_) => {
                    let shift = -number_of(item) / 1000.0 * self.state.size * self.state.stretch;
                    self.advance(shift);
                }
                Object::Null
                | Object::Boolean(_)
                | Object::Name(_)
                | Object::Array(_)
                | Object::Dictionary(_)
                | Object::Stream(_)
                | Object::Reference(_) => {}
            }
        }
    }

    fn advance(&mut self, by: f64) {
        self.text = Matrix([1.0, 0.0, 0.0, 1.0, by, 0.0]).then(self.text);
    }

    fn show(&mut self, bytes: &[u8]) {
        let font = self.state.font.clone();
        let length = font.as_ref().map_or(1, |font| font.code_length());
        for code in bytes.chunks(length) {
            let (width, is_blank) = font
                .as_ref()
                .map_or((0.5, false), |font| (font.width(code), font.is_blank(code)));
            if !is_blank {
                self.letter(width);
            }
            let word = if code == b" " {
                self.state.word_space
            } else {
                0.0
            };
            self.advance(
                (width * self.state.size + self.state.letter_space + word) * self.state.stretch,
            );
            if self.letters.len() > MOST_LETTERS {
                return;
            }
        }
    }

    /// Sets one letter, and looks whether it can be seen.
    fn letter(&mut self, width: f64) {
        let state = &self.state;
        let own = Matrix([
            state.size * state.stretch,
            0.0,
            0.0,
            state.size,
            0.0,
            state.rise,
        ]);
        let to_page = own.then(self.text).then(state.to_page);
        let mut points = [(0.0_f32, 0.0_f32); 15];
        let mut exact = [(0.0, 0.0); 15];
        let places = [0.05, 0.3, 0.55]
            .into_iter()
            .flat_map(|y| [0.1, 0.3, 0.5, 0.7, 0.9].map(|x| (x, y)));
        for (at, (x, y)) in places.enumerate() {
            let point = to_page.apply((x * width, y));
            if let (Some(own), Some(exact)) = (points.get_mut(at), exact.get_mut(at)) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "places on a page, to a hair's breadth"
                )]
                let rounded = (point.0 as f32, point.1 as f32);
                (*own, *exact) = (rounded, point);
            }
        }
        let centre = exact.get(7).copied().unwrap_or_default();
        if !(centre.0.is_finite() && centre.1.is_finite()) {
            return;
        }
        if let Some(kind) = self.fault(&exact, centre, to_page.height()) {
            *self.counts.entry(kind).or_default() += 1;
            return;
        }
        self.largest = self
            .largest
            .max(to_page.height())
            .max(width.abs() * to_page.scale())
            .min(2_000.0);
        self.grid
            .entry(square(centre.0, centre.1))
            .or_default()
            .push(self.letters.len());
        self.letters.push(Letter { points, covered: 0 });
    }

    /// Says why a letter cannot be seen where it is set.
    fn fault(&mut self, points: &[Point], centre: Point, height: f64) -> Option<Kind> {
        let state = &self.state;
        if matches!(state.mode, 3 | 7) {
            return Some(Kind::Invisible);
        }
        let is_stroked = matches!(state.mode, 1 | 5);
        let alpha = if is_stroked {
            state.stroke_alpha
        } else {
            state.fill_alpha
        };
        if alpha < 0.05 {
            return Some(Kind::Invisible);
        }
        let shown = self.shown.within(state.clip).grown(1.0);
        if !points.iter().any(|point| shown.holds(*point)) {
            return Some(Kind::Outside);
        }
        if height < 1.0 {
            return Some(Kind::Tiny);
        }
        self.tests += self.painted.len() as u64;
        let state = &self.state;
        let colour = if is_stroked { state.stroke } else { state.fill }?;
        let behind = points.iter().chain([&centre]).step_by(4).all(|point| {
            self.background(*point)
                .is_some_and(|behind| behind.iter().zip(colour).all(|(a, b)| (a - b).abs() < 0.04))
        });
        behind.then_some(Kind::SameColour)
    }

    /// Returns the colour at a place; `None` where it is not known.
    fn background(&self, point: Point) -> Colour {
        let below = self
            .painted
            .iter()
            .rev()
            .find(|(painted, _)| painted.bounds().holds(point) && painted.holds(point));
        below.map_or(Some(WHITE), |(_, colour)| *colour)
    }

    /// Counts the letters that cannot be seen. A single one is a matter of chance: places are known only about.
    fn judge(&mut self) {
        let covered = self
            .letters
            .iter()
            .filter(|letter| letter.covered.count_ones() >= 9)
            .count();
        *self.counts.entry(Kind::Covered).or_default() += covered;
        self.kinds.extend(
            self.counts
                .iter()
                .filter(|(_, count)| **count >= 2)
                .map(|(kind, _)| *kind),
        );
    }
}

/// Returns the square of the grid in which a place lies.
fn square(x: f64, y: f64) -> (i32, i32) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast goes to the nearest number that fits"
    )]
    let part = |value: f64| (value / SQUARE).floor() as i32;
    (part(x), part(y))
}

fn number(object: &Object) -> Option<f64> {
    object.as_float().ok().map(f64::from)
}

fn number_of(object: &Object) -> f64 {
    number(object).unwrap_or(0.0)
}

fn numbers(operands: &[Object]) -> Vec<f64> {
    operands.iter().filter_map(number).collect()
}

/// Returns an entry of a page, or of the nearest part of the tree above it that has one.
fn inherited<'d>(document: &'d Document, id: ObjectId, key: &[u8]) -> Option<&'d Object> {
    let mut node = document.get_dictionary(id).ok()?;
    for _ in 0..50 {
        if let Ok(value) = node.get_deref(key, document) {
            return Some(value);
        }
        node = node.get_deref(b"Parent", document).ok()?.as_dict().ok()?;
    }
    None
}

fn rectangle(document: &Document, object: &Object) -> Option<Area> {
    let (_, object) = document.dereference(object).ok()?;
    let items = object
        .as_array()
        .ok()?
        .iter()
        .filter_map(|item| document.dereference(item).ok());
    let numbers: Vec<f64> = items.filter_map(|(_, item)| number(item)).collect();
    let [a, b, c, d] = <[f64; 4]>::try_from(numbers).ok()?;
    Some(Rect::new(a, b, c, d))
}
