"""Speed beside other ways of doing the same, each in a process of its own, in one run on one machine."""
