"""`fastspec warmup` and `fastspec doctor`: getting a machine ready, and whether it is."""

from __future__ import annotations

import click

from fastspec.cli import exit_codes, output


@click.command()
@click.option("--n-fft", type=int, multiple=True, default=(1024, 2048), show_default=True, help="FFT lengths to plan.")
@click.option("--float64", is_flag=True, help="Also prepare double precision, which only the Python functions use.")
def warmup(n_fft: tuple[int, ...], float64: bool) -> int:
    """Compile and plan everything now, so that no later call has to."""
    from fastspec.diagnostics.warmup import warmup as warm_up

    done = warm_up(n_fft, float64=float64)
    kernels = f"kernels compiled: {len(done['kernels'])}" if done["kernels"] else "all kernels were compiled before"
    output.show(output.row(kernels, f"{done['compile_seconds']:.1f} s"))
    planned = f"FFTs of {', '.join(map(str, done['n_fft']))} samples planned"
    output.show(output.row(planned, f"{done['plan_seconds']:.1f} s"))
    return exit_codes.DONE


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--no-self-test", is_flag=True, help="Skip the self-test.")
def doctor(as_json: bool, no_self_test: bool) -> int:
    """Report versions, caches and threads, and whether this installation works."""
    from fastspec.diagnostics.doctor import as_text, doctor_report

    report = doctor_report(self_test=not no_self_test)
    if as_json:
        output.show_json(report, indent=2)
    else:
        output.show(as_text(report))
    return exit_codes.DONE if report["ok"] else exit_codes.FATAL
