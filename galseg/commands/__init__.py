"""One file a verb: read the inputs, call the library, write the outputs."""
