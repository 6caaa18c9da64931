//! `#[derive(HandlerError)]`: kinds for the variants of a user's own error, and its texts.

mod attrs;
mod text;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Generics, Ident, Index, Member, Type};

use self::attrs::{Attrs, Kind};
use self::text::Text;
use crate::diag::Diag;
use crate::expand::{at, private_block};
use crate::krate::{Krate, private};

pub(crate) fn handler_error(tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let error = match syn::parse2::<DeriveInput>(tokens) {
        Ok(item) => check(item, &mut diag),
        Err(error) => {
            diag.push(error);
            None
        }
    };
    let mistakes = diag.finish();
    // With mistakes in it, it is still an error, so that nothing that uses it is a mistake as well.
    // If it is an error by other means, they may be wrong too, and nothing needs its kinds.
    let sound = |error: &HandlerError| mistakes.is_empty() || error.is_whole;
    let expansion = error.filter(sound).map(|error| expand(&error));
    quote!(#expansion #mistakes)
}

// ---- model ---------------------------------------------------------------------------------------

/// A type whose values are errors with kinds.
struct HandlerError {
    krate: Krate,
    ident: Ident,
    /// The variants of an enum, or a struct as a whole.
    cases: Vec<Case>,
    /// Whether its texts stand here. Otherwise `Display` and `Error` are the user's own, or those of
    /// `thiserror`.
    is_whole: bool,
}

struct Case {
    /// `None` for a struct.
    variant: Option<Ident>,
    kind: Kind,
    /// `None` where it is another's.
    text: Option<Text>,
    source: Option<Member>,
    /// The field that is all that the case holds, and its type.
    from: Option<(Member, Type)>,
}

/// A case as it was written.
struct Written {
    variant: Option<Ident>,
    attrs: Attrs,
    fields: Fields,
}

fn check(item: DeriveInput, diag: &mut Diag) -> Option<HandlerError> {
    let DeriveInput { attrs, vis: _, ident, generics, data } = item;
    refuse_generics(&generics, diag)?;
    let on_type = Attrs::read(&attrs, diag);
    let (written, krate) = match data {
        Data::Union(union) => {
            let rule =
                "`HandlerError` is for structs and enums: nobody can tell what a union holds";
            diag.under(union.union_token, rule);
            return None;
        }
        Data::Struct(of) => {
            let krate = on_type.krate(diag);
            (vec![Written { variant: None, attrs: on_type, fields: of.fields }], krate)
        }
        Data::Enum(of) => {
            on_type.refuse_all_but_crate(diag);
            let written = of.variants.into_iter().map(|variant| {
                let attrs = Attrs::read(&variant.attrs, diag);
                attrs.refuse_crate(diag);
                Written { variant: Some(variant.ident), attrs, fields: variant.fields }
            });
            let written: Vec<Written> = written.collect();
            (written, on_type.krate(diag))
        }
    };
    let is_whole = written.iter().any(|case| case.attrs.text().is_some());
    // Fields with `#[source]` may be for another derive that reads such attributes.
    let is_ours = written.iter().any(|case| case.attrs.has_kind())
        && !written.iter().any(|case| case.attrs.is_shared());
    let mut cases: Vec<Case> = Vec::new();
    for case in written {
        let mut case = check_case(case, &ident, is_whole, is_ours, diag);
        refuse_same_from(&mut case, &cases, diag);
        cases.push(case);
    }
    Some(HandlerError { krate, ident, cases, is_whole })
}

fn refuse_generics(generics: &Generics, diag: &mut Diag) -> Option<()> {
    if generics.params.is_empty() {
        return Some(());
    }
    diag.under(
        generics,
        "`HandlerError` is for a type without generics: its kinds are found by the one type that \
         it is; take `String` or `Box<dyn Error + Send + Sync>` instead of a parameter",
    );
    None
}

fn check_case(
    written: Written,
    of: &Ident,
    is_whole: bool,
    is_ours: bool,
    diag: &mut Diag,
) -> Case {
    let Written { variant, attrs, fields } = written;
    let name = variant.as_ref().unwrap_or(of);
    let kind = attrs.kind(name, diag);
    let text = attrs
        .text()
        .filter(|_| !attrs.has_values())
        .and_then(|literal| Text::check(literal, &fields, diag));
    if attrs.text().is_none() {
        attrs.refuse_without_text(name, is_whole, diag);
    }
    let (source, from) = check_fields(&fields, is_whole, is_ours, diag);
    // A text that is wrong is one nevertheless: `Display` has to say something.
    let text = if is_whole { Some(text.unwrap_or_else(|| Text::empty(name.span()))) } else { None };
    Case { variant, kind, text, source, from }
}

/// The source of an error, and what it is made of by `?`.
fn check_fields(
    fields: &Fields,
    is_whole: bool,
    is_ours: bool,
    diag: &mut Diag,
) -> (Option<Member>, Option<(Member, Type)>) {
    let (mut source, mut from) = (None, None);
    for (number, field) in fields.iter().enumerate() {
        let Some((attr, is_from)) = field_attr(field, is_whole || is_ours, diag) else { continue };
        if !is_whole {
            if is_ours {
                diag.under(
                    attr,
                    "this is for a type whose texts stand here: give each variant one, \
                     `#[error(kind = Internal, \"..\")]`; otherwise `Error` is implemented by hand",
                );
            }
            continue;
        }
        if source.is_some() {
            diag.under(attr, "an error has one source, and this is the second; keep one of them");
            continue;
        }
        let member = member(number, field);
        if is_from {
            if fields.len() == 1 {
                from = Some((member.clone(), field.ty.clone()));
            } else {
                diag.under(
                    attr,
                    "`#[from]` makes the error of this field alone, so that there can be no other; \
                     write `#[source]` instead, or leave the others out",
                );
            }
        }
        source = Some(member);
    }
    (source, from)
}

/// The attribute of a field that says where the error comes from, and whether it is `#[from]`.
fn field_attr<'a>(
    field: &'a Field,
    checked: bool,
    diag: &mut Diag,
) -> Option<(&'a Attribute, bool)> {
    let ours = |attr: &&Attribute| attr.path().is_ident("source") || attr.path().is_ident("from");
    let mut attrs = field.attrs.iter().filter(ours);
    let first = attrs.next()?;
    if checked {
        if let Some(second) = attrs.next() {
            let what =
                "`#[from]` is the source as well; keep `#[from]` alone, or `#[source]` alone";
            diag.under(second, what);
        }
        if first.meta.require_path_only().is_err() {
            let name = first.path().to_token_stream();
            diag.under(first, format!("`#[{name}]` takes nothing: write `#[{name}]`"));
        }
    }
    let is_from = field.attrs.iter().any(|attr| attr.path().is_ident("from"));
    Some((first, is_from))
}

