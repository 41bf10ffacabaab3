"""The pump: what the leg does in time, and what each stage of it returns."""
