"""Pages that are made: from content files, from the tables of the battery, from the schemas of the code."""
