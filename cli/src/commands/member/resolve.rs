//! resolve: lists the member's own rows that its shares or notices speak of.

mod page;
mod table;
mod trail;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use veilmatch::container::FileType;
use veilmatch::matching::Holders;
use veilmatch::member::resolve::{Resolved, resolve, resolve_notice, resolve_within};
use veilmatch::member::rows::{Oddities, Rows};
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KindId, Terms};
use veilmatch::{Disclosure, Error, Notice, SetBuilder, Share};

use super::listing::{self, Columns, Listing, Show};
use super::summary;
use super::tokenize::Participant;
use crate::Failure;
use crate::arguments::{self, ListFormat, Memory, Resolve, Source};
use crate::commands::print;
use crate::files::envelope::read_as;
use crate::files::folders;
use crate::keys::guard;
use crate::output::part::Part;
use crate::output::{Makes, Pending, unnamed_file};
use crate::rows::remembered::{self, Remembered};
use crate::rows::source::Input;
use crate::rows::wanted::Wanted;
use crate::session::Session;

/// What the hub has told the member.
pub(super) enum Answer {
    Share(Share),
    Notice(Notice),
}

impl Answer {
    pub(super) fn kind(&self) -> &KindId {
        match self {
            Self::Share(share) => share.terms().context.kind(),
            Self::Notice(notice) => notice.terms().context.kind(),
        }
    }

    fn disclosure(&self) -> Disclosure {
        match self {
            Self::Share(share) => share.disclosure(),
            Self::Notice(notice) => notice.disclosure(),
        }
    }

    /// Returns the number of holders of a token, or of others who withdrew it.
    fn count(&self, index: usize) -> usize {
        match self {
            Self::Share(share) => share.holder_count(index),
            Self::Notice(notice) => notice.withdrawn_count(index),
        }
    }

    /// Returns the names of the holders, or of those who withdrew, if they are named.
    fn names(&self, index: usize) -> impl Iterator<Item = &str> {
        let holders = match self {
            Self::Share(share) => share.holders(index),
            Self::Notice(notice) => notice.withdrawn_by(index),
        };
        holders.into_iter().flat_map(Holders::names).map(|name| name.as_str())
    }
}

/// What one share or notice says about the rows.
struct Found {
    word: Answer,
    resolved: Resolved,
    oddities: Oddities,
    listed: Listing,
}

/// Names each kind that was asked for and has no share. If no row of that kind is listed, this means nothing.
fn say_unanswered(session: &mut Session, arguments: &Resolve, input: &Input<'_>, answered: &[KindId]) {
    if !arguments.notices.is_empty() {
        return; // a kind without withdrawals has no notice
    }
    for kind in
        input.wanted.iter().map(|wanted| wanted.kind.kind_id()).filter(|kind| !answered.contains(kind))
    {
        session.warn(format_args!("{kind}: no share was given, so nothing is said of these rows"));
        session.count(format_args!("{kind}/unanswered"), 1);
    }
}

