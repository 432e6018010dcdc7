"""What the end-to-end suites of both engines and the random run have in common."""
