//! Names of kinds as they are typed, and what a mistyped one was meant to be.
//!
//! People paste values in the wrong place. So a message repeats what was typed only if it is close to a kind's name
//! and could be one.

use strsim::osa_distance;
use veilmatch::Error;
#[cfg(feature = "member")]
use veilmatch::member::identifier::Kind;

use crate::Failure;

/// The longest text that is repeated, and that is compared with names.
const LONGEST: usize = 40;

/// The most digits in a row of a text that is repeated.
const MOST_DIGITS: usize = 4;

/// The most letters that are wrong, missing, too many or swapped in a mistyped name.
const MOST_TYPOS: usize = 2;

/// The id that stands for all opaque kinds.
const OPAQUE: &str = "opaque.NAME/1";

/// Returns the kind that was typed, with or without its version.
#[cfg(feature = "member")]
pub(crate) fn kind(text: &str) -> Result<Kind, Failure> {
    text.parse().map_err(|error| match error {
        Error::UnknownKind => unknown(text, error),
        other => other.into(),
    })
}

/// Says which kind may have been meant by a text that names none.
#[cfg(feature = "member")]
fn unknown(text: &str, error: Error) -> Failure {
    let meant = meant(text, Kind::ALL.iter().map(Kind::id).chain([OPAQUE]));
    let code = error.code();
    let message = match repeated(text) {
        Some(known) if Kind::ALL.iter().any(|kind| name(kind.id()) == known) => {
            format!("this build has no such version of {known}")
        }
        Some(name) if !meant.is_empty() => format!("this build has no kind {name}"),
        _ => error.to_string(),
    };
    let way_out = match meant.is_empty() {
        true => "; veilmatch kinds lists them".to_owned(),
        false => did_you_mean(&meant),
    };
    Failure::Refused { code, message: message + &way_out }
}

/// Adds to an error the kinds of a round that may have been meant by the text of an option, if there are any.
pub(crate) fn suggest<'a>(
    error: Error,
    text: &str,
    option: &'static str,
    ids: impl Iterator<Item = &'a str>,
) -> Failure {
    let meant = meant(text, ids);
    let (code, error) = (error.code(), error.at(option));
    match meant.is_empty() {
        true => error.into(),
        false => Failure::Refused { code, message: format!("{error}{}", did_you_mean(&meant)) },
    }
}

fn did_you_mean(meant: &[&str]) -> String {
    format!("; did you mean {}?", meant.join(" or "))
}

/// Returns the kinds that may have been meant: those whose name is closest to the text, or has it as a word. They are
/// ids if the text has a version, and names otherwise.
fn meant<'a>(text: &str, ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    let text = text.trim().to_ascii_lowercase();
    let typed = name(&text);
    let mut closest = MOST_TYPOS;
    let mut found = Vec::new();
    for id in ids {
        let typos = match id {
            OPAQUE => osa_distance(typed.split('.').next().unwrap_or_default(), "opaque"),
            id if name(id).split('.').any(|word| word == typed) => 0,
            id => osa_distance(typed, name(id)),
        };
        if typos < closest {
            found.clear();
            closest = typos;
        }
        if typos == closest {
            found.push(if typed == text { name(id) } else { id });
        }
    }
    found
}

/// Returns a kind's id without its version.
fn name(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

/// Returns the typed name of a kind if it may be repeated: it has the characters of a name, and no number in it.
#[cfg(feature = "member")]
fn repeated(text: &str) -> Option<&str> {
    let name = name(text);
    let characters =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let digits = name.split(|character: char| !character.is_ascii_digit()).map(str::len).max();
    let could_be = name.len() <= LONGEST && name.bytes().all(characters) && digits <= Some(MOST_DIGITS);
    could_be.then_some(name)
}

#[cfg(all(test, feature = "member"))]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        match kind(text) {
            Err(Failure::Refused { code: "unknown_kind", message }) => message,
            Err(Failure::Error(error)) => error.to_string(),
            _ => panic!("a kind, or another failure"),
        }
    }

    #[test]
    fn a_mistyped_kind_gets_the_closest_kinds() {
        for (typed, meant) in [
            ("crad.pan", "this build has no kind crad.pan; did you mean card.pan?"),
            ("card.pn", "this build has no kind card.pn; did you mean card.pan?"),
            ("card.pan/2", "this build has no such version of card.pan; did you mean card.pan/1?"),
            ("card-pan", "this build has no kind card-pan; did you mean card.pan?"),
            ("iban", "this build has no kind iban; did you mean bank.iban?"),
            ("email", "this build has no kind email; did you mean email.mailbox or email.strict?"),
            ("emial.strict", "this build has no kind emial.strict; did you mean email.strict?"),
            ("opaque", "this build has no kind opaque; did you mean opaque.NAME?"),
            ("opaque.case-no/2", "this build has no kind opaque.case-no; did you mean opaque.NAME/1?"),
            ("opaqe.case-no", "this build has no kind opaqe.case-no; did you mean opaque.NAME?"),
            ("Card.PAN", "this build has no such kind or version of a kind; did you mean card.pan?"),
            ("card.nothing", "this build has no such kind or version of a kind; veilmatch kinds lists them"),
        ] {
            assert_eq!(message(typed), meant);
        }
    }

    #[test]
    fn what_could_be_a_value_is_never_repeated() {
        for value in [
            "4111111111111111",
            "card.pan4111111111111111",
            "opaque-4111111111111111",
            "opaque.4111 1111",
            "opaqe.12345",
            "evil-shop.example",
            "jane.doe@example.com",
            "qyr5z8xdvjnxq",
            "DE89370400440532013000",
            "card.pan/4111111111111111",
            &"a".repeat(70_000),
        ] {
            let said = message(value);
            assert!(!said.contains(value) && !said.contains("4111") && !said.contains("12345"), "{said}");
        }
    }
}
