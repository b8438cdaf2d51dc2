//! What tokenising and resolving ask of a builder.

use std::io;

use crate::container::records::Chunks;
use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::ContentDigest;
use crate::token::Token;

use super::{PIECE, SetBuilder};

impl SetBuilder<'_> {
    /// Counts what became of rows, whose accepted ones were counted when they were pushed.
    pub(crate) fn count(&self, counters: &Counters) {
        let rows = counters.rows - counters.accepted;
        self.lock().counters.add(&Counters { rows, accepted: 0, ..counters.clone() });
    }

    /// Forgets what was counted when tokens were pushed: each stands for all rows that have it, and these are what they are
    /// counted as.
    #[cfg(all(feature = "oprf", feature = "seal"))]
    pub(crate) fn count_anew(&self, counters: Counters) {
        self.lock().counters = Counters { duplicates: 0, ..counters };
    }

    /// Notes that not all tokens of an input have come: no set is made any more.
    pub(crate) fn give_up(&self, why: &Error) {
        self.lock().lost.get_or_insert_with(|| why.to_string());
    }

    /// Returns the digest of the tokens alone ([`TokenSet::content_digest`](crate::TokenSet::content_digest)), without
    /// the file.
    ///
    /// It takes the tokens: what is pushed later belongs to another set.
    ///
    /// # Errors
    ///
    /// [`Error::At`] the folder where writing or reading back fails, or failed before; [`Error::Cancelled`]. The tokens
    /// are lost then, as after an error of [`SetBuilder::push`].
    pub(crate) fn content_digest(&self) -> Result<ContentDigest, Error> {
        let digest = || {
            let runs = self.few_runs()?;
            let mut chunks = Chunks::on_this_thread(Token::LEN);
            let mut bytes = Vec::new();
            self.merge(&runs, |tokens| {
                for tokens in tokens.chunks(PIECE) {
                    bytes.clear();
                    tokens.iter().for_each(|token| bytes.extend_from_slice(token.as_bytes()));
                    chunks.push(&bytes, &mut io::sink())?;
                }
                Ok(())
            })?;
            Ok(chunks.finish_file(&mut io::sink())?.content_digest())
        };
        // They were taken nevertheless.
        digest().inspect_err(|error: &Error| {
            let why = error.to_string();
            self.lock().lost.get_or_insert(why);
        })
    }
}
