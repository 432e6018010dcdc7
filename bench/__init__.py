"""What `./dev bench` runs: measurements side by side, and the page that tells them."""
