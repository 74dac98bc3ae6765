"""The only home of QtGui and QtWidgets."""
