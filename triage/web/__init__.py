"""The HTML faces: for reporters, for verifiers, and signing in."""
