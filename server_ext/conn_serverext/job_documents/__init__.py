"""Documents of other schedulers, ready to use: one text file for each."""
