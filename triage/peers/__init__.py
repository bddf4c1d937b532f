"""Other offices: whose fact-checks are read from their feeds, and how far they are trusted here."""
