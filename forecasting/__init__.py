"""Forecasts of demand: plain series in, quantiles out. No forecast is in it yet.

Like `routing` it is to know no database, no HTTP and no calendar clock, and stands here so that
the import contracts hold it to that from its first line on.
"""
