"""How good our own work is: automatic answers judged by people, how fast and how surely, and in public."""
