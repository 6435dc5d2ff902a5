"""A local mailbox that receives the demo's mails and webhook calls."""

# The name hides the mailbox formats of the standard library. Only the Maildir handler
# of aiosmtpd would use those, and nothing here does.
