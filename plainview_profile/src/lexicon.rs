//! The fixed lexicon: extensions, words, content types, tiers and encryption, each as a tenant or provider writes them.
//! It refuses names of people and places: only words listed here, or seen under many keys, may be printed.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What an extension claims its objects to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Pictures.
    Image,
    /// Backups, disk images.
    Backup,
    /// Database files and dumps.
    Database,
    /// Logs and captures.
    Log,
    /// Columnar and table files.
    Lake,
    /// Training data.
    Training,
    /// Model weights.
    Model,
    /// Office documents.
    Document,
    /// Mail.
    Mail,
    /// Web pages and their parts.
    Web,
    /// Source code.
    Source,
    /// Software packages.
    Package,
    /// Instrument and research data.
    Science,
    /// Archives: say nothing about what is in them.
    Archive,
    /// Encrypted containers.
    Encrypted,
    /// Data in a general form (JSON, CSV, text).
    General,
}

impl Claim {
    /// The word a template shows for a class of extensions.
    pub fn word(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Image => "image",
            Self::Backup => "backup",
            Self::Database => "database",
            Self::Log => "log",
            Self::Lake => "lake",
            Self::Training => "training",
            Self::Model => "model",
            Self::Document => "document",
            Self::Mail => "mail",
            Self::Web => "web",
            Self::Source => "source",
            Self::Package => "package",
            Self::Science => "science",
            Self::Archive => "archive",
            Self::Encrypted => "encrypted",
            Self::General => "general",
        }
    }
}

/// Extensions by claim, lower case, without the dot.
const EXTENSIONS: &[(Claim, &str)] = &[
    (
        Claim::Audio,
        "wav mp3 opus ogg oga flac m4a aac amr awb gsm spx wma aif aiff alaw ulaw al ul g722 g729 sln vox caf pcm \
         weba mka sph",
    ),
    (
        Claim::Video,
        "mp4 mkv avi mov webm m4v mpg mpeg ts m2ts mts m3u8 flv wmv h264 h265 264 265 dav asf 3gp vob m4s mpd",
    ),
    (
        Claim::Image,
        "jpg jpeg png gif webp tif tiff bmp heic heif avif raw cr2 cr3 nef arw dng psd jp2",
    ),
    (
        Claim::Backup,
        "vhd vhdx vmdk qcow2 vdi img iso bak bkf vbk vib vrb vbm avhdx wim tib gho vma dmg",
    ),
    (
        Claim::Database,
        "sql dump dmp db sqlite sqlite3 mdf ldf ndf ibd frm myd myi rdb aof sst wt trn bson pgdump wal partial mdb \
         accdb dbf fdb backup",
    ),
    (
        Claim::Log,
        "log evtx pcap pcapng journal trace metrics prom audit etl syslog",
    ),
    (
        Claim::Lake,
        "parquet orc avro crc delta hudi lance feather manifest",
    ),
    (
        Claim::Training,
        "tfrecord tfrecords npy npz arrow mds wds lmdb recordio idx jsonl",
    ),
    (
        Claim::Model,
        "safetensors pt pth ckpt onnx gguf ggml tflite pb keras pkl joblib mlmodel engine distcp",
    ),
    (
        Claim::Document,
        "pdf doc docx docm dot dotx xls xlsx xlsm xlsb ppt pptx pptm odt ods odp rtf pages numbers epub mobi djvu ps \
         xps vsd vsdx dwg tex bib",
    ),
    (Claim::Mail, "eml emlx mbox mbx msg pst ost nsf dbx tnef"),
    (
        Claim::Web,
        "html htm xhtml css scss sass less js mjs cjs map svg ico woff woff2 ttf otf eot webmanifest php jsp aspx hbs \
         vue jsx tsx wasm rss atom",
    ),
    (
        Claim::Source,
        "rs py pyi c h cc cpp cxx hpp hh java go zig kt kts swift rb cs fs scala clj hs ml mli ex exs erl lua pl pm \
         sh bash zsh fish bat ps1 toml lock cmake mk gradle csproj vcxproj proto asm s cu jl nix el vim patch diff \
         gemspec ipynb d nim dart mod sum bzl rast in cfg ini po ftl tf hcl",
    ),
    (
        Claim::Package,
        "whl jar war ear deb rpm apk crate gem nupkg egg msi exe dll so dylib snap flatpak pom aar conda sha1 sha256 \
         sha512 md5 asc sig cab pkg",
    ),
    (
        Claim::Science,
        "nii nii.gz dcm fits fit nc nc4 hdf hdf5 h5 he5 nwb edf bdf eeg vhdr vmrk fif set fdt meg4 acq hc hist infods \
         newds cls bvec bval mat ome.tiff ome.tif ome.zarr czi nd2 lif bam bai cram crai vcf vcf.gz bcf fastq \
         fastq.gz fq fq.gz fasta fa bed gff gtf sam mzml grib grib2 grb grb2 root las laz segy sgy cdf pdb cif mgz \
         gii surf trk tck sac mseed spm ch tsv zarr n5 e57",
    ),
    (
        Claim::Archive,
        "zip tar tar.gz tgz tar.bz2 tbz2 tar.xz txz tar.zst 7z rar gz bz2 xz zst lz4 lzma z br sz",
    ),
    (
        Claim::Encrypted,
        "enc gpg pgp age aes crypt p7m encrypted cpt",
    ),
    (
        Claim::General,
        "json csv txt md markdown rst xml yaml yml dat data bin json.gz csv.gz txt.gz xml.gz ndjson log.gz log.zst \
         jsonl.gz sql.gz dump.gz parquet.gz snappy.parquet gz.parquet zstd.parquet c000 adoc xsd xsl tmp temp part \
         chunk blob block seg obj out",
    ),
];

