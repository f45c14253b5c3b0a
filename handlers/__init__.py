"""What people see: one feature a file, each with a `build_router()`."""
