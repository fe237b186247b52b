//! What an expression is made of.

use super::format::Format;
use crate::template::pattern::Pattern;

/// An expression of Perl's, as far as it is understood here.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(Vec<u8>),
    Int(i128),
    Float(f64),
    /// `"…"`, the replacement of `s///`.
    Interpolated(Vec<Piece>),
    /// `$_`.
    It,
    /// `$1` and so on.
    Group(usize),
    /// `$arg[1]` and so on.
    Arg(usize),
    /// `$_ = …`; with an operator, `$_ += …`.
    Assign(Option<Operator>, Box<Node>),
    /// `$_++` and so on.
    Step {
        up: bool,
        before: bool,
    },
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    Format(Format, Vec<Node>),
    /// `substr($_, …) = …`.
    Splice {
        place: Vec<Node>,
        by: Box<Node>,
    },
    Substitute {
        pattern: Pattern,
        by: Box<Node>,
        everywhere: bool,
        keep: bool,
    },
    Translate {
        table: Box<[Translation; 256]>,
        squeeze: bool,
        keep: bool,
    },
    /// Of `$_`, or of something else.
    Match(Pattern, Box<Node>),
    /// `if (…) {…} else {…}`.
    If(Box<Node>, Vec<Node>, Vec<Node>),
    Skip,
    Unquote,
    /// `{choose_k}`.
    Ascending,
    /// `{uniq}`.
    Unique,
    /// `{0#}`, `{0%}`.
    Padded {
        number: Number,
        most: Number,
    },
    Number(Number),
}

/// What becomes of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Translation {
    Stays,
    Becomes(u8),
    Vanishes,
}

/// A number of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Seq,
    Slot,
    Total,
    Slots,
}

/// A piece of an interpolated text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Value(Node),
    Case(Case),
}

/// `\U` and its like, for what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
    UpperOnce,
    LowerOnce,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Join,
    /// `||=`.
    Or,
    /// `&&=`.
    And,
    Less,
    Greater,
    NotGreater,
    NotLess,
    Equal,
    NotEqual,
    Order,
    TextLess,
    TextGreater,
    TextNotGreater,
    TextNotLess,
    TextEqual,
    TextNotEqual,
    TextOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Upper,
    Lower,
    UpperFirst,
    LowerFirst,
    Length,
    Substr,
    Index,
    Int,
    Abs,
    Chomp,
    Quote,
}
