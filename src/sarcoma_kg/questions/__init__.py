"""The packaged questions, their answers, and what stands behind each row.

Comes in: building and the doors.
Never: says what follows from an answer.
"""
