//! The frozen file form `plainview.weigh/0`.
