"""What a name of a person may be, what stands in where there is none, and how both are drawn and compared."""
