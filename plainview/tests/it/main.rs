//! The binary, end to end: each test starts the built program on a case folder and looks at what it
//! printed, wrote and returned.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bills;
mod canary;
mod coverage;
mod damage;
mod demo;
mod documents;
mod find;
mod hiding;
mod hostile;
mod leaked;
mod listings;
mod locations;
mod losses;
mod privacy;
mod publishing;
mod resume;
mod samples;
mod servers;
mod sigma;
mod usage;
mod verbs;
mod weighing;
mod world;