/// Compound extensions whose claim is that of what they compress.
const COMPOUND_CLAIMS: &[(&str, Claim)] = &[
    ("log.gz", Claim::Log),
    ("log.zst", Claim::Log),
    ("sql.gz", Claim::Database),
    ("dump.gz", Claim::Database),
    ("parquet.gz", Claim::Lake),
    ("snappy.parquet", Claim::Lake),
    ("gz.parquet", Claim::Lake),
    ("zstd.parquet", Claim::Lake),
    ("jsonl.gz", Claim::Training),
];

/// Words that may be printed and weighed, by what they claim. Lower case.
const WORDS: &[(&str, &str)] = &[
    (
        "calls",
        "call calls rec recs callrec callrecordings voicerec monitor mixmonitor inbound outbound \
         incoming outgoing ivr pbx trunk agent agents queue telephony intercept callcenter voip sip leg",
    ),
    (
        "voice",
        "recording recordings voice voicemail audio speech sound sounds podcast podcasts music track tracks song songs album albums \
         episode episodes audiobook audiobooks dictation voicenote voicenotes utterance utterances speaker wavs clips \
         stems",
    ),
    (
        "camera",
        "cam cams camera cameras cctv nvr dvr footage surveillance channel segment segments stream streams",
    ),
    (
        "video",
        "video videos movie movies film films vod hls dash meeting meetings webinar clip",
    ),
    (
        "image",
        "image images img imgs photo photos picture pictures thumb thumbs thumbnail thumbnails avatar avatars orig \
         original medium large small gallery upload uploads scan scans tiles",
    ),
    (
        "backup",
        "backup backups snapshot snapshots vm vms vhds disk disks full incremental incr diff differential nightly \
         daily weekly monthly restore repository veeam retention",
    ),
    (
        "database",
        "db database databases pg postgres postgresql mysql mariadb mongo mongodb mssql oracle redis wal basebackup \
         basebackups binlog binlogs dump dumps archivelog xlog",
    ),
    (
        "log",
        "log logs logging awslogs cloudtrail vpcflowlogs flowlogs elasticloadbalancing cloudfront accesslog access \
         error errors audit syslog telemetry metrics metric events event trace traces insights resourceid nginx \
         apache",
    ),
    (
        "lake",
        "warehouse lake datalake bronze silver gold curated staging landing raw table tables partition part dt date \
         year month day hour region success delta iceberg hive spark temporary metadata",
    ),
    (
        "training",
        "dataset datasets train training val valid validation test tests eval shard shards of corpus corpora \
         annotations labels features embeddings tokenized",
    ),
    (
        "model",
        "model models checkpoint checkpoints ckpt weights step epoch pytorch tensorflow adapter optimizer llm \
         experiments runs",
    ),
    (
        "document",
        "document documents docs doc contract contracts invoice invoices report reports letter letters minutes memo \
         policy policies presentation legal finance hr office files file shared form forms manual statement \
         statements",
    ),
    (
        "mail",
        "mail mails email emails mailbox mailboxes inbox sent message messages journal exchange attachments \
         attachment imap",
    ),
    (
        "web",
        "static assets asset public www html css js fonts font site website web index bundle chunk chunks vendor \
         locales content pages blog media templates theme themes layouts favicon",
    ),
    (
        "source",
        "src source lib libs crates packages package maven maven2 npm pypi simple pool dist dists release releases \
         com org io include bin main java examples example scripts tools artifacts artifact build builds target init \
         mod readme license changelog",
    ),
    (
        "container",
        "blobs sha256 docker registry v2 layers layer manifests oci containers",
    ),
    (
        "science",
        "sub ses run task acq anat func dwi eeg meg ieeg bold beh micr derivatives participants channels coordsystem \
         electrodes sidecar stim sourcedata rawdata subject subjects session sessions sample samples instrument \
         satellite goes abi nexrad radar sentinel landsat granule granules noaa genome genomes sequence lidar \
         telescope observation observations fmri mri t1w t2w spim dicom series study studies or rad ds",
    ),
    (
        "chunks",
        "objects object pack packs lfs cas dedup restic borg keys segmentstore",
    ),
    (
        "plain",
        "data archive archives tmp temp cache export exports import imports input output in out prod production dev stage \
         config configs store storage en de fr es it pt ru zh ja ko tr the and a b x y z s e c v t p id utc gmt",
    ),
];

