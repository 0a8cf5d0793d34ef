"""Instruments that read pixels, and readers of facts that know no drawing tool."""
