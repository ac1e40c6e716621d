"""What the topic cards and a broker differ in, how to say so, and how to mend it."""
