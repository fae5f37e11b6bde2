//! Since when a verdict holds (METHOD 10.4).
