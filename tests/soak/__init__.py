"""The random run: writers, schema changes and kills that one seed decides, and what has to hold meanwhile and at the
end. tests/soak/README.md tells how to read its findings."""
