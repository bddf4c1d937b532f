"""What people with bad intentions send, made anew from a seed: texts, requests, a site to send them to."""