/// Two variants that `?` could make of the same type: the second is made by hand only.
fn refuse_same_from(case: &mut Case, others: &[Case], diag: &mut Diag) {
    let text = |kind: &Type| kind.to_token_stream().to_string();
    let Some((_, kind)) = &case.from else { return };
    let same =
        |other: &&Case| other.from.as_ref().is_some_and(|(_, other)| text(other) == text(kind));
    if let Some(Case { variant: Some(other), .. }) = others.iter().find(same) {
        diag.under(
            kind,
            format!(
                "`?` makes `{other}` of this type already; keep `#[from]` there or here, and write \
                 `#[source]` at the other"
            ),
        );
        case.from = None;
    }
}

fn member(number: usize, field: &Field) -> Member {
    match &field.ident {
        Some(ident) => Member::Named(ident.clone()),
        None => {
            Member::Unnamed(Index { index: number.try_into().unwrap_or(0), span: field.ty.span() })
        }
    }
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// #[derive(HandlerError)]                        const _: () = {
/// enum ShopError {                                   impl Display for ShopError { .. }
///     #[error(kind = NotFound, "no order {id}")]     impl Error for ShopError { .. }
///     NoOrder { id: u64 },                           impl From<io::Error> for ShopError { .. }
///     #[error(kind = Internal, "database")]          impl HasKind for ShopError { .. }
///     Database(#[from] io::Error),                   inventory::submit! {
/// }                                                      KindEntry::of::<ShopError>()
///                                                    }
///                                                };
/// ```
///
/// The entry in the registry is what keeps the kind through `?`, which knows only that it is some
/// error.
fn expand(error: &HandlerError) -> TokenStream {
    let HandlerError { krate, ident, cases, is_whole } = error;
    let span = at(ident.span());
    let private = private(span);
    let ours = is_whole.then(|| {
        let display = expand_display(ident, cases);
        let error = expand_error(ident, cases);
        quote!(#display #error)
    });
    let froms = cases.iter().map(|case| expand_from(ident, case));
    let kinds = cases.iter().map(|case| {
        let pattern = pattern(case, span, &[]);
        let span = at(case.kind.span());
        let private = self::private(span);
        let kind = case.kind.ident(span);
        quote_spanned!(span=> #pattern => #private::Kind::#kind,)
    });
    let kinds = matched(cases, span, kinds.collect());
    let content = quote_spanned! {span=>
        #ours
        #(#froms)*
        #[automatically_derived]
        impl #private::HasKind for #ident {
            fn kind(&self) -> #private::Kind {
                #kinds
            }
        }
        #private::inventory::submit! { #private::KindEntry::of::<#ident>() }
    };
    private_block(krate, &[], span, content)
}

/// ```text
/// #[error(.., "no order {id}")]     Self::NoOrder { id: __manager_field_id, .. } => write!(
/// NoOrder { id: u64 },                  f, "no order {__manager_field_id}", __manager_field_id = __manager_field_id
///                                   ),
/// ```
fn expand_display(ident: &Ident, cases: &[Case]) -> TokenStream {
    let span = at(ident.span());
    let arms = cases.iter().filter_map(|case| {
        let text = case.text.as_ref()?;
        let span = at(text.span());
        let pattern = pattern(case, span, text.members());
        let names: Vec<Ident> = text.members().iter().map(|member| binding(member, span)).collect();
        let text = text.format();
        Some(quote_spanned! {span=>
            #pattern => ::core::write!(__manager_formatter, #text #(, #names = #names)*),
        })
    });
    let body = matched(cases, span, arms.collect());
    quote_spanned! {span=>
        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(
                &self,
                __manager_formatter: &mut ::core::fmt::Formatter<'_>,
            ) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

/// ```text
/// Database(#[source] io::Error),     Self::Database { 0: __manager_field_0, .. } => {
///                                        Some(__manager_field_0.as_source())
///                                    }
/// ```
///
/// What a source is, a `Box<dyn Error>` too, is known to the trait behind `as_source` alone.
fn expand_error(ident: &Ident, cases: &[Case]) -> TokenStream {
    let span = at(ident.span());
    let private = private(span);
    let has_source = cases.iter().any(|case| case.source.is_some());
    let source = has_source.then(|| {
        let arms = cases.iter().map(|case| match &case.source {
            None => {
                let pattern = pattern(case, span, &[]);
                quote_spanned!(span=> #pattern => ::core::option::Option::None,)
            }
            Some(member) => {
                let span = at(member.span());
                let pattern = pattern(case, span, std::slice::from_ref(member));
                let source = binding(member, span);
                quote_spanned! {span=>
                    #pattern => ::core::option::Option::Some(#source.as_source()),
                }
            }
        });
        let body = matched(cases, span, arms.collect());
        quote_spanned! {span=>
            fn source(
                &self,
            ) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
                use #private::AsSource as _;
                #body
            }
        }
    });
    quote_spanned! {span=>
        #[automatically_derived]
        impl ::core::error::Error for #ident { #source }
    }
}

/// ```text
/// Database(#[from] io::Error),     impl From<io::Error> for ShopError {
///                                      fn from(source: io::Error) -> Self {
///                                          Self::Database { 0: source }
///                                      }
///                                  }
/// ```
fn expand_from(ident: &Ident, case: &Case) -> Option<TokenStream> {
    let (member, kind) = case.from.as_ref()?;
    let span = at(kind.span());
    let path = path(case, span);
    Some(quote_spanned! {span=>
        #[automatically_derived]
        impl ::core::convert::From<#kind> for #ident {
            fn from(__manager_source: #kind) -> Self {
                #path { #member: __manager_source }
            }
        }
    })
}

/// `match self { .. }`, also where there is nothing to match.
fn matched(cases: &[Case], span: Span, arms: TokenStream) -> TokenStream {
    let value =
        if cases.is_empty() { quote_spanned!(span=> *self) } else { quote_spanned!(span=> self) };
    quote_spanned!(span=> match #value { #arms })
}

/// `Self::NoOrder { id: __manager_field_id, .. }`: braces stand for variants of every kind.
fn pattern(case: &Case, span: Span, members: &[Member]) -> TokenStream {
    let path = path(case, span);
    let names = members.iter().map(|member| binding(member, span));
    quote_spanned!(span=> #path { #(#members: #names,)* .. })
}

fn path(case: &Case, span: Span) -> TokenStream {
    match &case.variant {
        Some(variant) => quote_spanned!(span=> Self::#variant),
        None => quote_spanned!(span=> Self),
    }
}

/// The name of a field in generated code.
fn binding(member: &Member, span: Span) -> Ident {
    format_ident!("{}", text::binding(member), span = span)
}

/// The names of fields as they stand in a text.
fn names(fields: &Fields) -> Vec<(String, Member)> {
    let each = fields.iter().enumerate();
    each.map(|(number, field)| {
        let member = member(number, field);
        (text::name(&member), member)
    })
    .collect()
}
