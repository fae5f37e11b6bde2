//! What a verdict rests on (METHOD 9.2, 9.3).
