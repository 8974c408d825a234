def pages(root):
    return {"tables.md": "# Tables\n"}
