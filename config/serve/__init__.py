"""`python -m config.serve`, from the project's folder: prepares what is asked for, and becomes the production server.

__main__.py      what the arguments of the command line mean
command.py       the command that runs the server
demo.py          --demo: a desk to try out, as `./dev run` wants it
static_files.py  --collect: the static files, gathered and compressed
"""
