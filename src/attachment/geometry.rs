//! Places on a page: matrices, areas, and whether a point lies in a shape. This file must never know what is drawn.

#![expect(
    clippy::many_single_char_names,
    reason = "matrices are written so in the format"
)]

use std::rc::Rc;

pub(super) type Point = (f64, f64);
pub(super) type Area = Rect;
/// Shapes within which something is painted.
pub(super) type Clips = Rc<[Rc<Painted>]>;

/// A matrix as PDF writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const SAME: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// Returns the matrix that does this one first and another one then.
    pub(super) fn then(self, other: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, other.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    pub(super) fn apply(self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    pub(super) fn inverse(self) -> Option<Self> {
        let [a, b, c, d, e, f] = self.0;
        let size = a * d - b * c;
        (size.abs() > 1e-12).then(|| {
            Self([
                d / size,
                -b / size,
                -c / size,
                a / size,
                (c * f - d * e) / size,
                (b * e - a * f) / size,
            ])
        })
    }

    /// Returns how long a unit becomes, about.
    pub(super) fn scale(self) -> f64 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs().sqrt()
    }

    /// Returns how high a unit becomes.
    pub(super) fn height(self) -> f64 {
        let [_, _, c, d, ..] = self.0;
        c.hypot(d)
    }
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) right: f64,
    pub(super) top: f64,
}

impl Rect {
    pub(super) const ALL: Self = Self {
        left: f64::NEG_INFINITY,
        bottom: f64::NEG_INFINITY,
        right: f64::INFINITY,
        top: f64::INFINITY,
    };

    pub(super) fn new(a: f64, b: f64, c: f64, d: f64) -> Self {
        Self {
            left: a.min(c),
            bottom: b.min(d),
            right: a.max(c),
            top: b.max(d),
        }
    }

    pub(super) fn within(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.min(other.right),
            top: self.top.min(other.top),
        }
    }

    pub(super) fn grown(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            bottom: self.bottom - by,
            right: self.right + by,
            top: self.top + by,
        }
    }

    pub(super) fn holds(self, (x, y): Point) -> bool {
        (self.left..=self.right).contains(&x) && (self.bottom..=self.top).contains(&y)
    }

    pub(super) fn is_empty(self) -> bool {
        !(self.left < self.right && self.bottom < self.top)
    }

    pub(super) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f64 {
        self.top - self.bottom
    }
}

/// A shape of straight lines, in one or more rings.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    rings: Vec<Vec<Point>>,
}

impl Shape {
    pub(super) fn of(area: Rect) -> Self {
        Self {
            rings: vec![vec![
                (area.left, area.bottom),
                (area.right, area.bottom),
                (area.right, area.top),
                (area.left, area.top),
            ]],
        }
    }

    /// Returns what becomes of the unit square.
    pub(super) fn quad(matrix: Matrix) -> Self {
        Self::of(Rect::new(0.0, 0.0, 1.0, 1.0)).through(matrix)
    }

    pub(super) fn through(mut self, matrix: Matrix) -> Self {
        for point in self.rings.iter_mut().flatten() {
            *point = matrix.apply(*point);
        }
        self
    }

    pub(super) fn begin(&mut self, point: Point) {
        self.rings.push(vec![point]);
    }

    pub(super) fn line(&mut self, point: Point) {
        match self.rings.last_mut() {
            Some(ring) => ring.push(point),
            None => self.begin(point),
        }
    }

    pub(super) fn last(&self) -> Point {
        self.rings
            .last()
            .and_then(|ring| ring.last())
            .copied()
            .unwrap_or_default()
    }

    /// Adds a curve, as eight lines.
    pub(super) fn curve(&mut self, one: Point, two: Point, end: Point) {
        let start = self.last();
        for step in 1..=8 {
            let t = f64::from(step) / 8.0;
            let u = 1.0 - t;
            let mix = |a: f64, b: f64, c: f64, d: f64| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            self.line((
                mix(start.0, one.0, two.0, end.0),
                mix(start.1, one.1, two.1, end.1),
            ));
        }
    }

    /// Ends a ring where it began; what follows begins there too.
    pub(super) fn close(&mut self) {
        if let Some(first) = self.rings.last().and_then(|ring| ring.first()).copied() {
            self.line(first);
        }
    }

