"""Exchange: its management shell over pypsrp, and web services over exchangelib; imported where used."""
