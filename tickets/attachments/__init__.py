"""Files that people attach to tickets. Nothing of what they send is ever shown: a preview is a picture of our own."""
