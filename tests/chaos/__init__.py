"""Chaos: real batches of small pictures and sounds, disturbed in every way that a hard week has, again and again.

    python -m tests.chaos --minutes 60 --seed 7

A round draws inputs from a pool whose right outputs are known, disturbs a batch over them one to three times, runs it
undisturbed with `--resume`, and looks whether the promises held: nothing lost, every output whole and of the bytes of
an undisturbed run, one record an input, nothing left over, no hang, no traceback, an exit code that means something.

`acts` holds the disturbances, `wire` what happens inside a process at a chosen step, `rounds` the promises, `world` the
pool, `process` the processes and their time limits, `plants` faults that the test must find.
"""