pub(crate) fn run(session: &mut Session, arguments: &Resolve) -> Result<(), Failure> {
    if let Some(path) = &arguments.trail {
        return trail::run(session, arguments, path);
    }
    let (own, tokenizers) = Participant::of(session, &arguments.part)?;
    let passes = 1 + usize::from(arguments.with_values) + usize::from(arguments.subject_column.is_some());
    let input = Input::open(session, &arguments.source, passes)?;
    let subject = arguments.subject_column.as_deref().map(|name| input.subject(name)).transpose()?;
    let show = Show { subject, values: arguments.with_values, as_text: arguments.spreadsheet_safe };
    let skip_others = arguments.source.skip_others;
    let shares = folders::files_of(&arguments.shares, &["vsh"], skip_others)?;
    let notices = folders::files_of(&arguments.notices, &["vmn"], skip_others)?;
    if arguments.list_format == ListFormat::Parquet && io::stdout().is_terminal() {
        return Err(Failure::Usage("--list-format parquet writes bytes: send standard output to a file"));
    }
    let words = words(session, &own, &shares, &notices)?;
    require_each_kind_once(&words)?;
    let wanted: Vec<Wanted> = words.iter().map(|word| wanted(&input, word)).collect::<Result<_, _>>()?;
    let kinds: Vec<KindId> = words.iter().map(|word| word.kind().clone()).collect();
    say_unanswered(session, arguments, &input, &kinds);
    let tokenizers = tokenizers.keep(&own, &kinds)?.into_iter().map(|one| input.planned(one));
    let tokenizers: Vec<Tokenizer> = tokenizers.collect();
    guard::hold(&tokenizers[..]);
    let budget = match (arguments.memory, shares.first()) {
        (Some(memory), Some(share)) => Some(Budget::new(memory, share)?),
        _ => None,
    };
    let told = words.iter().map(|word| took_part(session, &own, word)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    let paths = shares.iter().chain(&notices);
    for (((word, path), wanted), tokenizer) in words.into_iter().zip(paths).zip(&wanted).zip(&tokenizers) {
        let named = |error| blame(error, path, &input);
        let resolved = find(&own, tokenizer, input.rows(wanted)?, &word, budget.as_ref());
        let resolved = resolved
            .map_err(|error| explained(session, &arguments.source, &arguments.part, &word, named(error)))?;
        let listed = listing::of(&input, wanted, &show, &resolved).map_err(named)?;
        let oddities = input.of_files_alone(wanted, resolved.oddities);
        found.push(Found { word, resolved, oddities, listed });
    }
    for Found { word, resolved, oddities, .. } in &found {
        session.count(format_args!("{}/resolved", word.kind()), resolved.rows.len() as u64);
        for line in summary::oddities(*oddities) {
            session.result(format_args!("{}: {line}", word.kind()));
        }
        if resolved.missing > 0 {
            session.result(format_args!(
                "warning: {}: {} tokens of the notice are of no row",
                word.kind(),
                resolved.missing
            ));
        }
    }
    let columns = Columns::of(&input, &wanted, &show);
    let form = arguments.list_format;
    if let Some(out) = &arguments.html {
        let own = page::of(&own, session.head(), &found, show.values);
        publish_page(session, out, |out| Ok(own.write_html(out)?))?;
    }
    session.at_last(move |session| {
        told.iter().flatten().for_each(|line| session.say(line));
        match form {
            ListFormat::Csv => print(|out| table::csv(out, &found, &columns)),
            ListFormat::Parquet => print(|out| table::parquet(out, &found, &columns)),
        }
    });
    Ok(())
}

/// Writes a page about the member's own rows.
fn publish_page(
    session: &mut Session,
    out: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), Error>,
) -> Result<(), Failure> {
    let mut page = Pending::file(out, session.force, Makes::Page, write)?;
    page.written.iter_mut().for_each(|file| file.has_open_tokens = true); // its rows could be guessed
    session.read_log_nonce()?;
    session.publish(page);
    Ok(())
}

/// Says what may have changed since the set was made, if the rows give another one.
pub(super) fn explained(
    session: &Session,
    source: &Source,
    part: &arguments::Part,
    word: &Answer,
    error: Error,
) -> Failure {
    let Answer::Share(share) = word else { return error.into() };
    let Some(set) = share.own_set().filter(|_| error.code() == "rows_differ") else { return error.into() };
    let now = remembered::options(source, part.suppression.as_deref());
    let why = match &session.config {
        Some(config) => Remembered::beside(config).map(|remembered| remembered.compare(set, &now)),
        None => Ok("expected the input that tokenize had, with its --column, --national-plan, --encoding, --delimiter and \
                    --suppression; or the hub matched an older set. A configuration remembers options (config init)"
            .to_owned()),
    };
    let by_cache = match part.custody.cache {
        Some(_) => {
            ". Or --cache is another than the set was made with: expected the round's, not a later one"
        }
        None => "",
    };
    match why {
        Ok(why) => Failure::Refused { code: "rows_differ", message: format!("{error}: {why}{by_cache}") },
        Err(unreadable) => unreadable.into(),
    }
}

/// Says who was matched for a share. The share lacks what others share with a member that was not matched.
pub(super) fn took_part(
    session: &mut Session,
    own: &Participant,
    word: &Answer,
) -> Result<Option<String>, Error> {
    let Answer::Share(share) = word else { return Ok(None) };
    let took_part = own.round.participation(share)?;
    session.count(format_args!("{}/sets", word.kind()), took_part.matched as u64);
    session.count(format_args!("{}/expected", word.kind()), took_part.expected as u64);
    Ok(Some(format!("{}: {took_part}", word.kind())))
}

