//! Which mails belong to one thread.
//!
//! Two mails do when one names the other's Message-ID in `In-Reply-To` or `References`, when both name the same third mail,
//! whether or not that one is among the records, or when one is a copy of the other that was saved again under a new id.
//! Subjects are never compared: anyone may write any subject.
//!
//! A thread is the set of all that is so joined within one source, whatever the order of files. Its id comes from its
//! smallest member, so it is the same for the same records.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::limits::MAILS_REMEMBERED_MAX;

use super::mime::Mail;

/// A member of a thread: a Message-ID or the identity of a mail, hashed.
type Member = [u8; 16];

/// Members joined with one another.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// Member -> another of its thread, nearer to the smallest; one that stands for itself is the smallest.
    above: BTreeMap<Member, Member>,
    /// Whether ids were left out.
    pub(super) is_full: bool,
}

impl Threads {
    /// Joins what one mail joins.
    pub(super) fn add(&mut self, mail: &Mail, identity: &[u8; 16]) {
        let first = own(identity);
        self.insert(first);
        for member in ids(mail) {
            self.insert(member);
            self.join(first, member);
        }
    }

    /// The thread of a mail that was added; none when neither it nor a copy of it names an id.
    pub(super) fn of(&self, identity: &[u8; 16]) -> Option<[u8; 16]> {
        let member = own(identity);
        let top = self.top(member);
        (top != member).then_some(top)
    }

    fn insert(&mut self, member: Member) {
        if self.above.len() >= MAILS_REMEMBERED_MAX && !self.above.contains_key(&member) {
            self.is_full = true;
            return;
        }
        self.above.entry(member).or_insert(member);
    }

    fn top(&self, mut member: Member) -> Member {
        while let Some(above) = self.above.get(&member) {
            if *above == member {
                break;
            }
            member = *above;
        }
        member
    }

    fn join(&mut self, a: Member, b: Member) {
        if !self.above.contains_key(&a) || !self.above.contains_key(&b) {
            return;
        }
        let (top_a, top_b) = (self.top(a), self.top(b));
        let top = top_a.min(top_b);
        // The way up is shortened as it is walked, so that long threads stay quick.
        for member in [a, b, top_a, top_b] {
            self.above.insert(member, top);
        }
    }
}

/// The member that stands for a mail itself. It sorts behind every id, so that a thread is known by an id whenever it has one.
fn own(identity: &[u8; 16]) -> Member {
    let mut member = hashed(b"mail", identity);
    member[0] = u8::MAX;
    member
}

/// The members that a mail's fields name.
fn ids(mail: &Mail) -> Vec<Member> {
    [&mail.message_id, &mail.in_reply_to, &mail.references]
        .into_iter()
        .flatten()
        .flat_map(|field| message_ids(field))
        .map(|id| {
            let mut member = hashed(b"id", id.as_bytes());
            member[0] &= 0x7f;
            member
        })
        .collect()
}

/// The ids in a field: what stands in angle brackets; a field without any is taken whole when it is one word with `@`.
fn message_ids(field: &str) -> Vec<&str> {
    let inside: Vec<&str> = field
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.trim())
        .filter(|id| !id.is_empty())
        .collect();
    let bare = field.trim();
    if inside.is_empty() && bare.contains('@') && !bare.contains(char::is_whitespace) {
        return vec![bare];
    }
    inside
}

fn hashed(kind: &[u8], bytes: &[u8]) -> Member {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update([0]);
    hash.update(bytes);
    let digest = hash.finalize();
    std::array::from_fn(|n| digest[n])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(id: &str, reply: &str, references: &str) -> Mail {
        let field = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Mail {
            message_id: field(id),
            in_reply_to: field(reply),
            references: field(references),
            ..Mail::default()
        }
    }

    #[test]
    fn the_order_of_mails_does_not_matter() {
        // c answers b, b answers a; a is not among the records. d has nothing to do with them; e is a copy of c.
        let mails = [
            (mail("<c@x.example>", "<b@x.example>", ""), [3; 16]),
            (
                mail("<b@x.example>", "", "<a@x.example> <older@x.example>"),
                [2; 16],
            ),
            (mail("<d@x.example>", "", ""), [4; 16]),
            (mail("<new@x.example>", "", ""), [3; 16]),
            (mail("", "", ""), [5; 16]),
        ];
        let of = |order: &[usize]| {
            let mut threads = Threads::default();
            for &n in order {
                threads.add(&mails[n].0, &mails[n].1);
            }
            mails
                .iter()
                .map(|(_, identity)| threads.of(identity))
                .collect::<Vec<_>>()
        };
        let forward = of(&[0, 1, 2, 3, 4]);
        assert_eq!(forward, of(&[4, 3, 2, 1, 0]));
        assert_eq!(forward, of(&[1, 3, 0, 4, 2]));
        assert_eq!(forward[0], forward[1]);
        assert_eq!(forward[0], forward[3]);
        assert_ne!(forward[0], forward[2]);
        assert!(forward[2].is_some());
        assert_eq!(forward[4], None);
    }

    #[test]
    fn ids_are_what_stands_in_brackets() {
        assert_eq!(
            message_ids("<a@b> (x) <c@d>,<e@f> <unclosed"),
            ["a@b", "c@d", "e@f"]
        );
        assert_eq!(message_ids("bare@id"), ["bare@id"]);
        assert!(message_ids("Your message of Monday").is_empty());
    }
}
