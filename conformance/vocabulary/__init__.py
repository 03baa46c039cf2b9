"""What the specs are written in; ``conformance`` itself exports the words that a spec may use."""
