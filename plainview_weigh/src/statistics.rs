//! Detection power and "at most" bounds (METHOD 4).
