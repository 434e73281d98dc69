"""Garbage for every parser of what devices send: nothing but a DecodeError may come out.

A long run of one target, which keeps what it found new in a folder:

    python -m tests.fuzz.run TARGET --runs 5000000 --seed 7 --keep FOLDER
"""
