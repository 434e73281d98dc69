"""Plans for walks, vans and cartons: plain data in, an audited plan out.

Importing this package loads no solver; the modules that need numba or OR-Tools import them.
"""
