//! The staff mail of the case. It holds what people said, which the records are weighed against;
//! two passages are marked as exhibits and quoted here once, so that mark and mail cannot differ.

use crate::calendar::midnight;
use crate::listings::NamedFile;
use crate::mail::{Mailbox, Message, eml, mbox};

/// The sales team's assurance, in the second message of its mailbox.
pub(super) const SALES_QUOTE: &str =
    "they have never used our speech services and have no plans to";
/// File and row of it.
pub(super) const SALES_PLACE: (&str, u32) = ("sources/mail-sales/sales.mbox", 2);

/// The support team's assurance.
pub(super) const SUPPORT_QUOTE: &str =
    "nobody on this account has ever opened a case about transcription or speech";
/// File and row of it.
pub(super) const SUPPORT_PLACE: (&str, u32) = ("sources/mail-support/0002.eml", 1);

const ACCOUNTS: Mailbox<'static> = Mailbox {
    name: "Account desk (fictional)",
    address: "account-desk@sales.halden.example",
};
const LEAD: Mailbox<'static> = Mailbox {
    name: "Account lead (fictional)",
    address: "account-lead@sales.halden.example",
};
const ENGINEER: Mailbox<'static> = Mailbox {
    name: "Support engineer (fictional)",
    address: "engineer@support.halden.example",
};
const QUEUE: Mailbox<'static> = Mailbox {
    name: "Support queue (fictional)",
    address: "queue@support.halden.example",
};
const TRUST: Mailbox<'static> = Mailbox {
    name: "Trust office (fictional)",
    address: "trust@halden.example",
};
const BUREAU: Mailbox<'static> = Mailbox {
    name: "Bureau hosting desk (fictional)",
    address: "hosting@bureau.example",
};

/// The sales team's mailbox, as one mbox.
pub(super) fn sales() -> Vec<NamedFile> {
    let assurance = format!(
        "Hello,\n\n\
         I have managed this customer since 2023 and speak with them every month. To my\n\
         knowledge {SALES_QUOTE}.\n\
         They run a public web site and nightly backups with us, and that is what they\n\
         tell me they need us for.\n\n\
         I have not looked at any record for this answer. I would rather we did not make\n\
         more of it than it is: the renewal is due in the autumn.\n\n\
         Account lead\n"
    );
    let messages = [
        Message {
            id: "20250611.1@halden.example",
            from: TRUST,
            to: &[LEAD],
            cc: &[QUEUE],
            sent: midnight(2025, 6, 11) + 8 * 3_600 + 1_260,
            subject: "Bureau of Signals: two questions for our reply",
            in_reply_to: None,
            body: "Hello both,\n\n\
                   Reporters have asked what the Bureau keeps with us. For our reply I need to know\n\
                   by Friday:\n\n\
                   1. Have they used our speech services since last summer?\n\
                   2. Is the list of stores we hand to the review panel complete?\n\n\
                   Please answer from what you know. Storage will produce the list.\n\n\
                   Trust office\n",
        },
        Message {
            id: "20250612.4@halden.example",
            from: LEAD,
            to: &[TRUST],
            cc: &[ACCOUNTS],
            sent: midnight(2025, 6, 12) + 13 * 3_600 + 2_400,
            subject: "Re: Bureau of Signals: two questions for our reply",
            in_reply_to: Some("20250611.1@halden.example"),
            body: &assurance,
        },
        Message {
            id: "20250613.2@halden.example",
            from: TRUST,
            to: &[LEAD],
            cc: &[],
            sent: midnight(2025, 6, 13) + 9 * 3_600 + 300,
            subject: "Re: Bureau of Signals: two questions for our reply",
            in_reply_to: Some("20250612.4@halden.example"),
            body: "Thank you. I will write that our sales and support teams confirm it.\n\n\
                   Did anybody ask storage which regions their list was drawn from?\n\n\
                   Trust office\n",
        },
        Message {
            id: "20250613.9@halden.example",
            from: LEAD,
            to: &[TRUST],
            cc: &[],
            sent: midnight(2025, 6, 13) + 15 * 3_600 + 840,
            subject: "Re: Bureau of Signals: two questions for our reply",
            in_reply_to: Some("20250613.2@halden.example"),
            body: "Not that I know. I assume they list everything.\n\nAccount lead\n",
        },
    ];
    vec![NamedFile {
        name: SALES_PLACE.0.to_owned(),
        bytes: mbox(&messages),
    }]
}

/// The support team's mail, one message a file.
pub(super) fn support() -> Vec<NamedFile> {
    let assurance = format!(
        "Hello,\n\n\
         I went through our queue from memory and asked the two colleagues on shift:\n\
         {SUPPORT_QUOTE}.\n\
         We get the usual questions about certificates, quotas and restores.\n\n\
         What a customer does without asking us, we do not see here.\n\n\
         Support engineer\n"
    );
    let messages = [
        Message {
            id: "20250204.3@bureau.example",
            from: BUREAU,
            to: &[QUEUE],
            cc: &[],
            sent: midnight(2025, 2, 4) + 10 * 3_600 + 1_980,
            subject: "Quota for a second region",
            in_reply_to: None,
            body: "Good morning,\n\n\
                   please raise our object quota in the north region as discussed by phone. We\n\
                   expect a few thousand larger files over the coming weeks.\n\n\
                   Bureau hosting desk\n",
        },
        Message {
            id: "20250612.7@halden.example",
            from: ENGINEER,
            to: &[TRUST],
            cc: &[],
            sent: midnight(2025, 6, 12) + 16 * 3_600 + 660,
            subject: "Re: Bureau of Signals: two questions for our reply",
            in_reply_to: Some("20250611.1@halden.example"),
            body: &assurance,
        },
        Message {
            id: "20250205.1@halden.example",
            from: QUEUE,
            to: &[BUREAU],
            cc: &[ACCOUNTS],
            sent: midnight(2025, 2, 5) + 7 * 3_600 + 3_000,
            subject: "Re: Quota for a second region",
            in_reply_to: Some("20250204.3@bureau.example"),
            body: "Good morning,\n\nthe quota has been raised.\n\nSupport queue\n",
        },
    ];
    let numbered = (1..).zip(&messages);
    numbered
        .map(|(number, message)| NamedFile {
            name: format!("sources/mail-support/{number:04}.eml"),
            bytes: eml(message),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(files: &[NamedFile], name: &str, quote: &str) -> usize {
        files
            .iter()
            .filter(|file| file.name == name)
            .map(|file| String::from_utf8_lossy(&file.bytes).matches(quote).count())
            .sum()
    }

    #[test]
    fn each_quote_stands_on_one_line_of_the_place_that_is_named() {
        assert_eq!(count(&sales(), SALES_PLACE.0, SALES_QUOTE), 1);
        assert_eq!(count(&support(), SUPPORT_PLACE.0, SUPPORT_QUOTE), 1);
        let text = String::from_utf8_lossy(&sales()[0].bytes).into_owned();
        let before = text.split(SALES_QUOTE).next().unwrap_or_default();
        let row = before
            .lines()
            .filter(|line| line.starts_with("From "))
            .count();
        assert_eq!(row, SALES_PLACE.1 as usize);
    }
}
