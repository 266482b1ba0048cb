"""Scans and photos of returned documents, made from the corpus: see README.md."""
