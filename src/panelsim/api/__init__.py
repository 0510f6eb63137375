"""The HTTP service: thin over `panelsim.service`; who asks, what is asked, and how the answer looks."""
