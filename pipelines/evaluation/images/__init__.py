"""How well a bundle judges single images: figures, files and pages."""
