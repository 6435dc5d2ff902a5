"""What others have seen of the customer: asked for, without a packet to the plant."""
