"""Letters to officials who asked to be told when a claim rises: to whom, when, what they say, how they go.

`subscriptions`: who asked; `owing`: when letters are due; `quiet`: when nobody is disturbed; `claims` and
`letters`: what is written; `post`: the mail server; `sending`: each letter, once.
"""