/// An extension as the lexicon knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// Number in the lexicon, from 1; permanent within a version of the lexicon.
    pub number: u16,
    /// The extension, lower case, without the dot.
    pub text: &'static str,
    /// What it claims.
    pub claim: Claim,
    /// Trailing tokens of the key that it covers.
    pub tokens: usize,
}

/// The lexicon as sorted tables: look-ups happen for every object.
#[derive(Debug)]
pub struct Lexicon {
    /// By text.
    extensions: Vec<Extension>,
    /// By number.
    by_number: Vec<Extension>,
    /// Word, number, group; by word.
    words: Vec<(&'static str, u16, &'static str)>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);

/// The one lexicon.
pub fn lexicon() -> &'static Lexicon {
    &LEXICON
}

/// Longest extension looked up, in bytes.
const EXTENSION_BYTES_MAX: usize = 16;

/// Longest word looked up, in bytes.
const WORD_BYTES_MAX: usize = 24;

impl Lexicon {
    fn build() -> Self {
        let listed = EXTENSIONS
            .iter()
            .flat_map(|(claim, list)| list.split(' ').map(|text| (*claim, text)));
        let by_number: Vec<Extension> = listed
            .zip(1_u16..)
            .map(|((claim, text), number)| {
                let compound = COMPOUND_CLAIMS
                    .iter()
                    .find(|(compound, _)| *compound == text);
                let claim = compound.map_or(claim, |(_, claim)| *claim);
                Extension {
                    number,
                    text,
                    claim,
                    tokens: 1 + text.matches('.').count(),
                }
            })
            .collect();
        let mut extensions = by_number.clone();
        extensions.sort_unstable_by_key(|extension| extension.text);
        let listed = WORDS
            .iter()
            .flat_map(|(group, list)| list.split(' ').map(|word| (word, *group)));
        let mut words: Vec<_> = listed
            .zip(1_u16..)
            .map(|((word, group), number)| (word, number, group))
            .collect();
        words.sort_unstable();
        Self {
            extensions,
            by_number,
            words,
        }
    }

    /// The extension that a key claims: the longest known one after a dot of its last path segment.
    pub fn extension(&self, key: &str) -> Option<Extension> {
        let segment = key.rsplit('/').next().unwrap_or(key).as_bytes();
        let last = segment
            .iter()
            .rposition(|byte| *byte == b'.')
            .filter(|at| *at > 0)?;
        let compound = segment[..last]
            .iter()
            .rposition(|byte| *byte == b'.')
            .filter(|at| *at > 0);
        compound
            .and_then(|at| self.lookup(&segment[at + 1..]))
            .or_else(|| self.lookup(&segment[last + 1..]))
    }

    fn lookup(&self, text: &[u8]) -> Option<Extension> {
        let mut lower = [0_u8; EXTENSION_BYTES_MAX];
        let lower = lower.get_mut(..text.len())?;
        lower.copy_from_slice(text);
        lower.make_ascii_lowercase();
        let found = self
            .extensions
            .binary_search_by(|known| known.text.as_bytes().cmp(lower))
            .ok()?;
        Some(self.extensions[found])
    }

    /// The extension with this number.
    pub fn by_number(&self, number: u16) -> Option<Extension> {
        self.by_number
            .get(usize::from(number).checked_sub(1)?)
            .copied()
    }

    /// The number of a key's first directory where it is a word of the lexicon; zero otherwise.
    pub fn directory(&self, key: &str) -> u16 {
        let Some((first, _)) = key.split_once('/') else {
            return 0;
        };
        // A short word of a-f may be a shard of hex names.
        if first.len() < 3 || first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return 0;
        }
        self.find(first).map_or(0, |(_, number, _)| number)
    }

    /// The word with this number.
    pub fn word(&self, number: u16) -> Option<&'static str> {
        self.words
            .iter()
            .find(|(_, known, _)| *known == number)
            .map(|(word, _, _)| *word)
    }

    /// Whether a word may be printed. Case does not matter.
    pub fn is_word(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// The group of a word, for example `calls`. Case does not matter.
    pub fn group(&self, text: &str) -> Option<&'static str> {
        self.find(text).map(|(_, _, group)| group)
    }

    fn find(&self, text: &str) -> Option<(&'static str, u16, &'static str)> {
        let mut lower = [0_u8; WORD_BYTES_MAX];
        let lower = lower.get_mut(..text.len())?;
        lower.copy_from_slice(text.as_bytes());
        lower.make_ascii_lowercase();
        let found = self
            .words
            .binary_search_by(|(word, _, _)| word.as_bytes().cmp(lower))
            .ok()?;
        Some(self.words[found])
    }
}

