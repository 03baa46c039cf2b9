"""Scripts: composed from relations, drawn, completed with the calls that free waiting actors, reduced; never run."""
