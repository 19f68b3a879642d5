"""The production server: worker processes that share one listening socket, and a process that watches over them.

Each worker has one loop that talks to the network (waitress, extended here) and threads that run the application. A
thread is given to a request only when its head and body are there, and is free again as soon as its answer is handed
to the loop, so no thread ever waits for whoever is at the other end.

    supervisor.py  starts workers, starts another where one has died, stops them
    worker.py      one worker process
    server.py      its listening socket, the loop, who may connect and when it is over
    channel.py     one connection, as far as the loop deals with it
    request.py     reading a request
    task.py        writing an answer
    protocol.py    what the server asks the application before it reads a body
    limits.py      the numbers

This application's answers to what protocol.py asks are in config/site/admission.py.
"""