    pub(super) fn bounds(&self) -> Rect {
        let mut bounds = Rect {
            left: f64::INFINITY,
            bottom: f64::INFINITY,
            right: f64::NEG_INFINITY,
            top: f64::NEG_INFINITY,
        };
        for (x, y) in self.rings.iter().flatten() {
            bounds.left = bounds.left.min(*x);
            bounds.bottom = bounds.bottom.min(*y);
            bounds.right = bounds.right.max(*x);
            bounds.top = bounds.top.max(*y);
        }
        bounds
    }

    /// Says whether this is one upright rectangle, or less.
    pub(super) fn is_upright(&self) -> bool {
        let bounds = self.bounds();
        let is_at_side = |(x, y): &Point| {
            let near = |a: f64, b: f64| (a - b).abs() < 0.01;
            (near(*x, bounds.left) || near(*x, bounds.right))
                && (near(*y, bounds.bottom) || near(*y, bounds.top))
        };
        let mut rings = self.rings.iter().filter(|ring| ring.len() > 1);
        rings
            .next()
            .is_none_or(|ring| ring.len() <= 5 && ring.iter().all(is_at_side))
            && rings.next().is_none()
    }

    /// Returns the bars that thick lines along this shape make.
    pub(super) fn thick(&self, width: f64, is_closed: bool) -> Self {
        let mut bars = Vec::new();
        for ring in &self.rings {
            let back = ring.first().filter(|_| is_closed);
            let ends = ring.iter().skip(1).chain(back);
            for (from, to) in ring.iter().zip(ends) {
                let (x, y) = (to.0 - from.0, to.1 - from.1);
                let length = x.hypot(y);
                if length > 0.0 {
                    let (x, y) = (-y / length * width / 2.0, x / length * width / 2.0);
                    bars.push(vec![
                        (from.0 + x, from.1 + y),
                        (to.0 + x, to.1 + y),
                        (to.0 - x, to.1 - y),
                        (from.0 - x, from.1 - y),
                    ]);
                }
            }
        }
        Self { rings: bars }
    }
}

/// A shape that was painted within an area.
#[derive(Clone, Debug)]
pub(super) struct Painted {
    shape: Shape,
    is_even_odd: bool,
    bounds: Rect,
    clips: Clips,
    edges: u64,
}

impl Painted {
    pub(super) fn new(shape: Shape, is_even_odd: bool, clip: Rect, clips: &Clips) -> Self {
        let own = shape.rings.iter().map(Vec::len).sum::<usize>();
        let edges = clips.iter().fold(own, |sum, clip| {
            sum + clip.shape.rings.iter().map(Vec::len).sum::<usize>()
        });
        Self {
            bounds: shape.bounds().within(clip),
            shape,
            is_even_odd,
            clips: Rc::clone(clips),
            edges: edges.try_into().unwrap_or(u64::MAX),
        }
    }

    pub(super) fn bounds(&self) -> Rect {
        self.bounds
    }

    /// Returns how many lines are looked at for one point.
    pub(super) fn cost(&self) -> u64 {
        self.edges
    }

    /// Says whether a point lies in the shape.
    pub(super) fn holds(&self, (x, y): Point) -> bool {
        if !self.bounds.holds((x, y)) || !self.clips.iter().all(|clip| clip.holds((x, y))) {
            return false;
        }
        let mut turns = 0_i64;
        for ring in &self.shape.rings {
            let ends = ring.iter().skip(1).chain(ring.first());
            for (from, to) in ring.iter().zip(ends) {
                let is_up = from.1 <= y && to.1 > y;
                let is_down = from.1 > y && to.1 <= y;
                if is_up || is_down {
                    let at = from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0);
                    if at > x {
                        turns += if is_up { 1 } else { -1 };
                    }
                }
            }
        }
        if self.is_even_odd {
            turns % 2 != 0
        } else {
            turns != 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_open_in_the_middle() {
        let mut frame = Shape::of(Rect::new(0.0, 0.0, 10.0, 10.0));
        frame
            .rings
            .extend(Shape::of(Rect::new(2.0, 2.0, 8.0, 8.0)).rings);
        let framed = Painted::new(frame.clone(), true, Rect::ALL, &Clips::default());
        assert!(framed.holds((1.0, 5.0)) && !framed.holds((5.0, 5.0)));
        assert!(Painted::new(frame, false, Rect::ALL, &Clips::default()).holds((5.0, 5.0)));
    }

    #[test]
    fn there_and_back() {
        let matrix = Matrix([2.0, 1.0, -1.0, 3.0, 5.0, 7.0]);
        let (x, y) = matrix.inverse().unwrap().apply(matrix.apply((0.25, 0.75)));
        assert!((x - 0.25).abs() < 1e-9 && (y - 0.75).abs() < 1e-9);
    }
}
