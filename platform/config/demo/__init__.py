"""The demo customer: a dairy with two lines, made of loopback hosts."""
