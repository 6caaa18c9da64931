//! Values that came as text: from a path, a query, a form, or several of them at once.
//!
//! [`read`] is the front: it says what is read of what, and which error a misfit is. [`urlencoded`] takes
//! a query or a form apart; [`root`] gives a type the fields that it asks for, [`text`] one value, in the
//! way the type asks for it. [`misfit`] is what is said of a value that does not fit, and [`shape`] finds
//! out what a type asks for before there is any value.

/// Hands the methods for all that a single text could be, and those that are named besides, to a macro that
/// writes them.
macro_rules! each_scalar {
    ($write:ident $($more:ident)*) => {
        $write! {
            deserialize_bool
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
            deserialize_f32 deserialize_f64
            deserialize_char deserialize_str deserialize_string deserialize_identifier
            deserialize_bytes deserialize_byte_buf
            $($more)*
        }
    };
}

/// What asks for one value gets the one that there is.
macro_rules! of_one {
    ($($deserialize:ident)*) => {
        $(
            fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
                self.one()?.$deserialize(visitor)
            }
        )*
    };
}

/// What is there is there, and a type around it is looked through.
macro_rules! looked_through {
    () => {
        fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visitor.visit_some(self)
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            visitor: V,
        ) -> Result<V::Value, Misfit> {
            visitor.visit_newtype_struct(self)
        }
    };
}

/// A type that asks for nothing is content with whatever there is.
macro_rules! nothing_asked {
    () => {
        fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visitor.visit_unit()
        }

        fn deserialize_unit_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            visitor: V,
        ) -> Result<V::Value, Misfit> {
            visitor.visit_unit()
        }

        fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visitor.visit_unit()
        }
    };
}

mod misfit;
mod read;
mod root;
mod shape;
mod text;
mod urlencoded;

pub(crate) use misfit::shown;
pub(crate) use read::{Fields, read_form, read_message, read_path, read_query};
pub(crate) use shape::{Shape, missing_field, shape_of};
