//! Closed lists of words: each becomes an enum that knows its own spelling in `case.toml`.
//!
//! One macro keeps the spelling in a single place, so parsing, printing, canonical JSON and the
//! "nearest known name" of a diagnostic can never disagree. It refuses any spelling but the listed one.

use std::fmt;

/// A word that is not on a closed list; printed when a word is parsed outside `case.toml`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not one of: {known}")]
pub struct UnknownWord {
    /// The word as found.
    pub found: String,
    /// The closed list, joined with commas.
    pub known: String,
}

/// An enum whose values are words of `case.toml`.
pub(crate) trait Word: Copy + Sized + fmt::Debug + 'static {
    /// Every word with its value, in the order of the specification.
    const WORDS: &'static [(&'static str, Self)];
}

/// Declares an enum of words with its spellings, `ALL`, `as_str`, `Display`, `FromStr` and `Serialize`.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $Name { $( $(#[$variant_meta])* $Variant ),+ }

        impl $Name {
            /// Every value, in the order of the specification.
            $vis const ALL: &'static [$Name] = &[ $( $Name::$Variant ),+ ];

            /// The word as written in `case.toml`.
            $vis const fn as_str(self) -> &'static str {
                match self { $( $Name::$Variant => $word ),+ }
            }
        }

        impl crate::words::Word for $Name {
            const WORDS: &'static [(&'static str, Self)] = &[ $( ($word, $Name::$Variant) ),+ ];
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $Name {
            type Err = crate::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $word => Ok($Name::$Variant), )+
                    _ => Err(crate::words::UnknownWord {
                        found: text.to_owned(),
                        known: [ $( $word ),+ ].join(", "),
                    }),
                }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
