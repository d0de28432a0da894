"""Put real nodules into the lung of scans and see whether the pipeline finds them."""
