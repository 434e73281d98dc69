"""Forecast kernels: each steps through time with all series and all parameters at once."""
