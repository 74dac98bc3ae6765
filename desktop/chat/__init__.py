"""Live state that the widgets bind to: QObjects, QtCore only, no I/O of its own."""
