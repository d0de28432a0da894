"""Data sets that train networks of single images."""
