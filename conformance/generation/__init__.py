"""Scripts: composed over relations, drawn, freed of what they leave waiting, and reduced; nothing runs here."""
