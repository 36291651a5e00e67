"""Documents on paper and as forms: one look for all of them (the only place with fpdf2 and pypdf)."""
