"""What training and use of the line extractor must agree on."""

# In the loss a pixel of full ink counts as much as so many of paper; the network's answer is that much too dark.
INK_WEIGHT = 3.0
