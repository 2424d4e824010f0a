"""What breaks, proven: each test runs a wrong way and its exact failure, then the right way."""
