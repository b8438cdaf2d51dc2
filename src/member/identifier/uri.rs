//! Payment URIs: the scheme before an address and the query after it, as BIP-21 and similar documents have them.

/// Removes `scheme`, with its colon, in any case, before the address, and `?` with parameters after it.
pub(super) fn strip<'a>(value: &'a str, scheme: &str) -> &'a str {
    let rest = match value.split_at_checked(scheme.len()) {
        Some((before, rest)) if before.eq_ignore_ascii_case(scheme) => rest,
        _ => value,
    };
    rest.split_once('?').map_or(rest, |(address, _)| address)
}
