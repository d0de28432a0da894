"""Single pictures (files, ultrasound frames, CT slices) and what a network says of them; no torch is imported here."""