/// The class of a declared content type; a fixed set, so that hostile values cannot grow the state.
pub fn content_class(declared: Option<&str>) -> &'static str {
    let Some(declared) = declared.map(str::trim).filter(|text| !text.is_empty()) else {
        return "none";
    };
    let lower = declared.to_ascii_lowercase();
    let main = lower.split('/').next().unwrap_or("");
    match main {
        "audio" => "audio",
        "video" => "video",
        "image" => "image",
        "font" => "web",
        "message" => "mail",
        "text"
            if lower.starts_with("text/html")
                || lower.starts_with("text/css")
                || lower.contains("javascript") =>
        {
            "web"
        }
        "text" => "text",
        _ if lower.contains("octet-stream") => "octet_stream",
        _ if lower.contains("javascript") => "web",
        _ if lower.contains("json")
            || lower.contains("xml") && !lower.contains("officedocument") =>
        {
            "text"
        }
        _ if lower.contains("pdf")
            || lower.contains("word")
            || lower.contains("officedocument")
            || lower.contains("opendocument") =>
        {
            "document"
        }
        _ if lower.contains("zip") || lower.contains("tar") || lower.contains("compressed") => {
            "archive"
        }
        _ => "other",
    }
}

/// The class of a tier as listed.
pub fn tier_class(listed: Option<&str>) -> &'static str {
    let Some(listed) = listed.map(str::trim).filter(|text| !text.is_empty()) else {
        return "none";
    };
    let lower = listed.to_ascii_lowercase();
    match lower.as_str() {
        "hot" | "standard" | "premium" | "express_onezone" | "reduced_redundancy" => "hot",
        "cool" | "standard_ia" | "onezone_ia" | "nearline" => "cool",
        "cold" | "glacier_ir" | "coldline" => "cold",
        "archive" | "glacier" | "deep_archive" => "archive",
        "intelligent_tiering" => "automatic",
        _ => "other",
    }
}

/// The class of encryption as listed: whose key it is.
pub fn encryption_class(listed: Option<&str>) -> &'static str {
    let Some(listed) = listed.map(str::trim).filter(|text| !text.is_empty()) else {
        return "none_listed";
    };
    let lower = listed.to_ascii_lowercase();
    if lower.contains("sse-c") || lower.contains("customer") || lower.contains("cpk") {
        "customer_provided_key"
    } else if lower.contains("kms") || lower.contains("cmk") || lower.contains("scope") {
        "managed_key_service"
    } else if lower == "not-sse" || lower == "false" || lower == "none" {
        "not_encrypted"
    } else {
        "provider_key"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_extension_and_word_is_listed_once() {
        let extensions: Vec<&str> = EXTENSIONS
            .iter()
            .flat_map(|(_, list)| list.split(' '))
            .collect();
        assert_eq!(
            extensions.len(),
            extensions.iter().collect::<BTreeSet<_>>().len()
        );
        let words: Vec<&str> = WORDS.iter().flat_map(|(_, list)| list.split(' ')).collect();
        let twice: Vec<&&str> = words
            .iter()
            .filter(|word| words.iter().filter(|other| other == word).count() > 1)
            .collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn extensions_are_found_in_the_last_segment() {
        let lexicon = lexicon();
        let text = |key: &str| lexicon.extension(key).map(|extension| extension.text);
        assert_eq!(text("a/b.WAV"), Some("wav"));
        assert_eq!(text("a/part-0-c000.snappy.parquet"), Some("snappy.parquet"));
        assert_eq!(text("sub-01_bold.nii.gz"), Some("nii.gz"));
        assert_eq!(text("a.wav/b"), None);
        assert_eq!(text(".gitignore"), None);
        assert_eq!(text("x/.json"), None);
        assert_eq!(text("v1.2.unheardof"), None);
        let gz = lexicon
            .extension("x.log.gz")
            .map(|extension| (extension.claim, extension.tokens));
        assert_eq!(gz, Some((Claim::Log, 2)));
        for number in 1..=10 {
            assert_eq!(
                lexicon.by_number(number).map(|extension| extension.number),
                Some(number)
            );
        }
        assert_eq!(
            lexicon.word(lexicon.directory("Recordings/x")),
            Some("recordings")
        );
        assert_eq!(lexicon.directory("alice/x"), 0);
    }
}
