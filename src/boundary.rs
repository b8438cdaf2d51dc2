//! The trust boundary in the types: what stays at the member cannot be shown, serialised or copied.
//!
//! Tests of the documentation alone. Each bound is compiled twice: once asked of `String`, which meets it,
//! once of the type. The two differ in that alone, so a wrong path or bound would fail the first.

/// Makes the two tests for each type and bound, under the type's name.
macro_rules! lacks {
    ($($path:literal $name:ident: $($bound:literal),+;)+) => {$(
        $(
            #[doc = lacks!("```", $path, $name, $bound, "String")]
            #[doc = lacks!("```compile_fail,E0277", $path, $name, $bound, "T")]
        )+
        struct $name;
    )+};
    ($fence:literal, $path:literal, $name:ident, $bound:literal, $of:literal) => {
        concat!(
            $fence, "\nfn lacks<T>() where ", $of, ": ", $bound, " {}\n",
            "lacks::<veilmatch::", $path, stringify!($name), ">();\n```\n"
        )
    };
}

#[cfg(feature = "member")]
lacks! {
    "member::key::" CoalitionSecret: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::key::" TokenKey: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::tokenize::" Tokenizer: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::identifier::" Canonical: "std::fmt::Display", "serde::Serialize", "Clone";
    "" Token: "std::fmt::Display", "serde::Serialize";
    "member::cross_check::" CrossCheck: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::linking::" LinkKeys: "std::fmt::Display", "serde::Serialize", "Clone";
}

#[cfg(all(feature = "member", feature = "seal"))]
lacks! {
    "member::linking::" Pseudonyms: "std::fmt::Display", "serde::Serialize", "Clone";
}

#[cfg(all(feature = "member", feature = "oprf", feature = "seal"))]
lacks! {
    "member::oprf::" Translator: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::oprf::" Tagged: "std::fmt::Display", "serde::Serialize", "Clone";
    "member::oprf::" Tags: "std::fmt::Display", "serde::Serialize", "Clone";
}

#[cfg(feature = "secret-shares")]
lacks! {
    "member::key::" SecretShare: "std::fmt::Display", "serde::Serialize", "Clone";
}

#[cfg(feature = "seal")]
lacks! {
    "round::identity::" Identity: "std::fmt::Display", "serde::Serialize", "Clone";
}

#[cfg(feature = "custodian")]
lacks! {
    "custodian::" Seed: "std::fmt::Display", "serde::Serialize", "Clone";
    "custodian::" Share: "std::fmt::Display", "serde::Serialize", "Clone";
}
