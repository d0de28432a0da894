"""Parts of the pages that people read: frame and style, tables, pictures, scripts."""
