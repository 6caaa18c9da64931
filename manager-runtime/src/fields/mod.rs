//! Values that came as text: from a path, a query, a form, or several of them at once.
//!
//! [`read`] is the front: it says what is read of what, and which error a misfit is. [`urlencoded`] takes
//! a query or a form apart; [`root`] gives a type the fields that it asks for, [`text`] one value, in the
//! way the type asks for it. [`misfit`] is what is said of a value that does not fit, and [`shape`] finds
//! out what a type asks for before there is any value.

mod misfit;
mod read;
mod root;
mod shape;
mod text;
mod urlencoded;

pub(crate) use misfit::shown;
pub(crate) use read::{Fields, read_form, read_message, read_path, read_query};
pub(crate) use shape::{Shape, missing_field, shape_of};
