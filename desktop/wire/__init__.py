"""HTTP bytes to records. Knows no provider; the only home of httpx."""
