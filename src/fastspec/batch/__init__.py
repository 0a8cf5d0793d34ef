"""Many files: which inputs become which outputs."""

from fastspec.batch.jobs import Job, plan_jobs

__all__ = ["Job", "plan_jobs"]