/// Reads the shares, or the notices, of this member.
pub(super) fn words(
    session: &mut Session,
    own: &Participant,
    shares: &[PathBuf],
    notices: &[PathBuf],
) -> Result<Vec<Answer>, Error> {
    let mut words = Vec::new();
    let (now, member) = (session.now, &own.member.name);
    for path in shares {
        words.push(read_as(session, path, &own.round, FileType::Share, |bytes| {
            let share = Share::from_file_bytes(bytes)?;
            own.round.accept(&share, member)?;
            share.metadata().require_current(now)?;
            Ok(Answer::Share(share))
        })?);
    }
    for path in notices {
        words.push(read_as(session, path, &own.round, FileType::Notice, |bytes| {
            let notice = Notice::from_file_bytes(bytes)?;
            own.round.accept_notice(&notice, member)?;
            notice.metadata().require_current(now)?;
            Ok(Answer::Notice(notice))
        })?);
    }
    Ok(words)
}

/// The memory for the rows' tokens, and the folder for the tokens that do not fit.
pub(super) struct Budget {
    memory: Memory,
    /// A folder beside the first share.
    part: Part,
}

impl Budget {
    pub(super) fn new(memory: Memory, share: &Path) -> Result<Self, Error> {
        let share = if share == Path::new("-") { Path::new("share") } else { share };
        match Part::beside(share) {
            Ok(part) => Ok(Self { memory, part }),
            Err(error) => Err(Error::from(error).at(share.display().to_string())),
        }
    }

    fn builder(&self, terms: &Terms, own: &Participant, scratch: &str) -> Result<SetBuilder<'static>, Error> {
        let folder = self.part.scratch(scratch);
        SetBuilder::new(terms.clone(), own.member.name.clone(), self.memory.bytes(), &folder)
    }
}

/// Refuses two shares of one kind: each row would be listed twice.
pub(super) fn require_each_kind_once(words: &[Answer]) -> Result<(), Failure> {
    match (1..words.len()).find(|&at| words[..at].iter().any(|before| before.kind() == words[at].kind())) {
        None => Ok(()),
        Some(at) => {
            let what = match words[at] {
                Answer::Share(_) => "shares",
                Answer::Notice(_) => "notices",
            };
            let message = format!("two {what} of {}: expected one for each kind", words[at].kind());
            Err(Failure::Refused { code: "duplicate_share", message })
        }
    }
}

/// Returns where the identifiers of a kind are.
pub(super) fn wanted(input: &Input<'_>, word: &Answer) -> Result<Wanted, Failure> {
    let found = input.of_kind(word.kind());
    found.ok_or_else(|| {
        let message =
            format!("{0}: expected --column NAME={0} for its share or notice, or neither", word.kind());
        Failure::Refused { code: "kind_unasked", message }
    })
}

pub(super) fn find(
    own: &Participant,
    tokenizer: &Tokenizer,
    rows: Rows<'_>,
    word: &Answer,
    budget: Option<&Budget>,
) -> Result<Resolved, Error> {
    let member = &own.member.name;
    let Some(custodied) = &own.custodied else {
        return match (word, budget) {
            (Answer::Notice(notice), _) => resolve_notice(tokenizer, member, notice, rows),
            (Answer::Share(share), None) => resolve(tokenizer, member, share, rows),
            (Answer::Share(share), Some(budget)) => {
                resolve_within(tokenizer, share, rows, budget.builder(tokenizer.terms(), own, "spill")?)
            }
        };
    };
    let translator = custodied.translator(word.kind())?;
    let cache = || custodied.cache(tokenizer);
    match (word, budget) {
        (Answer::Notice(notice), _) => translator.resolve_notice(tokenizer, member, notice, rows, cache),
        (Answer::Share(share), None) => translator.resolve(tokenizer, member, share, rows, cache),
        (Answer::Share(share), Some(budget)) => {
            let of_tags = budget.builder(tokenizer.terms(), own, "tags")?;
            let builders = [of_tags, budget.builder(translator.terms(), own, "spill")?];
            let scratch = unnamed_file(&budget.part.scratch("sorted-tags"))?;
            translator.resolve_within(tokenizer, share, rows, (builders, scratch), cache)
        }
    }
}

/// Names the share or notice if it is at fault, and otherwise the rows.
pub(super) fn blame(error: Error, word: &Path, input: &Input<'_>) -> Error {
    match error {
        Error::TermsDiffer { .. } | Error::StrangeTokens { .. } => error.at(word.display().to_string()),
        // Either of the two may be at fault.
        Error::RowsDiffer { .. } => error.at(input.name()).at(word.display().to_string()),
        _ => input.blame(error),
    }
}
