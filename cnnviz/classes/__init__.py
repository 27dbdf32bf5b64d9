"""Classes: who is in one, what it is asked, what it answers, and what its teacher has locked.

Everything is in one file beside the store of jobs, and is deleted when the class is over.
"""
