"""Training on a GPU that is lent for minutes: what goes there, what is done there, what comes back.

`pack` makes the pack, `start` is its first file there, `unpack` reads its pictures, `train_all` trains all networks in
turn, and `checkpoint_archive` brings their states home in small files.
"""
