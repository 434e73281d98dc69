"""What the planners' screens read, over all features.

The top room, beside journey: it only reads, and nothing reads it but screens.
"""
